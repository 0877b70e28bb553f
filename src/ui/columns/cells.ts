/** Cells that several tables share: readings with their freshness, server states, lag, threads. */
import type { HaproxyServer, ServerState } from "../../model/haproxy.ts";
import { lastKnown, type Reading } from "../../model/reading.ts";
import type { ChannelSnapshot } from "../../model/snapshot.ts";
import { formatAge, formatDuration } from "../format/duration.ts";
import { UNKNOWN } from "../format/number.ts";
import type { Glyphs } from "../glyphs.ts";
import { type Line, segment } from "../paint.ts";
import type { LagLimits } from "../state/state.ts";
import type { Token } from "../theme.ts";
import type { CellContext } from "./column.ts";

export type Freshness = "fresh" | "stale" | "failed" | "never";

/** Mark in front of a value that is past, not present. */
export const STALE_MARK = "~";

export const UNKNOWN_CELL: Line = [segment(UNKNOWN, "unknown")];
const BLANK_CELL: Line = [segment("")];

/**
 * A cell made from a reading: as it is while fresh, dim and marked `~` while stale, `?` when the last try failed or there was none.
 * `draw` returning null means that this part of the report is unknown.
 */
export function readingCell<T>(reading: Reading<T>, draw: (value: T) => Line | null): Line {
  if (reading.state === "never" || reading.state === "failed") return UNKNOWN_CELL;
  const line = draw(reading.value);
  if (line === null) return UNKNOWN_CELL;
  return reading.state === "fresh" ? line : staleLine(line);
}

/** The same text, looking past: dim and marked. */
export function staleLine(line: Line): Line {
  return [segment(STALE_MARK + line.map((part) => part.text).join(""), "stale")];
}

/** Blank while fresh; `~12s` stale; `✖12s` failed (age of the last good value); `?` never. */
export function ageCell<T>(reading: Reading<T>, context: CellContext): Line {
  switch (reading.state) {
    case "fresh":
      return BLANK_CELL;
    case "stale":
      return [segment(STALE_MARK + formatAge(context.now - reading.at), "warning")];
    case "never":
      return UNKNOWN_CELL;
    case "failed": {
      const known = lastKnown(reading);
      const age = known === null ? UNKNOWN : formatAge(context.now - known.at);
      return [segment(context.glyphs.health.critical + age, "critical")];
    }
  }
}

export const STATE_WORDS: Readonly<Record<ServerState, string>> = {
  up: "UP",
  down: "DOWN",
  maint: "MAINT",
  drain: "DRAIN",
  nolb: "NOLB",
  unchecked: "NOCHK",
  unknown: UNKNOWN,
};

export const STATE_TOKENS: Readonly<Record<ServerState, Token>> = {
  up: "ok",
  down: "critical",
  maint: "maint",
  drain: "drain",
  nolb: "warning",
  unchecked: "info",
  unknown: "unknown",
};

/** Shape and word of a server's state; stale: `~UP`; failed: `?`, for nobody knows what it is now. */
export function stateCell(server: HaproxyServer, freshness: Freshness, glyphs: Glyphs): Line {
  if (freshness === "failed" || freshness === "never") return UNKNOWN_CELL;
  if (server.state === "unknown") return UNKNOWN_CELL;
  const text = glyphs.server[server.state] + STATE_WORDS[server.state];
  return freshness === "stale" ? [segment(STALE_MARK + text, "stale")] : [segment(text, STATE_TOKENS[server.state])];
}

/** Seconds of lag by the limits of the cluster; null is `?`. */
export function lagCell(lagSeconds: number | null, limits: LagLimits): Line {
  if (lagSeconds === null) return UNKNOWN_CELL;
  const token: Token =
    lagSeconds >= limits.criticalSeconds ? "critical" : lagSeconds >= limits.warningSeconds ? "warning" : "ok";
  return [segment(formatDuration(lagSeconds), token)];
}

const THREAD_WORDS = { yes: "Yes", no: "No", connecting: "Conn" } as const;

/** `Yes/Yes`, `Conn/Yes`, `No/No`: receiver and applier of one channel. */
export function threadsCell(channel: Pick<ChannelSnapshot, "io" | "sql">): Line {
  const token: Token =
    channel.io === "no" || channel.sql === "no" ? "critical" : channel.io === "connecting" ? "warning" : "ok";
  return [segment(`${THREAD_WORDS[channel.io]}/${THREAD_WORDS[channel.sql]}`, token)];
}

/** The number of a binary log and the offset in it, `000012:4711`: its base name is the same everywhere. */
export function formatPosition(file: string | null, position: number | null): string {
  if (file === null || position === null || file === "") return UNKNOWN;
  const number = /\.(\d+)$/.exec(file)?.[1];
  return `${number ?? file}:${position}`;
}
