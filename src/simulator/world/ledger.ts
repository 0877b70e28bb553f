/** What became of the clients' writes. */
import type { Ledger, Node, World } from "./state.ts";

export function createLedger(nowMs: number): Ledger {
  return { acknowledged: 0, refused: 0, lastWriteAtMs: nowMs, longestGapMs: 0, commands: 0 };
}

/** Number of a write that is done; its client is told so. */
export function acknowledgeWrite({ ledger }: World, atMs: number): number {
  ledger.longestGapMs = Math.max(ledger.longestGapMs, atMs - ledger.lastWriteAtMs);
  ledger.lastWriteAtMs = atMs;
  ledger.acknowledged += 1;
  return ledger.acknowledged;
}

/** How many acknowledged writes a node does not have. */
export function countLostWrites({ ledger }: World, node: Node): number {
  return node.writes.countMissing(ledger.acknowledged);
}
