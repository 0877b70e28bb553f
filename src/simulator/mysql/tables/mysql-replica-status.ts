/** SHOW REPLICA STATUS: columns, types and texts of MySQL 9.7. */
import { executedPosition, uuidOf } from "../../world/gtid.ts";
import { formatGtidSet, toGtidSet } from "../../world/gtid-set.ts";
import { secondsBehind } from "../../world/replication.ts";
import { binlogFileName, type Channel, type Node, type ThreadError, type World } from "../../world/state.ts";
import { formatDateTime } from "../sql/time.ts";
import type { Cell } from "../wire/answer.ts";
import { columnsOf, type Table } from "./table.ts";

const columns = columnsOf(
  "Replica_IO_State Source_Host Source_User Source_Port:int Connect_Retry:int Source_Log_File Read_Source_Log_Pos:bigint Relay_Log_File Relay_Log_Pos:bigint Relay_Source_Log_File Replica_IO_Running Replica_SQL_Running Replicate_Do_DB Replicate_Ignore_DB Replicate_Do_Table Replicate_Ignore_Table Replicate_Wild_Do_Table Replicate_Wild_Ignore_Table Last_Errno:int Last_Error Skip_Counter:int Exec_Source_Log_Pos:bigint Relay_Log_Space:bigint Until_Condition Until_Log_File Until_Log_Pos:bigint Source_SSL_Allowed Source_SSL_CA_File Source_SSL_CA_Path Source_SSL_Cert Source_SSL_Cipher Source_SSL_Key Seconds_Behind_Source:bigint Source_SSL_Verify_Server_Cert Last_IO_Errno:int Last_IO_Error Last_SQL_Errno:int Last_SQL_Error Replicate_Ignore_Server_Ids Source_Server_Id:int Source_UUID Source_Info_File SQL_Delay:int SQL_Remaining_Delay:int Replica_SQL_Running_State Source_Retry_Count:int Source_Bind Last_IO_Error_Timestamp Last_SQL_Error_Timestamp Source_SSL_Crl Source_SSL_Crlpath Retrieved_Gtid_Set Executed_Gtid_Set Auto_Position:int Replicate_Rewrite_DB Channel_Name Source_TLS_Version Source_public_key_path Get_Source_public_key:int Network_Namespace",
);

const ioStates = {
  yes: "Waiting for source to send event",
  connecting: "Reconnecting after a failed source event read",
  no: "",
};
const running = { yes: "Yes", no: "No", connecting: "Connecting" };

/** `261121 02:20:00`, as these two columns have it. */
function formatStamp(error: ThreadError | null): string {
  return error === null ? "" : formatDateTime(error.atMs).slice(2).replaceAll("-", "");
}

function describeApplier({ applier, relayLog }: Channel): string {
  if (!applier.running) return "";
  return relayLog.length === 0
    ? "Replica has read all relay log; waiting for more updates"
    : "Waiting for dependent transaction to commit";
}

/** What the receiver has brought since the channel was made. */
function formatRetrieved({ receivedGtid, receivedFrom, usingGtid }: Channel): string {
  if (usingGtid === "No") return "";
  const brought = [...receivedGtid].filter(([domain]) => receivedFrom.has(domain));
  return formatGtidSet(toGtidSet(new Map(brought), receivedFrom));
}

function threadFields({ receiver, applier }: Channel): Record<string, Cell> {
  return {
    Replica_IO_State: ioStates[receiver.state],
    Replica_IO_Running: running[receiver.state],
    Replica_SQL_Running: applier.running ? "Yes" : "No",
    Last_Errno: applier.error?.code ?? 0,
    Last_Error: applier.error?.message ?? "",
    Last_SQL_Errno: applier.error?.code ?? 0,
    Last_SQL_Error: applier.error?.message ?? "",
    Last_SQL_Error_Timestamp: formatStamp(applier.error),
    Last_IO_Errno: receiver.error?.code ?? 0,
    Last_IO_Error: receiver.error?.message ?? "",
    Last_IO_Error_Timestamp: formatStamp(receiver.error),
  };
}

function positionFields(node: Node, channel: Channel): Record<string, Cell> {
  return {
    Source_Log_File: binlogFileName(channel.received.file),
    Read_Source_Log_Pos: channel.received.pos,
    Relay_Source_Log_File: binlogFileName(channel.executed.file),
    Exec_Source_Log_Pos: channel.executed.pos,
    Relay_Log_File: `relay-bin.${String(channel.relayLogFile).padStart(6, "0")}`,
    Relay_Log_Pos: channel.executed.pos + 217,
    Relay_Log_Space: channel.relayLog.reduce((sum, { transaction }) => sum + transaction.bytes, 0) + 894,
    Retrieved_Gtid_Set: formatRetrieved(channel),
    Executed_Gtid_Set: formatGtidSet(toGtidSet(executedPosition(node))),
    Auto_Position: channel.usingGtid === "No" ? 0 : 1,
  };
}

const constants: Readonly<Record<string, Cell>> = {
  Connect_Retry: 5,
  Skip_Counter: 0,
  Until_Condition: "None",
  Until_Log_Pos: 0,
  Source_SSL_Allowed: "No",
  Source_SSL_Verify_Server_Cert: "No",
  Source_Info_File: "mysql.slave_master_info",
  SQL_Delay: 0,
  SQL_Remaining_Delay: null,
  Source_Retry_Count: 86_400,
  Get_Source_public_key: 1,
};

export function buildMysqlReplicaStatus(node: Node, world: World, channels: readonly Channel[]): Table {
  const rows = channels.map((channel) => {
    const fields: Record<string, Cell> = {
      ...constants,
      ...threadFields(channel),
      ...positionFields(node, channel),
      Replica_SQL_Running_State: describeApplier(channel),
      Channel_Name: channel.name,
      Source_Host: channel.sourceHost,
      Source_User: channel.sourceUser,
      Source_Port: channel.sourcePort,
      Source_Server_Id: channel.sourceServerId,
      Source_UUID: channel.sourceServerId === 0 ? "" : uuidOf(channel.sourceServerId),
      Seconds_Behind_Source: secondsBehind(world, channel),
    };
    return columns.map(({ name }) => (fields[name] === undefined ? "" : fields[name]));
  });
  return { columns, rows };
}
