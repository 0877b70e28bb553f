/** Reader of one stats socket: one fresh connection per poll, so that no slot of the socket's ten is held in between; through SSH one kept one. */
import type { HaproxyLevel, HaproxyProcess, HaproxyReport } from "../../model/haproxy.ts";
import type { HaproxyReader, RequestBounds } from "../contract.ts";
import { DriverError } from "../errors.ts";
import { exchange } from "./exchange.ts";
import { POLL_LINE, POLL_LINE_WITH_LEVEL, POLL_OPERATION, parsePollAnswer } from "./poll-answer.ts";
import { createPromptLink } from "./prompt-link.ts";
import type { StreamOpener } from "./stream-opener.ts";

export interface SocketReaderOptions {
  readonly target: string;
  readonly open: StreamOpener;
  readonly maxAnswerBytes: number;
  /** For ways on which a new connection is dear. */
  readonly keepsConnection: boolean;
}

/** Processes remembered: with `nbproc` the same socket is answered by several in turn. */
const MAX_KNOWN_PROCESSES = 64;

export function createSocketReader(options: SocketReaderOptions): HaproxyReader {
  const levels = new Map<string, HaproxyLevel | null>();
  const link = options.keepsConnection ? createPromptLink(options.open) : null;

  async function ask(line: string, bounds: RequestBounds): Promise<HaproxyReport> {
    const { target, open, maxAnswerBytes } = options;
    const request = { target, operation: POLL_OPERATION, line, bounds, maxAnswerBytes };
    const answer = await (link === null ? exchange(open, request) : link.ask(request));
    // Before 1.9 a process does not tell that it is an old one after a reload: it must not be asked again.
    if (!answer.includes("\nStopping: 0\n")) link?.renew();
    return parsePollAnswer(answer, target);
  }

  /** Asks for the level together with the state, so that both come from the same process, and keeps it for that process. */
  async function askWithLevel(bounds: RequestBounds): Promise<HaproxyReport> {
    const report = await ask(POLL_LINE_WITH_LEVEL, bounds);
    if (levels.size >= MAX_KNOWN_PROCESSES) levels.clear();
    levels.set(processKey(report.process), report.level);
    return report;
  }

  async function read(bounds: RequestBounds): Promise<HaproxyReport> {
    if (levels.size === 0) return askWithLevel(bounds);
    const startedAt = performance.now();
    const report = await ask(POLL_LINE, bounds);
    const level = levels.get(processKey(report.process));
    return level === undefined ? askWithLevel(remainingBounds(bounds, startedAt)) : { ...report, level };
  }

  return {
    target: options.target,
    async poll(bounds) {
      const startedAt = performance.now();
      const report = await read(bounds);
      if (report.process?.stopping !== true) return report;
      // A connection made right before a reload still belongs to the old worker; the next one goes to the new.
      const second = await read(remainingBounds(bounds, startedAt));
      if (second.process?.stopping === true) throw buildStoppingError(second.process, options.target);
      return second;
    },
    async close() {
      link?.close();
    },
  };
}

/** Pids are used again after a restart, start times tell them apart where they are told (2.4+). */
function processKey(process: HaproxyProcess | null): string {
  return `${process?.pid}@${process?.startTimeSeconds}`;
}

function remainingBounds({ signal, timeoutMs }: RequestBounds, startedAt: number): RequestBounds {
  return { signal, timeoutMs: Math.max(1, timeoutMs - (performance.now() - startedAt)) };
}

function buildStoppingError(process: HaproxyProcess, target: string): DriverError {
  return new DriverError({
    kind: "unreachable",
    target,
    operation: POLL_OPERATION,
    message: `This HAProxy process (pid ${process.pid}) is stopping: it only finishes its sessions, and its state is not the one in use.`,
    advice: "Check that a new HAProxy process was started and has this socket.",
  });
}
