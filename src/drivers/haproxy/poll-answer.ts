/** The one line a poll sends, and its answer taken apart. `show stat` goes last: only it can hold bytes of others. */
import type { HaproxyLevel, HaproxyReport } from "../../model/haproxy.ts";
import { printable } from "../../model/printable.ts";
import { DriverError } from "../errors.ts";
import { parseCliLevel } from "./cli-level.ts";
import { buildHiddenServer } from "./hidden-server.ts";
import { ServerStates } from "./server-states.ts";
import { parseShowInfo } from "./show-info.ts";
import { parseServersState } from "./show-servers-state.ts";
import { parseShowStat, STAT_HEADER_START } from "./show-stat.ts";

export const POLL_LINE = "show info;show servers state;show stat";
/** Versions before 1.9 answer the first command with their help text and go on. */
export const POLL_LINE_WITH_LEVEL = `show cli level;${POLL_LINE}`;

/** Name of the poll in errors. */
export const POLL_OPERATION = "show stat";

/**
 * The report in one answer to `POLL_LINE` or `POLL_LINE_WITH_LEVEL`; its level is null when not asked or not told.
 * @throws DriverError kind `rejected` when the level of the socket is too low, else `protocol`
 */
export function parsePollAnswer(answer: string, target: string): HaproxyReport {
  const statStart = findLine(answer, STAT_HEADER_START);
  const before = statStart < 0 ? answer : answer.slice(0, statStart);
  const infoStart = findLine(before, "Name: ");
  const process = infoStart < 0 ? null : parseShowInfo(firstSection(before.slice(infoStart)));
  if (process === null || statStart < 0) throw buildNotHaproxyError(answer, target);
  // A connection cut in transit (SSH) ends like a finished one; only the empty line at the end tells them apart.
  if (!answer.endsWith("\n\n")) throw buildCutOffError(answer, target);
  const states = new ServerStates(parseServersState(before.slice(infoStart)) ?? []);
  const stat = parseShowStat(answer, states, statStart);
  if (stat === null || !stat.complete) throw buildCutOffError(answer, target);
  const level: HaproxyLevel | null = parseCliLevel(before.slice(0, infoStart));
  // What `show stat` does not list.
  const servers = [...stat.servers, ...states.selectUntaken().map(buildHiddenServer)];
  return { source: "socket", level, process, proxies: stat.proxies, servers };
}

/** Position of the first line that begins so, or -1. */
function findLine(text: string, start: string): number {
  if (text.startsWith(start)) return 0;
  const before = text.indexOf(`\n${start}`);
  return before < 0 ? -1 : before + 1;
}

function firstSection(text: string): string {
  const end = text.indexOf("\n\n");
  return end < 0 ? text : text.slice(0, end);
}

function buildCutOffError(answer: string, target: string): DriverError {
  return new DriverError({
    kind: "protocol",
    target,
    operation: POLL_OPERATION,
    message: `The answer is cut off after ${answer.length} characters.`,
    advice: "The connection broke on its way, or HAProxy stopped; the next poll tells.",
  });
}

function buildNotHaproxyError(answer: string, target: string): DriverError {
  const shared = { target, operation: POLL_OPERATION };
  if (/^Permission denied$/m.test(answer)) {
    return new DriverError({
      ...shared,
      kind: "rejected",
      message: "HAProxy refuses to be read: Permission denied.",
      advice: "Give this `stats socket` at least `level user`.",
    });
  }
  if (answer === "") {
    return new DriverError({
      ...shared,
      kind: "protocol",
      message: "The connection was closed without an answer.",
      advice: "Check that this is HAProxy's stats socket; HAProxy may also just have been stopped.",
    });
  }
  // A cut before the header of show stat: the beginning is HAProxy's own.
  if (/^(Name: |(admin|operator|user)\n)/.test(answer) || /^Name: /m.test(answer))
    return buildCutOffError(answer, target);
  return new DriverError({
    ...shared,
    kind: "protocol",
    message: `This is no answer of HAProxy. It begins with: ${printable(answer.slice(0, 60))}`,
    advice: "Use the address of HAProxy's `stats socket` line.",
  });
}
