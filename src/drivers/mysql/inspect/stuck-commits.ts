/** Commits that wait for a semi-synchronous replica which does not answer. With one that does, some always wait, each for a moment. */
import { setTimeout as delay } from "node:timers/promises";
import { type Asking, ask } from "../asking.ts";
import type { SemiSyncCounters } from "../dialects/dialect.ts";
import { parseNumber, type Row, textOf } from "../rows.ts";

/** So long nobody may have been let go before those that wait count as stuck. */
const PATIENCE_MS = 1_000;
const PAUSE_MS = 25;

/** One look at the counters. */
export interface Waits {
  readonly waiting: number;
  /** Commits that were let go since the server runs. */
  readonly letGo: number;
}

/** Null: told in a form we do not know. A server without semi-sync has none of the counters, and nobody waits there. */
export function parseWaits(rows: readonly Row[], { waitSessions, yesTx, noTx }: SemiSyncCounters): Waits | null {
  const values = new Map(rows.map((row) => [textOf(row, "Variable_name")?.toLowerCase(), textOf(row, "Value")]));
  const figure = (names: readonly string[]): number | null => {
    const name = names.map((each) => each.toLowerCase()).find((each) => values.has(each));
    return name === undefined ? 0 : parseNumber(values.get(name) ?? null);
  };
  const [waiting, yes, no] = [figure(waitSessions), figure(yesTx), figure(noTx)];
  return waiting === null || yes === null || no === null ? null : { waiting, letGo: yes + no };
}

/** How many are stuck by a later look, as far as it tells; null: look again. */
export function judgeWaits(first: Waits, now: Waits, isOver: boolean): number | null {
  if (now.waiting === 0 || now.letGo !== first.letGo) return 0;
  return isOver ? now.waiting : null;
}

/** 0: none; null, with a problem, when the server does not tell. */
export async function readStuckCommits(asking: Asking): Promise<number | null> {
  const { semiSyncCounters } = asking.login.dialect;
  const { waitSessions, yesTx, noTx } = semiSyncCounters;
  const names = [...waitSessions, ...yesTx, ...noTx].map((name) => `'${name}'`).join(", ");
  const form = { sql: `SHOW GLOBAL STATUS WHERE Variable_name IN (${names})`, columns: null };
  const end = performance.now() + PATIENCE_MS;
  let first: Waits | null = null;
  for (;;) {
    const answer = await ask(asking, { name: "commits that wait for a replica", privilege: null }, [form]);
    const now = answer === null ? null : parseWaits(answer.rows, semiSyncCounters);
    if (now === null) return null;
    first ??= now;
    const stuck = judgeWaits(first, now, performance.now() >= end);
    if (stuck !== null) return stuck;
    await delay(PAUSE_MS);
  }
}
