import { UsageError } from "../config/config-error.ts";
import type { CliIo } from "./io.ts";

/** @throws UsageError when standard input or standard output is no terminal. */
export function requireTerminal(io: CliIo, what: string): void {
  const missing = [io.stdin.isTTY ? "" : "standard input", io.stdout.isTTY ? "" : "standard output"].filter(Boolean);
  if (missing.length === 0) return;
  throw new UsageError(
    `${what} needs a terminal, and ${missing.join(" and ")} ${missing.length === 1 ? "is" : "are"} none; "signalbox status" works anywhere`,
  );
}
