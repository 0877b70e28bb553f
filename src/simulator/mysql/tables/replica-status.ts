/** SHOW [ALL] SLAVE[S] STATUS: columns, types and texts of MariaDB 10.11. */
import { formatGtidPosition } from "../../world/gtid.ts";
import { secondsBehind } from "../../world/replication.ts";
import { binlogFileName, type Channel, type Node, type World } from "../../world/state.ts";
import type { Cell } from "../wire/answer.ts";
import { columnsOf, type Table } from "./table.ts";

const allFormOnly = "Connection_name Slave_SQL_State";
const shared =
  "Slave_IO_State Master_Host Master_User Master_Port:int Connect_Retry:int Master_Log_File Read_Master_Log_Pos:bigint Relay_Log_File Relay_Log_Pos:bigint Relay_Master_Log_File Slave_IO_Running Slave_SQL_Running Replicate_Do_DB Replicate_Ignore_DB Replicate_Do_Table Replicate_Ignore_Table Replicate_Wild_Do_Table Replicate_Wild_Ignore_Table Last_Errno:int Last_Error Skip_Counter:int Exec_Master_Log_Pos:bigint Relay_Log_Space:bigint Until_Condition Until_Log_File Until_Log_Pos:bigint Master_SSL_Allowed Master_SSL_CA_File Master_SSL_CA_Path Master_SSL_Cert Master_SSL_Cipher Master_SSL_Key Seconds_Behind_Master:bigint Master_SSL_Verify_Server_Cert Last_IO_Errno:int Last_IO_Error Last_SQL_Errno:int Last_SQL_Error Replicate_Ignore_Server_Ids Master_Server_Id:int Master_SSL_Crl Master_SSL_Crlpath Using_Gtid Gtid_IO_Pos Replicate_Do_Domain_Ids Replicate_Ignore_Domain_Ids Parallel_Mode SQL_Delay:int SQL_Remaining_Delay:int Slave_SQL_Running_State Slave_DDL_Groups:bigint Slave_Non_Transactional_Groups:bigint Slave_Transactional_Groups:bigint Replicate_Rewrite_DB";
const allFormEnd =
  "Retried_transactions:int Max_relay_log_size:bigint Executed_log_entries:int Slave_received_heartbeats:int Slave_heartbeat_period:double Gtid_Slave_Pos";

const columns = columnsOf(shared);
const allColumns = columnsOf(`${allFormOnly} ${shared} ${allFormEnd}`);

const ioStates = {
  yes: "Waiting for master to send event",
  connecting: "Reconnecting after a failed master event read",
  no: "",
};

function describeApplier({ applier, relayLog }: Channel): string {
  if (!applier.running) return "";
  return relayLog.length === 0
    ? "Slave has read all relay log; waiting for more updates"
    : "Write_rows_log_event::write_row(-1) on table `orders`";
}

function bytesQueued(channel: Channel): number {
  return channel.relayLog.reduce((sum, event) => sum + event.transaction.bytes, 0);
}

function threadFields(channel: Channel): Record<string, Cell> {
  const { receiver, applier } = channel;
  const words = { yes: "Yes", no: "No", connecting: "Connecting" };
  const state = describeApplier(channel);
  return {
    Slave_IO_State: ioStates[receiver.state],
    Slave_IO_Running: words[receiver.state],
    Slave_SQL_Running: applier.running ? "Yes" : "No",
    Slave_SQL_State: state,
    Slave_SQL_Running_State: state,
    Last_Errno: applier.error?.code ?? 0,
    Last_Error: applier.error?.message ?? "",
    Last_SQL_Errno: applier.error?.code ?? 0,
    Last_SQL_Error: applier.error?.message ?? "",
    Last_IO_Errno: receiver.error?.code ?? 0,
    Last_IO_Error: receiver.error?.message ?? "",
    Slave_received_heartbeats: receiver.heartbeats,
    Slave_Transactional_Groups: applier.executedTransactions,
    Executed_log_entries: applier.executedTransactions * 4,
  };
}

function positionFields(node: Node, channel: Channel): Record<string, Cell> {
  return {
    Master_Log_File: binlogFileName(channel.received.file),
    Read_Master_Log_Pos: channel.received.pos,
    Relay_Master_Log_File: binlogFileName(channel.executed.file),
    Exec_Master_Log_Pos: channel.executed.pos,
    Relay_Log_File: `mysqld-relay-bin.${String(channel.relayLogFile).padStart(6, "0")}`,
    Relay_Log_Pos: channel.executed.pos + 297,
    Relay_Log_Space: bytesQueued(channel) + 875,
    Gtid_IO_Pos: channel.usingGtid === "No" ? "" : formatGtidPosition(channel.receivedGtid),
    Gtid_Slave_Pos: formatGtidPosition(node.replicaPosition),
  };
}

const constants: Record<string, Cell> = {
  Connect_Retry: 5,
  Skip_Counter: 0,
  Until_Condition: "None",
  Until_Log_Pos: 0,
  Master_SSL_Allowed: "No",
  Master_SSL_Verify_Server_Cert: "No",
  Parallel_Mode: "optimistic",
  SQL_Delay: 0,
  SQL_Remaining_Delay: null,
  Slave_DDL_Groups: 0,
  Slave_Non_Transactional_Groups: 0,
  Retried_transactions: 0,
  Max_relay_log_size: 104_857_600,
  Slave_heartbeat_period: "30.000",
};

function channelFields(world: World, node: Node, channel: Channel): Record<string, Cell> {
  return {
    ...constants,
    Connection_name: channel.name,
    Master_Host: channel.sourceHost,
    Master_User: channel.sourceUser,
    Master_Port: channel.sourcePort,
    Master_Server_Id: channel.sourceServerId,
    Using_Gtid: channel.usingGtid,
    Seconds_Behind_Master: secondsBehind(world, channel),
    ...threadFields(channel),
    ...positionFields(node, channel),
  };
}

/** @param form `all` is SHOW ALL SLAVES STATUS with its eight further columns. */
export function buildReplicaStatus(world: World, node: Node, channels: readonly Channel[], form: "all" | "one"): Table {
  const shown = form === "all" ? allColumns : columns;
  const rows = channels.map((channel) => {
    const fields = channelFields(world, node, channel);
    return shown.map(({ name }) => (fields[name] === undefined ? "" : fields[name]));
  });
  return { columns: shown, rows };
}
