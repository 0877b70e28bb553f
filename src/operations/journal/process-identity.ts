/** Tells a running operation from one that was cut short: the process that wrote it, by Pid and start time, since Pids are used again. */
import { readFileSync } from "node:fs";
import { threadId } from "node:worker_threads";
import type { JournalLine } from "./line.ts";

type Identity = NonNullable<JournalLine["process"]>;

/** Field 22 of /proc/PID/stat; null where there is no /proc. */
function startedTicksOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch {
    return null;
  }
}

export function ownIdentity(): Identity {
  return { pid: process.pid, startedTicks: startedTicksOf(process.pid), thread: threadId };
}

export function isProcessAlive({ pid, startedTicks, thread }: Identity): boolean {
  // An engine that died and was started again is another thread of the same process.
  if (pid === process.pid && thread !== undefined && thread !== threadId) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is there and belongs to somebody else.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  const now = startedTicksOf(pid);
  return startedTicks === null || now === null || now === startedTicks;
}
