/** Column names of the status statements in the old and in the new words. Source: the servers themselves, test/fixtures/mysql. */
import type { ReplicaColumns, ReplicaListColumns, SourceColumns } from "./dialect.ts";

/** MySQL 5.5: no channel, no GTID, no delay, no applier state. */
export const mysql55Replica: ReplicaColumns = {
  channel: null,
  sourceHost: "Master_Host",
  sourcePort: "Master_Port",
  sourceUser: "Master_User",
  sourceServerId: "Master_Server_Id",
  sourceUuid: null,
  io: "Slave_IO_Running",
  sql: "Slave_SQL_Running",
  ioState: "Slave_IO_State",
  sqlState: null,
  ioErrorCode: "Last_IO_Errno",
  ioErrorText: "Last_IO_Error",
  sqlErrorCode: "Last_SQL_Errno",
  sqlErrorText: "Last_SQL_Error",
  gtidWord: null,
  autoPosition: null,
  readFile: "Master_Log_File",
  readPos: "Read_Master_Log_Pos",
  executedFile: "Relay_Master_Log_File",
  executedPos: "Exec_Master_Log_Pos",
  receivedGtid: null,
  executedGtid: null,
  secondsBehind: "Seconds_Behind_Master",
  delay: null,
  remainingDelay: null,
  relayLogSpace: "Relay_Log_Space",
  heartbeatPeriod: null,
};

export const mysql56Replica: ReplicaColumns = {
  ...mysql55Replica,
  sourceUuid: "Master_UUID",
  sqlState: "Slave_SQL_Running_State",
  autoPosition: "Auto_Position",
  receivedGtid: "Retrieved_Gtid_Set",
  executedGtid: "Executed_Gtid_Set",
  delay: "SQL_Delay",
  remainingDelay: "SQL_Remaining_Delay",
};

/** 5.7 and 8.0 in the old words. */
export const mysql57Replica: ReplicaColumns = { ...mysql56Replica, channel: "Channel_Name" };

/** SHOW REPLICA STATUS, 8.0.22 and later. */
export const mysqlReplica: ReplicaColumns = {
  ...mysql57Replica,
  sourceHost: "Source_Host",
  sourcePort: "Source_Port",
  sourceUser: "Source_User",
  sourceServerId: "Source_Server_Id",
  sourceUuid: "Source_UUID",
  io: "Replica_IO_Running",
  sql: "Replica_SQL_Running",
  ioState: "Replica_IO_State",
  sqlState: "Replica_SQL_Running_State",
  readFile: "Source_Log_File",
  readPos: "Read_Source_Log_Pos",
  executedFile: "Relay_Source_Log_File",
  executedPos: "Exec_Source_Log_Pos",
  secondsBehind: "Seconds_Behind_Source",
};

/** SHOW ALL SLAVES STATUS; only this form lists named connections and `Gtid_Slave_Pos`. */
export const mariadbReplica: ReplicaColumns = {
  ...mysql55Replica,
  channel: "Connection_name",
  sqlState: "Slave_SQL_State",
  gtidWord: "Using_Gtid",
  receivedGtid: "Gtid_IO_Pos",
  executedGtid: "Gtid_Slave_Pos",
  delay: "SQL_Delay",
  remainingDelay: "SQL_Remaining_Delay",
  heartbeatPeriod: "Slave_heartbeat_period",
};

export const plainSource: SourceColumns = { file: "File", pos: "Position", gtid: null };
export const gtidSource: SourceColumns = { ...plainSource, gtid: "Executed_Gtid_Set" };

export const plainList: ReplicaListColumns = { serverId: "Server_id", host: "Host", port: "Port", uuid: null };
export const mysql56List: ReplicaListColumns = { ...plainList, uuid: "Slave_UUID" };
export const mysqlList: ReplicaListColumns = {
  serverId: "Server_Id",
  host: "Host",
  port: "Port",
  uuid: "Replica_UUID",
};
