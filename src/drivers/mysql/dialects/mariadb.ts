/** MariaDB 10.2 – 10.4, 10.5 – 10.11 and 11.x. The REPLICA words are mere aliases there: column names never changed. */
import { mariadbReplica, plainList, plainSource } from "./columns.ts";
import type { Dialect } from "./dialect.ts";
import { mariadb105Writing, mariadbWriting } from "./writing.ts";

export const mariadb102: Dialect = {
  name: "mariadb-10.2",
  replicaStatus: [{ sql: "SHOW ALL SLAVES STATUS", columns: mariadbReplica }],
  sourceStatus: [{ sql: "SHOW MASTER STATUS", columns: plainSource }],
  replicaList: [{ sql: "SHOW SLAVE HOSTS", columns: plainList }],
  processListTables: ["information_schema.processlist"],
  applierTimes: null,
  fastVariables: {
    readOnly: "read_only",
    superReadOnly: null,
    gtidExecuted: "gtid_binlog_pos",
    gtidPurged: null,
    gtidReplicaPos: "gtid_slave_pos",
    gtidBinlogState: "gtid_binlog_state",
    // Its parallel applier moves its coordinates with every transaction.
    applierCheckpoint: null,
    applierWorkers: null,
  },
  slowVariables: {
    // server_uid is a hash of hardware address and port, the same in many containers: no identity.
    serverUuid: [],
    logBin: ["log_bin"],
    logReplicaUpdates: ["log_slave_updates"],
    binlogFormat: ["binlog_format"],
    autoIncrementIncrement: ["auto_increment_increment"],
    autoIncrementOffset: ["auto_increment_offset"],
    maxConnections: ["max_connections"],
    gtidMode: [],
    gtidStrict: ["gtid_strict_mode"],
    semiSyncSource: ["rpl_semi_sync_master_enabled"],
    semiSyncReplica: ["rpl_semi_sync_slave_enabled"],
    galera: ["wsrep_on"],
    groupReplication: [],
  },
  semiSyncCounters: {
    clients: ["Rpl_semi_sync_master_clients"],
    waitSessions: ["Rpl_semi_sync_master_wait_sessions"],
    yesTx: ["Rpl_semi_sync_master_yes_tx"],
    noTx: ["Rpl_semi_sync_master_no_tx"],
  },
  fixedGtidMode: "ON",
  sessionSettings: ["tx_read_only=1", "max_statement_time=10", "lock_wait_timeout=2", "wait_timeout=300"],
  grants: {
    replicaStatus: "REPLICATION CLIENT",
    sourceStatus: "REPLICATION CLIENT",
    replicaList: "REPLICATION SLAVE",
    processList: "PROCESS",
  },
  writing: mariadbWriting,
};

/** Finer privileges from 10.5 on (10.5.0 – 10.5.8 asked for REPLICATION SLAVE ADMIN to see the replica status). */
export const mariadb105: Dialect = {
  ...mariadb102,
  name: "mariadb-10.5",
  sourceStatus: [...mariadb102.sourceStatus, { sql: "SHOW BINLOG STATUS", columns: plainSource }],
  replicaList: [...mariadb102.replicaList, { sql: "SHOW REPLICA HOSTS", columns: plainList }],
  grants: {
    replicaStatus: "REPLICA MONITOR",
    sourceStatus: "BINLOG MONITOR",
    replicaList: "REPLICATION MASTER ADMIN",
    processList: "PROCESS",
  },
  writing: mariadb105Writing,
};

/**
 * 11.x also has Master_last_event_time, Slave_last_event_time and their difference. They are not used: the difference is that of two
 * events, not one to now. Measured on 11.8.6: it stands still (1 s) while an applier has been blocked for 2 s, says 0 after the applier
 * stopped with an error, and after an idle hour the first transaction makes it an hour. Seconds_Behind_Master was right each time.
 */
export const mariadb11: Dialect = {
  ...mariadb105,
  name: "mariadb-11",
  sourceStatus: [...mariadb105.sourceStatus, { sql: "SHOW BINARY LOG STATUS", columns: plainSource }],
};
