/** SHOW BINLOG EVENTS: the beginning of each file, and per transaction the events of a row-based one. */
import { gtidOf } from "../../world/gtid.ts";
import { formatGtidSet, type GtidSet, toGtidSet } from "../../world/gtid-set.ts";
import {
  type Binlog,
  type BinlogEvent,
  binlogFileName,
  type GtidPosition,
  type Node,
  type ProductName,
  type Transaction,
} from "../../world/state.ts";
import { sqlErrors } from "../errors.ts";
import type { Cell } from "../wire/answer.ts";
import { columnsOf, type Table } from "./table.ts";

const columns = columnsOf("Log_name Pos:bigint Event_type Server_id:int End_log_pos:bigint Info");

/** GTIDs that came before the file, one per domain and server. */
function listBefore({ events, firstIndex }: Binlog, file: number): string {
  const list = new Map<string, number>();
  const first = events[0]?.transaction;
  if (firstIndex > 0 && first !== undefined) list.set(`${first.domain}-${first.serverId}`, first.sequence - 1);
  for (const event of events) {
    if (event.file >= file) break;
    const { domain, serverId, sequence } = event.transaction;
    list.set(`${domain}-${serverId}`, sequence);
  }
  return [...list].map(([pair, sequence]) => `${pair}-${sequence}`).join(",\n");
}

type Step = readonly (readonly [type: string, length: number, info: string])[];

interface EventWords {
  /** What stands at the beginning of every file, with its end. */
  readonly head: (node: Node, file: number) => readonly (readonly [type: string, end: number, info: string])[];
  readonly transaction: (transaction: Transaction) => Step;
}

const words: Readonly<Record<ProductName, EventWords>> = {
  mariadb: {
    head: ({ version, binlog }, file) => [
      ["Format_desc", 256, `Server ver: ${version}, Binlog ver: 4`],
      ["Gtid_list", 299, `[${listBefore(binlog, file)}]`],
      ["Binlog_checkpoint", binlog.headerBytes, binlogFileName(file)],
    ],
    transaction: ({ domain, serverId, sequence, bytes, row }) => [
      ["Gtid", 42, `BEGIN GTID ${domain}-${serverId}-${sequence}`],
      ["Table_map", 50, "table_id: 31 (shop.orders)"],
      ["Write_rows_v1", bytes - 123, `table_id: 31 flags: STMT_END_F${row === null ? "" : ` /* ${row.id} */`}`],
      ["Xid", 31, `COMMIT /* xid=${sequence} */`],
    ],
  },
  mysql: {
    head: ({ version, binlog }, file) => [
      ["Format_desc", 127, `Server ver: ${version}, Binlog ver: 4`],
      ["Previous_gtids", binlog.headerBytes, formatGtidSet(setBefore(binlog, file))],
    ],
    transaction: (transaction) => [
      ["Gtid", 79, `SET @@SESSION.GTID_NEXT= '${gtidOf(transaction)}'`],
      ["Query", 75, "BEGIN"],
      ["Table_map", 55, "table_id: 91 (shop.orders)"],
      ["Write_rows", transaction.bytes - 240, "table_id: 91 flags: STMT_END_F"],
      ["Xid", 31, `COMMIT /* xid=${transaction.sequence} */`],
    ],
  },
};

function setBefore({ events }: Binlog, file: number): GtidSet {
  const before: GtidPosition = new Map();
  for (const event of events) {
    if (event.file >= file) break;
    const { domain, serverId, sequence } = event.transaction;
    before.set(domain, { serverId, sequence });
  }
  return toGtidSet(before);
}

function transactionRows({ product }: Node, { transaction, pos }: BinlogEvent, name: string): Cell[][] {
  let at = pos - transaction.bytes;
  return words[product].transaction(transaction).map(([type, length, info]) => {
    const from = at;
    at += length;
    return [name, from, type, transaction.serverId, at, info];
  });
}

function headRows(node: Node, file: number): Cell[][] {
  let at = 4;
  return words[node.product].head(node, file).map(([type, end, info]) => {
    const from = at;
    at = end;
    return [binlogFileName(file), from, type, node.serverId, end, info];
  });
}

/** @throws SqlError 1220 for a file that is not kept */
export function buildBinlogEvents(node: Node, name: string, from: number, limit: number): Table {
  const { binlog } = node;
  const file = Number(/\.(\d+)$/.exec(name)?.[1] ?? 0);
  if (binlogFileName(file) !== name || file < 1 || file > binlog.file) throw sqlErrors.noBinlogFile();
  const rows = headRows(node, file).filter(([, pos]) => Number(pos) >= from);
  for (const event of binlog.events) {
    if (rows.length >= limit) break;
    if (event.file !== file || event.pos <= from) continue;
    rows.push(...transactionRows(node, event, name).filter(([, pos]) => Number(pos) >= from));
  }
  return { columns, rows: rows.slice(0, limit) };
}
