/** Options of the commands that change something, as typed, and what they mean. */
import { UsageError } from "../../config/config-error.ts";
import { quoteValue } from "../../config/decode/scalar.ts";
import { parseDuration } from "../../config/parse-duration.ts";
import { TextError } from "../../config/text-error.ts";
import type { CommandRequest } from "../../model/operation.ts";
import type { GlobalOptions } from "../global-options.ts";

export interface ChangeOptions extends GlobalOptions {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
  readonly reason?: string;
  readonly force?: boolean;
  readonly wait?: boolean;
  readonly timeout?: string;
  readonly thread?: "io" | "sql";
  readonly channel?: string;
  readonly failover?: boolean;
  readonly acceptLoss?: boolean;
}

/** What one command line asks for; the cluster is found later, when the settings are there. */
export type Ask = Omit<CommandRequest, "cluster">;

const WAIT_MS = 60_000;
const WAIT_BOUNDS = { minMs: 1_000, maxMs: 24 * 3_600_000 };

/** A value of `--haproxy` that is a place to connect to; anything else is the name of a configured HAProxy. */
export function isHaproxyUrl(value: string): boolean {
  return value.includes("://") || value.startsWith("/");
}

export interface HaproxyOption {
  readonly urls: readonly string[];
  readonly name: string | null;
}

/** `--haproxy` has two meanings on changing commands. @throws UsageError for two names */
export function splitHaproxy(values: readonly string[] = []): HaproxyOption {
  const names = [...new Set(values.filter((value) => !isHaproxyUrl(value)))];
  if (names.length > 1) {
    throw new UsageError(
      `--haproxy names one HAProxy, not ${names.map(quoteValue).join(" and ")}; leave it out for all`,
    );
  }
  return { urls: values.filter(isHaproxyUrl), name: names[0] ?? null };
}

/** Milliseconds; null without `--wait`. @throws UsageError */
export function parseWait({ wait, timeout }: Pick<ChangeOptions, "wait" | "timeout">): number | null {
  if (timeout === undefined) return wait === true ? WAIT_MS : null;
  try {
    const waitMs = parseDuration(timeout, WAIT_BOUNDS);
    return wait === true ? waitMs : null;
  } catch (error) {
    if (!(error instanceof TextError)) throw error;
    throw new UsageError(
      `--timeout ${quoteValue(timeout)} ${error.message}${error.hint === null ? "" : `; ${error.hint}`}`,
    );
  }
}

/** @throws UsageError for anything but a whole number from 0 to 256 */
export function parseWeight(text: string): number {
  if (/^\d{1,3}$/.test(text) && Number(text) <= 256) return Number(text);
  throw new UsageError(`a weight of ${quoteValue(text)} cannot be set; give a whole number from 0 to 256`);
}

/** @throws UsageError for anything but a positive whole number */
export function parseSessionId(text: string): number {
  const id = /^\d{1,15}$/.test(text) ? Number(text) : 0;
  if (id > 0) return id;
  throw new UsageError(`${quoteValue(text)} is no session; give the number that the processlist has`);
}

/** @throws UsageError */
export function buildAsk(command: Ask["command"], options: ChangeOptions, more: Partial<Ask> = {}): Ask {
  return {
    command,
    targets: [],
    haproxy: splitHaproxy(options.haproxy).name,
    weight: null,
    thread: options.thread ?? null,
    channel: options.channel ?? null,
    sessionId: null,
    operationId: null,
    waitMs: parseWait(options),
    force: options.force ?? false,
    reason: options.reason ?? null,
    ...more,
  };
}
