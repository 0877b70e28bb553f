/** Open transactions and who holds locks, where the server keeps account of them. */
import { areWritesHeld, isTableLocked } from "../../world/locks.ts";
import { formatDateTime } from "../sql/time.ts";
import type { Cell } from "../wire/answer.ts";
import { columnsOf, type TableSource } from "./table.ts";

/** A transaction is one of InnoDB from its first row on. */
export const innodbTransactions: TableSource = ({ node }) => ({
  columns: columnsOf(
    "trx_id:bigint trx_state trx_started:datetime trx_mysql_thread_id:bigint trx_rows_locked:bigint trx_rows_modified:bigint",
  ),
  rows: [...node.connections.values()].flatMap(({ id, transaction }): Cell[][] =>
    transaction === null || transaction.rows === 0
      ? []
      : [[id + 400, "RUNNING", formatDateTime(transaction.startedAtMs, 0), id, transaction.rows, transaction.rows]],
  ),
});

/** MariaDB's plugin metadata_lock_info. */
export const metadataLockInfo: TableSource = ({ node }) => ({
  columns: columnsOf("THREAD_ID:bigint LOCK_MODE LOCK_DURATION LOCK_TYPE TABLE_SCHEMA TABLE_NAME"),
  rows: [
    ...(isTableLocked(node)
      ? [
          [node.tableLock, "MDL_BACKUP_DDL", "MDL_EXPLICIT", "Backup lock", "", ""],
          [node.tableLock, "MDL_SHARED_NO_READ_WRITE", "MDL_EXPLICIT", "Table metadata lock", "shop", "orders"],
        ]
      : []),
    ...(node.globalLock !== null && areWritesHeld(node, node.tableLock)
      ? [[node.globalLock, "MDL_BACKUP_FTWRL2", "MDL_EXPLICIT", "Backup lock", "", ""]]
      : []),
  ],
});

const lockColumns = columnsOf("OBJECT_TYPE OBJECT_SCHEMA OBJECT_NAME LOCK_TYPE LOCK_STATUS OWNER_THREAD_ID:bigint");

/** MySQL's metadata_locks; threads are numbered as in the table of threads. */
export const metadataLocks: TableSource = ({ node }) => {
  const rows: Cell[][] = [];
  if (isTableLocked(node)) {
    const thread = (node.tableLock ?? 0) + threadOffset;
    rows.push(["GLOBAL", null, null, "INTENTION_EXCLUSIVE", "GRANTED", thread]);
    rows.push(["TABLE", "shop", "orders", "SHARED_NO_READ_WRITE", "GRANTED", thread]);
  }
  if (node.globalLock !== null && areWritesHeld(node, node.tableLock)) {
    const thread = node.globalLock + threadOffset;
    for (const type of ["GLOBAL", "COMMIT"]) rows.push([type, null, null, "SHARED", "GRANTED", thread]);
  }
  return { columns: lockColumns, rows };
};

/** MariaDB's, with performance_schema off. */
export const noMetadataLocks: TableSource = () => ({ columns: lockColumns, rows: [] });

/** From the id of a connection to the number of its thread. */
export const threadOffset = 100;
