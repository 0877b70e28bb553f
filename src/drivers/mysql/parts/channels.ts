/** Replica status of all channels. */
import type { ReplicaChannel, ReplicationError } from "../../../model/mysql.ts";
import { type Asking, ask } from "../asking.ts";
import type { ReplicaColumns } from "../dialects/dialect.ts";
import { normalizeGtid, numberOf, type Row, textOf } from "../rows.ts";

/** Same names in every server; those a server does not have are simply absent. */
const filterColumns = [
  "Replicate_Do_DB",
  "Replicate_Ignore_DB",
  "Replicate_Do_Table",
  "Replicate_Ignore_Table",
  "Replicate_Wild_Do_Table",
  "Replicate_Wild_Ignore_Table",
  "Replicate_Rewrite_DB",
  "Replicate_Do_Domain_Ids",
  "Replicate_Ignore_Domain_Ids",
  "Replicate_Ignore_Server_Ids",
];

/** One row of the replica status as a channel. `transactionLagSeconds` and heartbeats of MySQL come from performance_schema later. */
export function parseChannel(row: Row, columns: ReplicaColumns): ReplicaChannel {
  const gtidMode = parseGtidMode(row, columns);
  const io = parseReceiver(textOf(row, columns.io));
  const sql = textOf(row, columns.sql) === "Yes" ? "yes" : "no";
  return {
    name: textOf(row, columns.channel) ?? "",
    sourceHost: textOf(row, columns.sourceHost) ?? "",
    sourcePort: numberOf(row, columns.sourcePort) ?? 0,
    sourceUser: textOf(row, columns.sourceUser),
    sourceServerId: positive(numberOf(row, columns.sourceServerId)),
    sourceUuid: textOf(row, columns.sourceUuid),
    io,
    sql,
    ioState: textOf(row, columns.ioState),
    sqlState: textOf(row, columns.sqlState),
    ioError: parseError(row, columns.ioErrorCode, columns.ioErrorText),
    sqlError: parseError(row, columns.sqlErrorCode, columns.sqlErrorText),
    usesGtid: gtidMode !== "No",
    gtidMode,
    readFile: textOf(row, columns.readFile),
    readPos: numberOf(row, columns.readPos),
    executedFile: textOf(row, columns.executedFile),
    executedPos: numberOf(row, columns.executedPos),
    receivedGtid: readGtid(row, columns.receivedGtid),
    executedGtid: readGtid(row, columns.executedGtid),
    // MySQL 9.7 goes on saying 0 after the receiver was stopped, until the applier has caught up with its checkpoint.
    secondsBehind: io === "yes" && sql === "yes" ? numberOf(row, columns.secondsBehind) : null,
    transactionLagSeconds: null,
    delaySeconds: numberOf(row, columns.delay),
    remainingDelaySeconds: numberOf(row, columns.remainingDelay),
    filters: filterColumns.flatMap((column) => {
      const value = textOf(row, column);
      return value === null ? [] : [`${column}=${value}`];
    }),
    relayLogSpaceBytes: numberOf(row, columns.relayLogSpace),
    secondsSinceHeartbeat: null,
    heartbeatPeriodSeconds: numberOf(row, columns.heartbeatPeriod),
  };
}

/** `Connecting`, and MariaDB's `Preparing` while it looks for its position, are neither yes nor no. */
function parseReceiver(text: string | null): "yes" | "no" | "connecting" {
  if (text === "Yes") return "yes";
  return text === "Connecting" || text === "Preparing" ? "connecting" : "no";
}

function parseGtidMode(row: Row, columns: ReplicaColumns): string {
  if (columns.gtidWord !== null) return textOf(row, columns.gtidWord) ?? "No";
  return numberOf(row, columns.autoPosition) === 1 ? "Auto_Position" : "No";
}

function parseError(row: Row, codeColumn: string, textColumn: string): ReplicationError | null {
  const code = numberOf(row, codeColumn);
  return code === null || code === 0 ? null : { code, message: textOf(row, textColumn) ?? "" };
}

/** Unlike other texts an empty set is a value: nothing received yet. */
function readGtid(row: Row, column: string | null): string | null {
  return column === null ? null : normalizeGtid(row.get(column) ?? null);
}

/** The servers write 0 before they have ever spoken to the source. */
function positive(value: number | null): number | null {
  return value === null || value <= 0 ? null : value;
}

/** Null when the account may not see it; [] when the node replicates from nobody. */
export async function readChannels(asking: Asking): Promise<readonly ReplicaChannel[] | null> {
  const { dialect } = asking.login;
  const part = { name: "replica status", privilege: `${dialect.grants.replicaStatus} ON *.*` };
  const answer = await ask(asking, part, dialect.replicaStatus);
  return answer === null ? null : answer.rows.map((row) => parseChannel(row, answer.columns));
}
