/** `--log FILE`: what the engine says and what changed, one line each. */
import { closeSync, openSync, writeSync } from "node:fs";
import { resolve } from "node:path";
import { UsageError } from "../config/config-error.ts";
import type { EngineEvent } from "../engine/protocol.ts";
import type { ChangeEvent } from "../model/change.ts";
import { printable } from "../model/printable.ts";
import type { EpochMs } from "../model/reading.ts";

export interface LogFile {
  /** One line of our own. */
  readonly note: (at: EpochMs, line: string) => void;
  readonly record: (event: EngineEvent) => void;
  close(): void;
}

/** Opens the file for appending, readable by its owner only. @throws UsageError */
export function openLog(path: string, cwd: string): LogFile {
  const file = openForAppending(resolve(cwd, path));
  let isWritable = true;
  const say = (at: EpochMs, text: string) => {
    if (!isWritable) return;
    try {
      writeSync(file, `${new Date(at).toISOString()} ${printable(text)}\n`);
    } catch {
      // A full disk must not end the console; there is no better place to tell it either.
      isWritable = false;
    }
  };
  return {
    note: say,
    record(event) {
      if (event.type === "log") say(event.at, event.line);
      if (event.type === "snapshot") for (const change of event.snapshot.changes) say(change.at, formatChange(change));
    },
    close: () => closeSync(file),
  };
}

function openForAppending(path: string): number {
  try {
    return openSync(path, "a", 0o600);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "error";
    throw new UsageError(`--log: ${path} cannot be written (${code})`);
  }
}

function formatChange({ cluster, severity, subject, before, after }: ChangeEvent): string {
  return `${cluster} ${severity} ${subject}: ${before} -> ${after}`;
}
