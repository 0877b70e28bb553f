import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Row, RowMap } from "../../../../src/drivers/mysql/rows.ts";

interface Answer {
  readonly sql: string;
  readonly rows: readonly Record<string, string | null>[];
}

export interface Recording {
  readonly engine: string;
  readonly version: string;
  readonly dialect: string;
  readonly source: readonly Answer[];
  readonly running: readonly Answer[];
  readonly applierBroken: readonly Answer[];
  readonly receiverStopped: readonly Answer[];
}

export const recordedEngines = ["mariadb-10.11", "mariadb-11.8", "mysql-9.7", "mysql-5.6"] as const;

export function readRecording(engine: (typeof recordedEngines)[number]): Recording {
  const file = join(import.meta.dirname, "../../../fixtures/mysql", `${engine}.json`);
  return JSON.parse(readFileSync(file, "utf8")) as Recording;
}

export const toRow = (columns: Readonly<Record<string, string | null>>): RowMap => new Map(Object.entries(columns));

/** Rows that a statement of the recording got; fails when it was not recorded. */
export function rowsOf(answers: readonly Answer[], sql: string): readonly Row[] {
  const answer = answers.find((candidate) => candidate.sql === sql);
  if (answer === undefined) throw new Error(`not recorded: ${sql}`);
  return answer.rows.map(toRow);
}
