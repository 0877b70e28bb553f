/** Changes servers of one HAProxy process over its stats socket: one fresh connection per question, one line per change. */
import type { HaproxyProcess } from "../../model/haproxy.ts";
import type { HaproxySettings } from "../../model/settings.ts";
import type { HaproxyChange, HaproxyChangeResult, HaproxyWriter, RequestBounds } from "../contract.ts";
import { DriverError } from "../errors.ts";
import { createSqlProxyWriter } from "../sql-proxy/writer.ts";
import { buildChangeLine, type ChangeAnswer, parseChangeAnswer, selectReadBack } from "./change-answer.ts";
import { buildHaproxyCommand } from "./change-command.ts";
import { buildResult, isSameProcess } from "./change-result.ts";
import { exchange } from "./exchange.ts";
import { formatHaproxyTarget } from "./location.ts";
import { createOpener } from "./location-opener.ts";
import { parseShowInfo } from "./show-info.ts";
import type { StreamOpener } from "./stream-opener.ts";

export interface HaproxyWriterOptions {
  /** Opens the way to the socket instead of the location's own, e.g. through an SSH connection. */
  readonly openStream?: StreamOpener;
}

/** `show stat` of 1.5 is the largest answer; 5,000 servers take 1.4 MB. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/** Creates the writer without touching the network. That of a stats page refuses everything: a page can only be read. */
export function createHaproxyWriter(settings: HaproxySettings, options: HaproxyWriterOptions = {}): HaproxyWriter {
  const target = formatHaproxyTarget(settings);
  const { location } = settings;
  if (location.kind === "stats") {
    return { target, change: (change) => Promise.reject(buildPageError(target, change)), close: async () => {} };
  }
  if (location.kind === "sql-admin") return createSqlProxyWriter({ ...settings, location }, options);
  const open = options.openStream ?? createOpener(location, target);
  return { target, change: (change, bounds) => runChange(open, target, change, bounds), close: async () => {} };
}

async function runChange(
  open: StreamOpener,
  target: string,
  change: HaproxyChange,
  options: { readonly expectedPid: number | null } & RequestBounds,
): Promise<HaproxyChangeResult> {
  const startedAt = performance.now();
  const command = buildHaproxyCommand(change);
  const before = await askProcess(open, target, options);
  if (options.expectedPid !== null && before.pid !== options.expectedPid) {
    const nothing = { refusal: null, failure: null, notice: null, servers: [] };
    return { command, sent: false, pidChanged: true, process: before, ...nothing };
  }
  if (before.stopping) throw buildStoppingError(target, before);
  const timeoutMs = Math.max(1, options.timeoutMs - (performance.now() - startedAt));
  const bounds = { signal: options.signal, timeoutMs };
  const answer = await send(open, { target, command, change, before, bounds });
  return buildResult({ target, change, command, answer, pidChanged: !isSameProcess(before, answer.process) });
}

/** Who answers now. A connection made right before a reload still belongs to the old worker, so that one is asked past once. */
async function askProcess(open: StreamOpener, target: string, bounds: RequestBounds): Promise<HaproxyProcess> {
  const startedAt = performance.now();
  const first = await askInfo(open, target, bounds);
  if (!first.stopping) return first;
  const timeoutMs = Math.max(1, bounds.timeoutMs - (performance.now() - startedAt));
  return askInfo(open, target, { signal: bounds.signal, timeoutMs });
}

async function askInfo(open: StreamOpener, target: string, bounds: RequestBounds): Promise<HaproxyProcess> {
  const operation = "show info";
  const request = { target, operation, line: "show info", bounds, maxAnswerBytes: MAX_ANSWER_BYTES };
  const answer = await exchange(open, request);
  const process = answer.endsWith("\n\n") ? parseShowInfo(answer) : null;
  if (process !== null) return process;
  throw new DriverError({
    kind: "protocol",
    target,
    operation,
    message: `HAProxy did not say who it is${answer === "" ? "" : `: ${answer.slice(0, 60).trim()}`}.`,
    advice: "Check that this is HAProxy's stats socket; HAProxy may also just have been stopped. Nothing was changed.",
  });
}

interface Sending {
  readonly target: string;
  readonly command: string;
  readonly change: HaproxyChange;
  readonly before: HaproxyProcess;
  readonly bounds: RequestBounds;
}

async function send(open: StreamOpener, sending: Sending): Promise<ChangeAnswer> {
  const { target, command, change, before, bounds } = sending;
  const readBack = selectReadBack(before);
  const line = buildChangeLine(command, change.backend, readBack);
  let connected = false;
  const openAndTell: StreamOpener = async (signal) => {
    const stream = await open(signal);
    // From here on the line is written at once, unless the signal has aborted meanwhile.
    connected = !signal.aborted;
    return stream;
  };
  const request = { target, operation: command, line, bounds, maxAnswerBytes: MAX_ANSWER_BYTES };
  try {
    const text = await exchange(openAndTell, request);
    const answer = parseChangeAnswer(text, change.backend, readBack);
    if (answer !== null) return answer;
    throw new DriverError({ kind: "protocol", target, operation: command, message: "The answer is not whole." });
  } catch (error) {
    throw connected ? buildUnknownError(target, command, error) : error;
  }
}

function buildUnknownError(target: string, operation: string, cause: unknown): DriverError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new DriverError({
    kind: "unknown-outcome",
    target,
    operation,
    message: `It is not known whether HAProxy took the change: ${reason}`,
    advice: "Read the server's state before doing anything else.",
    serverCode: cause instanceof DriverError ? cause.serverCode : null,
    cause,
  });
}

function buildStoppingError(target: string, { pid }: HaproxyProcess): DriverError {
  return new DriverError({
    kind: "unreachable",
    target,
    operation: "show info",
    message: `This HAProxy process (pid ${pid}) is stopping: it only finishes its sessions and takes no changes. Nothing was sent.`,
    advice: "Check that a new HAProxy process was started and has this socket.",
  });
}

function buildPageError(target: string, change: HaproxyChange): DriverError {
  return new DriverError({
    kind: "unsupported",
    target,
    operation: change.kind,
    message: "A stats page can only be read.",
    advice: "Configure HAProxy's `stats socket` (level admin) to change servers.",
  });
}
