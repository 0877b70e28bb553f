/** The SQL proxies known here, and what each lets be changed. Not one of them tells a pid. */
import type { AdminReason, ServerState } from "../../model/haproxy.ts";
import type { AdminState } from "../../model/operation.ts";
import type { SqlProxyProduct } from "../../model/settings.ts";

interface Meaning {
  readonly state: ServerState;
  readonly reasons: readonly AdminReason[];
}

const NO_REASONS: readonly AdminReason[] = [];

/** `state` of `SELECT * FROM backends`. */
const BACKEND_WORDS: ReadonlyMap<string, Meaning> = new Map([
  ["up", { state: "up", reasons: NO_REASONS }],
  ["down", { state: "down", reasons: NO_REASONS }],
  // Not tried yet. It is the state after a start, and after SET ONLINE: what may be sent clients must not count as out.
  ["unknown", { state: "unchecked", reasons: NO_REASONS }],
  // Atlas takes it out of the choice and lets go on what runs, as drain does; it has no second, harder way out.
  ["offline", { state: "drain", reasons: ["drain-forced"] }],
]);

/** `status` of `runtime_mysql_servers`; the last one is seen in the statistics only. */
const PROXYSQL_WORDS: ReadonlyMap<string, Meaning> = new Map([
  ["ONLINE", { state: "up", reasons: NO_REASONS }],
  ["SHUNNED", { state: "down", reasons: NO_REASONS }],
  ["OFFLINE_SOFT", { state: "drain", reasons: ["drain-forced"] }],
  ["OFFLINE_HARD", { state: "maint", reasons: ["maint-forced"] }],
  ["SHUNNED_REPLICATION_LAG", { state: "down", reasons: NO_REASONS }],
]);

/** A word never seen before is `unknown`, and so is what an operator set. */
export function readStateWord(
  product: SqlProxyProduct,
  word: string,
): { readonly state: ServerState; readonly reasons: readonly AdminReason[] | null } {
  const known = (product === "proxysql" ? PROXYSQL_WORDS : BACKEND_WORDS).get(word);
  return known ?? { state: "unknown", reasons: null };
}

/** What was set, by the word; null when the word is not known. */
export function selectSetState(product: SqlProxyProduct, word: string): AdminState | null {
  const { reasons } = readStateWord(product, word);
  if (reasons === null) return null;
  if (reasons.includes("maint-forced")) return "maint";
  return reasons.includes("drain-forced") ? "drain" : "ready";
}

export const PROXYSQL_STATES: Readonly<Record<AdminState, string>> = {
  ready: "ONLINE",
  drain: "OFFLINE_SOFT",
  maint: "OFFLINE_HARD",
};
