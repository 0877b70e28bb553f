/** Where writes really go, who answered for reads last, and who holds the floating address, as the header says it: `writes db1 2s  reads db3 2s  IP lb1`. Empty where neither is asked. */
import type { FloatingIpSnapshot } from "../../model/floating-ip.ts";
import type { EpochMs } from "../../model/reading.ts";
import type { RouteProbeView } from "../../model/route-probe.ts";
import type { ClusterSnapshot } from "../../model/snapshot.ts";
import { formatAge } from "../format/duration.ts";
import { safeText, truncateMiddle } from "../format/text.ts";
import type { Glyphs } from "../glyphs.ts";
import { type Segment, segment } from "../paint.ts";

/** A stranger brings its own name. */
const MAX_NAME = 32;

export function selectRouteSegments(
  { writer, readerRoutes = [], floatingIp }: ClusterSnapshot,
  now: EpochMs,
  glyphs: Glyphs,
  nameCells = MAX_NAME,
): Segment[] {
  const cut = (name: string): string => truncateMiddle(safeText(name), Math.min(MAX_NAME, nameCells), glyphs.ellipsis);
  const told = (what: string, probe: RouteProbeView | null): Segment[] =>
    probe === null || probe.state === "never" ? [] : [segment(`  ${what} `, "dim"), ...probed(probe, now, glyphs, cut)];
  return [
    ...told("writes", writer?.probe ?? null),
    ...readerRoutes.flatMap(({ probe }) => told("reads", probe)),
    ...(floatingIp == null ? [] : [segment("  IP ", "dim"), holder(floatingIp, glyphs, cut)]),
  ];
}

function probed(
  { state, last, failure, mismatch, confirmed }: RouteProbeView,
  now: EpochMs,
  glyphs: Glyphs,
  cut: (name: string) => string,
): Segment[] {
  const age = last === null ? "" : ` ${formatAge(Math.max(0, now - last.at))}`;
  if (state === "failed") return [segment(`${glyphs.health.critical}${failure?.kind ?? "failed"}${age}`, "critical")];
  if (state !== "fresh" || last === null) return [segment(`${glyphs.health.unknown}${age}`, "unknown")];
  const name = cut(last.name);
  if (mismatch === null) return [segment(name, "text"), segment(age, "dim")];
  const level = confirmed ? "critical" : "warning";
  return [segment(`${glyphs.health[level]}${name}`, level), segment(age, "dim")];
}

function holder({ state, holders }: FloatingIpSnapshot, glyphs: Glyphs, cut: (name: string) => string): Segment {
  const names = cut(holders.join("+"));
  if (state === "held") return segment(names, "text");
  if (state === "unknown") return segment(glyphs.health.unknown, "unknown");
  return segment(`${glyphs.health.critical}${state === "none" ? "nobody" : names}`, "critical");
}
