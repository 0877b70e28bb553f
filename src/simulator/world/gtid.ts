/** GTID positions of simulated nodes, as MariaDB writes them; MySQL's sets are in gtid-set.ts. */
import type { GtidPosition, Node, Transaction } from "./state.ts";

/** `0-1-10,1-1-5`, domains in order; "" when there is none. */
export function formatGtidPosition(position: GtidPosition): string {
  return [...position.entries()]
    .sort(([left], [right]) => left - right)
    .map(([domain, { serverId, sequence }]) => `${domain}-${serverId}-${sequence}`)
    .join(",");
}

/** Null for a text that is none; a domain may stand in it once. */
export function parseGtidPosition(text: string): GtidPosition | null {
  const position: GtidPosition = new Map();
  for (const part of text.split(",").map((word) => word.trim())) {
    if (part === "") continue;
    const [, domain, serverId, sequence] = /^(\d+)-(\d+)-(\d+)$/.exec(part) ?? [];
    if (domain === undefined || position.has(Number(domain))) return null;
    position.set(Number(domain), { serverId: Number(serverId), sequence: Number(sequence) });
  }
  return position;
}

/** gtid_binlog_state: every (domain, server) pair; the last one of a domain is listed last, as the server does. */
export function formatBinlogState(node: Node): string {
  return [...node.binlogState.entries()].map(([pair, sequence]) => `${pair}-${sequence}`).join(",");
}

/** gtid_current_pos: per domain gtid_slave_pos, or what the node itself wrote when that is newer. */
export function currentPosition(node: Node): GtidPosition {
  const current = new Map(node.replicaPosition);
  for (const [domain, point] of node.binlogPosition) {
    const known = current.get(domain);
    if (point.serverId === node.serverId && (known === undefined || point.sequence > known.sequence))
      current.set(domain, point);
  }
  return current;
}

export function advancePosition(position: GtidPosition, transaction: Transaction): void {
  position.set(transaction.domain, { serverId: transaction.serverId, sequence: transaction.sequence });
}

/** Whether a position already holds this transaction. */
export function positionHolds(position: GtidPosition, transaction: Transaction): boolean {
  const point = position.get(transaction.domain);
  return point !== undefined && point.sequence >= transaction.sequence;
}

/** Everything a node has, in its tables: what it wrote itself and what came to it. */
export function executedPosition(node: Node): GtidPosition {
  const executed = new Map(node.replicaPosition);
  for (const [domain, point] of node.binlogPosition)
    if ((executed.get(domain)?.sequence ?? 0) < point.sequence) executed.set(domain, point);
  return executed;
}

const uuidStart = "7a1d0c52-c4f3-11f0-9b6e-0242ac1100";

/** server_uuid of a simulated MySQL server. */
export function uuidOf(serverId: number): string {
  return `${uuidStart}${serverId.toString(16).padStart(2, "0")}`;
}

/** `uuid:7`: a transaction as MySQL calls it. */
export function gtidOf({ serverId, sequence }: Pick<Transaction, "serverId" | "sequence">): string {
  return `${uuidOf(serverId)}:${sequence}`;
}
