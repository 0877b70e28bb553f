/** MySQL 8.0 in its three stages of new words, 8.4 and 9.x (and Percona Server of the same numbers). */
import { gtidSource, mysql56List, mysql57Replica, mysqlList, mysqlReplica } from "./columns.ts";
import type { Dialect, ReplicaColumns, ReplicaListColumns, SourceColumns, StatementForm } from "./dialect.ts";
import { mysql57 } from "./mysql-5.ts";
import { mysql80Writing, mysql84Writing, mysql8022Writing, mysql8026Writing } from "./writing.ts";

const oldStatus: StatementForm<ReplicaColumns> = { sql: "SHOW SLAVE STATUS", columns: mysql57Replica };
const newStatus: StatementForm<ReplicaColumns> = { sql: "SHOW REPLICA STATUS", columns: mysqlReplica };
const oldSource: StatementForm<SourceColumns> = { sql: "SHOW MASTER STATUS", columns: gtidSource };
const newSource: StatementForm<SourceColumns> = { sql: "SHOW BINARY LOG STATUS", columns: gtidSource };
const oldList: StatementForm<ReplicaListColumns> = { sql: "SHOW SLAVE HOSTS", columns: mysql56List };
const newList: StatementForm<ReplicaListColumns> = { sql: "SHOW REPLICAS", columns: mysqlList };

/**
 * One row per channel and applier worker. UNIX_TIMESTAMP of a TIMESTAMP column needs no time zone, so a change of summer time does no
 * harm; a zero date (nothing yet) gives 0 and is turned into NULL.
 */
const applierTimes = `SELECT s.CHANNEL_NAME AS channel, s.LAST_QUEUED_TRANSACTION AS queued,
 UNIX_TIMESTAMP(NOW(6)) - NULLIF(UNIX_TIMESTAMP(s.LAST_HEARTBEAT_TIMESTAMP), 0) AS heartbeat_age,
 UNIX_TIMESTAMP(NOW(6)) - NULLIF(UNIX_TIMESTAMP(s.LAST_QUEUED_TRANSACTION_END_QUEUE_TIMESTAMP), 0) AS queued_age,
 c.HEARTBEAT_INTERVAL AS heartbeat_period, w.APPLYING_TRANSACTION AS applying, w.LAST_APPLIED_TRANSACTION AS applied,
 UNIX_TIMESTAMP(NOW(6)) - NULLIF(UNIX_TIMESTAMP(w.APPLYING_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP), 0) AS applying_age
 FROM performance_schema.replication_connection_status s
 LEFT JOIN performance_schema.replication_connection_configuration c ON c.CHANNEL_NAME = s.CHANNEL_NAME
 LEFT JOIN performance_schema.replication_applier_status_by_worker w ON w.CHANNEL_NAME = s.CHANNEL_NAME`;

export const mysql80: Dialect = {
  ...mysql57,
  name: "mysql-8.0",
  replicaStatus: [oldStatus, newStatus],
  sourceStatus: [oldSource, newSource],
  replicaList: [oldList, newList],
  applierTimes,
  sessionSettings: ["transaction_read_only=1", "max_execution_time=10000", "lock_wait_timeout=2", "wait_timeout=300"],
  writing: mysql80Writing,
};

/** 8.0.22: SHOW REPLICA STATUS, SHOW REPLICAS, performance_schema.processlist. */
export const mysql8022: Dialect = {
  ...mysql80,
  name: "mysql-8.0.22",
  replicaStatus: [newStatus, oldStatus],
  replicaList: [newList, oldList],
  processListTables: ["performance_schema.processlist", "information_schema.processlist"],
  writing: mysql8022Writing,
};

/** 8.0.26: new variable names; the old semi-sync plugin keeps the old ones, so both are looked for. */
export const mysql8026: Dialect = {
  ...mysql8022,
  name: "mysql-8.0.26",
  fastVariables: {
    ...mysql8022.fastVariables,
    applierCheckpoint: "replica_checkpoint_period",
    applierWorkers: "replica_parallel_workers",
  },
  slowVariables: {
    ...mysql8022.slowVariables,
    logReplicaUpdates: ["log_replica_updates", "log_slave_updates"],
    semiSyncSource: ["rpl_semi_sync_source_enabled", "rpl_semi_sync_master_enabled"],
    semiSyncReplica: ["rpl_semi_sync_replica_enabled", "rpl_semi_sync_slave_enabled"],
  },
  semiSyncCounters: {
    clients: ["Rpl_semi_sync_source_clients", "Rpl_semi_sync_master_clients"],
    waitSessions: ["Rpl_semi_sync_source_wait_sessions", "Rpl_semi_sync_master_wait_sessions"],
    yesTx: ["Rpl_semi_sync_source_yes_tx", "Rpl_semi_sync_master_yes_tx"],
    noTx: ["Rpl_semi_sync_source_no_tx", "Rpl_semi_sync_master_no_tx"],
  },
  writing: mysql8026Writing,
};

/** 8.2 brought SHOW BINARY LOG STATUS, 8.4 took the old statements away. */
export const mysql84: Dialect = {
  ...mysql8026,
  name: "mysql-8.4",
  sourceStatus: [newSource, oldSource],
  writing: mysql84Writing,
};

export const mysql9: Dialect = { ...mysql84, name: "mysql-9" };
