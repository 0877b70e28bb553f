/** What every journal must fulfil, whatever happened while it was written. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

interface Line {
  readonly operation: string;
  readonly step: number;
  readonly phase: string;
  readonly state?: string;
  /** In a line added later: who took it back. */
  readonly by?: string;
}

/** Violations as sentences; [] = every line is whole, every outcome has its intent before it, and the operation has an end. */
export function findJournalViolations(stateDir: string, id: string, secrets: readonly string[]): readonly string[] {
  const found: string[] = [];
  const path = join(stateDir, `${id}.jsonl`);
  if ((statSync(path).mode & 0o777) !== 0o600) found.push(`${id} can be read by others`);
  const text = readFileSync(path, "utf8");
  for (const secret of secrets) if (text.includes(secret)) found.push(`${id} holds a secret`);
  const lines = text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Line);
  const announced = new Set<number>();
  for (const { step, phase } of lines) {
    if (phase === "intent") announced.add(step);
    else if (step > 0 && phase === "done" && !announced.has(step))
      found.push(`${id} step ${step} was done unannounced`);
  }
  if (!lines.some(({ state, by }) => state !== undefined || by !== undefined)) found.push(`${id} has no end`);
  return found;
}

export function listOperations(stateDir: string): readonly string[] {
  return readdirSync(stateDir)
    .filter((name) => name.endsWith(".jsonl"))
    .map((name) => name.slice(0, -".jsonl".length))
    .sort();
}
