/** MySQL 5.5, 5.6 and 5.7 (and Percona Server of the same numbers). */
import {
  gtidSource,
  mysql55Replica,
  mysql56List,
  mysql56Replica,
  mysql57Replica,
  plainList,
  plainSource,
} from "./columns.ts";
import type { Dialect } from "./dialect.ts";
import { mysql55Writing, mysql56Writing, mysql57Writing } from "./writing.ts";

export const mysql55: Dialect = {
  name: "mysql-5.5",
  replicaStatus: [{ sql: "SHOW SLAVE STATUS", columns: mysql55Replica }],
  sourceStatus: [{ sql: "SHOW MASTER STATUS", columns: plainSource }],
  replicaList: [{ sql: "SHOW SLAVE HOSTS", columns: plainList }],
  processListTables: ["information_schema.processlist"],
  applierTimes: null,
  fastVariables: {
    readOnly: "read_only",
    superReadOnly: null,
    gtidExecuted: null,
    gtidPurged: null,
    gtidReplicaPos: null,
    gtidBinlogState: null,
    applierCheckpoint: null,
    applierWorkers: null,
  },
  slowVariables: {
    serverUuid: ["server_uuid"],
    logBin: ["log_bin"],
    logReplicaUpdates: ["log_slave_updates"],
    binlogFormat: ["binlog_format"],
    autoIncrementIncrement: ["auto_increment_increment"],
    autoIncrementOffset: ["auto_increment_offset"],
    maxConnections: ["max_connections"],
    gtidMode: ["gtid_mode"],
    gtidStrict: [],
    semiSyncSource: ["rpl_semi_sync_master_enabled"],
    semiSyncReplica: ["rpl_semi_sync_slave_enabled"],
    galera: ["wsrep_on"],
    groupReplication: ["group_replication_group_name"],
  },
  semiSyncCounters: {
    clients: ["Rpl_semi_sync_master_clients"],
    waitSessions: ["Rpl_semi_sync_master_wait_sessions"],
    yesTx: ["Rpl_semi_sync_master_yes_tx"],
    noTx: ["Rpl_semi_sync_master_no_tx"],
  },
  fixedGtidMode: null,
  sessionSettings: ["lock_wait_timeout=2", "wait_timeout=300"],
  grants: {
    replicaStatus: "REPLICATION CLIENT",
    sourceStatus: "REPLICATION CLIENT",
    replicaList: "REPLICATION SLAVE",
    processList: "PROCESS",
  },
  writing: mysql55Writing,
};

export const mysql56: Dialect = {
  ...mysql55,
  name: "mysql-5.6",
  replicaStatus: [{ sql: "SHOW SLAVE STATUS", columns: mysql56Replica }],
  sourceStatus: [{ sql: "SHOW MASTER STATUS", columns: gtidSource }],
  replicaList: [{ sql: "SHOW SLAVE HOSTS", columns: mysql56List }],
  fastVariables: {
    ...mysql55.fastVariables,
    gtidExecuted: "gtid_executed",
    gtidPurged: "gtid_purged",
    applierCheckpoint: "slave_checkpoint_period",
    applierWorkers: "slave_parallel_workers",
  },
  sessionSettings: ["tx_read_only=1", ...mysql55.sessionSettings],
  writing: mysql56Writing,
};

/** Percona Server had super_read_only from 5.6.21-70 on. */
export const percona56: Dialect = {
  ...mysql56,
  name: "percona-5.6",
  fastVariables: { ...mysql56.fastVariables, superReadOnly: "super_read_only" },
};

/** super_read_only came with 5.7.8, which is older than the first stable 5.7. */
export const mysql57: Dialect = {
  ...percona56,
  name: "mysql-5.7",
  replicaStatus: [{ sql: "SHOW SLAVE STATUS", columns: mysql57Replica }],
  sessionSettings: ["tx_read_only=1", "max_execution_time=10000", ...mysql55.sessionSettings],
  writing: mysql57Writing,
};
