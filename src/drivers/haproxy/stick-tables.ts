/** Which proxies of one HAProxy have a stick table: `show table` (1.5+) lists them, level user is enough. */
import type { HaproxySettings } from "../../model/settings.ts";
import type { RequestBounds } from "../contract.ts";
import { exchange } from "./exchange.ts";
import { formatHaproxyTarget } from "./location.ts";
import { createOpener } from "./location-opener.ts";
import type { StreamOpener } from "./stream-opener.ts";

const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/**
 * Names of the tables, which are those of their proxies (or `peers/table`), or null when that is not told: a stats page, HAProxy 1.4, a
 * refusal. Which backend uses which table cannot be asked. @param openStream instead of the location's own way @throws DriverError
 */
export async function readStickTables(
  settings: HaproxySettings,
  bounds: RequestBounds,
  openStream?: StreamOpener,
): Promise<readonly string[] | null> {
  const { location } = settings;
  if (location.kind === "stats") return null;
  // No SQL proxy has such tables.
  if (location.kind === "sql-admin") return [];
  const target = formatHaproxyTarget(settings);
  const request = { target, operation: "show table", line: "show table", bounds, maxAnswerBytes: MAX_ANSWER_BYTES };
  return parseStickTables(await exchange(openStream ?? createOpener(location, target), request));
}

/** `# table: NAME, type: ip, size:1048576, used:0` per table; an empty answer is no table. */
export function parseStickTables(answer: string): readonly string[] | null {
  if (answer.trim() === "") return answer.endsWith("\n") ? [] : null;
  const names = [...answer.matchAll(/^# table: ([^,\n]+), type:/gm)].map((match) => match[1] ?? "");
  return names.length > 0 ? names : null;
}
