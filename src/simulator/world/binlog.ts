/** Binary logs of simulated nodes. */
import { advancePosition } from "./gtid.ts";
import { rulesOf } from "./products/select.ts";
import type { Binlog, BinlogEvent, BinlogPoint, Node, OrderRow, Transaction, TransactionContent } from "./state.ts";

/** Events every node keeps; a replica that stayed away longer finds them purged, as with a real server. */
const keptEvents = 100_000;
const trimSlack = 5_000;

export function createBinlog(headerBytes: number): Binlog {
  return { headerBytes, file: 1, pos: headerBytes, maxFileBytes: 100 * 1024 * 1024, events: [], firstIndex: 0 };
}

/** Number the next event will get. */
export function nextEventIndex(binlog: Binlog): number {
  return binlog.firstIndex + binlog.events.length;
}

/** Begins the next file, as FLUSH BINARY LOGS and every start of the server do. */
export function rotateBinlog(binlog: Binlog): void {
  binlog.file += 1;
  binlog.pos = binlog.headerBytes;
}

/** Writes a transaction into the node's log and moves its GTID state. */
export function appendTransaction(node: Node, transaction: Transaction, nowMs: number): void {
  const { binlog } = node;
  if (binlog.pos > binlog.maxFileBytes) rotateBinlog(binlog);
  binlog.pos += transaction.bytes;
  binlog.events.push({ transaction, file: binlog.file, pos: binlog.pos, writtenAtMs: nowMs });
  const pair = `${transaction.domain}-${transaction.serverId}`;
  node.binlogState.delete(pair);
  node.binlogState.set(pair, transaction.sequence);
  advancePosition(node.binlogPosition, transaction);
  keepRow(node, transaction);
  if (binlog.events.length > keptEvents + trimSlack) {
    const surplus = binlog.events.length - keptEvents;
    binlog.events.splice(0, surplus);
    binlog.firstIndex += surplus;
  }
}

/** What the transaction wrote is in the node's tables now. */
export function keepRow(node: Node, { row }: Transaction): void {
  if (row === null) return;
  node.writes.add(row.write);
  const slot = row.id % incrementOf(node);
  node.lastRowIds.set(slot, Math.max(row.id, node.lastRowIds.get(slot) ?? 0));
}

function incrementOf(node: Node): number {
  return Math.max(1, Number(node.variables.get("auto_increment_increment") ?? 1));
}

/** The key this node would give to the next row. */
function nextRowId(node: Node): number {
  const increment = incrementOf(node);
  const offset = Number(node.variables.get("auto_increment_offset") ?? 1) % increment;
  const highest = Math.max(0, ...node.lastRowIds.values());
  const base = highest - (highest % increment) + offset;
  return base > highest ? base : base + increment;
}

/** Whether another row has this key already. */
export function clashesWith(node: Node, { row }: Transaction): boolean {
  return row !== null && row.id <= (node.lastRowIds.get(row.id % incrementOf(node)) ?? 0);
}

/**
 * Commits a new transaction of the node's own.
 * @param content null for one that changes nothing of the clients' data
 */
export function commitTransaction(
  node: Node,
  bytes: number,
  nowMs: number,
  content: TransactionContent | null = null,
): Transaction {
  const row: OrderRow | null =
    content !== null && "write" in content ? { id: nextRowId(node), write: content.write } : null;
  const enables = content !== null && "enables" in content ? content.enables : null;
  const domain = rulesOf(node).domainOf(node);
  const last = Math.max(
    node.binlogPosition.get(domain)?.sequence ?? 0,
    node.replicaPosition.get(domain)?.sequence ?? 0,
  );
  const transaction = {
    domain,
    serverId: node.serverId,
    sequence: last + 1,
    committedAtMs: nowMs,
    bytes,
    row,
    enables,
  };
  appendTransaction(node, transaction, nowMs);
  return transaction;
}

export function eventAt(binlog: Binlog, index: number): BinlogEvent | undefined {
  return binlog.events[index - binlog.firstIndex];
}

export function comparePoints(left: Readonly<BinlogPoint>, right: Readonly<BinlogPoint>): number {
  return left.file - right.file || left.pos - right.pos;
}
