/** SHOW BINLOG EVENTS: the beginning of each file, and per transaction the four events of a row-based one. */
import { type Binlog, type BinlogEvent, binlogFileName, type Node } from "../../world/state.ts";
import { sqlErrors } from "../errors.ts";
import type { Cell } from "../wire/answer.ts";
import { columnsOf, type Table } from "./table.ts";

const columns = columnsOf("Log_name Pos:bigint Event_type Server_id:int End_log_pos:bigint Info");
const firstEventPos = 328;

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

function transactionRows({ transaction, pos }: BinlogEvent, name: string): Cell[][] {
  const { domain, serverId, sequence, bytes, row } = transaction;
  const start = pos - bytes;
  const steps: readonly (readonly [type: string, length: number, info: string])[] = [
    ["Gtid", 42, `BEGIN GTID ${domain}-${serverId}-${sequence}`],
    ["Table_map", 50, "table_id: 31 (shop.orders)"],
    ["Write_rows_v1", bytes - 123, `table_id: 31 flags: STMT_END_F${row === null ? "" : ` /* ${row.id} */`}`],
    ["Xid", 31, `COMMIT /* xid=${sequence} */`],
  ];
  let at = start;
  return steps.map(([type, length, info]) => {
    const from = at;
    at += length;
    return [name, from, type, serverId, at, info];
  });
}

/** @throws SqlError 1220 for a file that is not kept */
export function buildBinlogEvents(node: Node, name: string, from: number, limit: number): Table {
  const { binlog } = node;
  const file = Number(/\.(\d+)$/.exec(name)?.[1] ?? 0);
  if (binlogFileName(file) !== name || file < 1 || file > binlog.file) throw sqlErrors.noBinlogFile();
  const rows: Cell[][] = [
    [name, 4, "Format_desc", node.serverId, 256, `Server ver: ${node.version}, Binlog ver: 4`],
    [name, 256, "Gtid_list", node.serverId, 299, `[${listBefore(binlog, file)}]`],
    [name, 299, "Binlog_checkpoint", node.serverId, firstEventPos, name],
  ].filter(([, pos]) => Number(pos) >= from);
  for (const event of binlog.events) {
    if (rows.length >= limit) break;
    if (event.file !== file || event.pos <= from) continue;
    rows.push(...transactionRows(event, name).filter(([, pos]) => Number(pos) >= from));
  }
  return { columns, rows: rows.slice(0, limit) };
}
