/**
 * Node 20 and 24 reset the modes of their terminal when the process ends and abort (SIGABRT, SIGSEGV) when that fails with EIO, as it does on
 * a terminal that was closed; descriptors that lead elsewhere by then they leave alone. The exit code would be lost.
 */
import { closeSync, openSync } from "node:fs";
import { isatty } from "node:tty";

const STANDARD = [0, 1, 2] as const;

/** Standard descriptors that lead to a terminal; ask at the start, one that is gone no longer tells. */
export function listTerminals(): readonly number[] {
  return STANDARD.filter((fd) => isatty(fd));
}

/** Points descriptors of a terminal that has gone since away from it. Call it last: nothing can be said there afterwards. */
export function leaveLostTerminals(terminals: readonly number[]): void {
  for (const fd of terminals) {
    if (isatty(fd)) continue;
    try {
      closeSync(fd);
      // Takes the lowest free number, so the one just closed.
      openSync("/dev/null", "r+");
    } catch {
      // Closed already.
    }
  }
}
