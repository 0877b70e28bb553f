/** How each server is changed: words, place of the channel's name, privileges. Measured on MySQL 5.6 and 9.7, MariaDB 10.11 and 11.8. */
import type { Writing, WritingGrants } from "./dialect.ts";

const superuser: WritingGrants = {
  replication: "SUPER",
  reset: "RELOAD",
  readOnly: "SUPER",
  kill: "SUPER",
  flush: "RELOAD",
  eventScheduler: "SUPER",
  event: "EVENT",
  definer: "SUPER",
  semiSync: "SUPER",
  applierCheckpoint: "SUPER",
};

/**
 * A lock wait may not hold up the console; a connection that holds an advisory lock lives through a long drain; nothing of ours may become
 * a transaction that only this node has (an account that may not say so goes without: nothing of ours is logged but events).
 */
const boundedWaits: readonly string[] = ["lock_wait_timeout=2", "wait_timeout=28800", "sql_log_bin=0"];

export const mysql55Writing: Writing = {
  replica: "SLAVE",
  channel: "none",
  changeSource: "CHANGE MASTER",
  option: "MASTER",
  follow: { autoPosition: null, slavePos: null, file: null },
  publicKey: false,
  gtid: null,
  waitForFile: "MASTER_POS_WAIT",
  persist: false,
  storedLogins: null,
  replicationPasswordBytes: 32,
  sessionSettings: boundedWaits,
  grants: superuser,
};

/** GTIDs came with 5.6; so did a table for what a channel logs in with (empty where the server is told to use a file). */
export const mysql56Writing: Writing = {
  ...mysql55Writing,
  follow: { autoPosition: "MASTER_AUTO_POSITION=1", slavePos: null, file: "MASTER_AUTO_POSITION=0" },
  gtid: { kind: "mysql", wait: "WAIT_UNTIL_SQL_THREAD_AFTER_GTIDS" },
  storedLogins: "SELECT * FROM mysql.slave_master_info",
};

/** `FOR CHANNEL` came with 5.7; without it a statement means all channels, so it is always said. */
export const mysql57Writing: Writing = {
  ...mysql56Writing,
  channel: "for-channel",
  gtid: { kind: "mysql", wait: "WAIT_FOR_EXECUTED_GTID_SET" },
};

export const mysql80Writing: Writing = {
  ...mysql57Writing,
  publicKey: true,
  persist: true,
  grants: {
    ...superuser,
    replication: "REPLICATION_SLAVE_ADMIN",
    readOnly: "SYSTEM_VARIABLES_ADMIN",
    kill: "CONNECTION_ADMIN",
    eventScheduler: "SYSTEM_VARIABLES_ADMIN",
    definer: "SET_USER_ID",
    semiSync: "SYSTEM_VARIABLES_ADMIN",
    applierCheckpoint: "SYSTEM_VARIABLES_ADMIN",
  },
};

/** START and STOP REPLICA came with 8.0.22; 8.4 took the old words away. */
export const mysql8022Writing: Writing = { ...mysql80Writing, replica: "REPLICA" };

/** The SOURCE words came with 8.0.23, the function with 8.0.26; until then the old ones are understood. */
export const mysql8026Writing: Writing = {
  ...mysql8022Writing,
  changeSource: "CHANGE REPLICATION SOURCE",
  option: "SOURCE",
  follow: { autoPosition: "SOURCE_AUTO_POSITION=1", slavePos: null, file: "SOURCE_AUTO_POSITION=0" },
  waitForFile: "SOURCE_POS_WAIT",
};

/** SET_ANY_DEFINER came with 8.2, in place of SET_USER_ID. */
export const mysql84Writing: Writing = {
  ...mysql8026Writing,
  grants: { ...mysql8026Writing.grants, definer: "SET_ANY_DEFINER" },
};

/** `STOP SLAVE` without a name means the session's default connection, which is the unnamed one. */
export const mariadbWriting: Writing = {
  ...mysql55Writing,
  channel: "after-word",
  follow: { autoPosition: null, slavePos: "MASTER_USE_GTID=slave_pos", file: "MASTER_USE_GTID=no" },
  gtid: { kind: "mariadb", wait: "MASTER_GTID_WAIT" },
  replicationPasswordBytes: 96,
  // A global limit would end a STOP SLAVE that waits for a large transaction half-way.
  sessionSettings: ["max_statement_time=0", ...boundedWaits],
};

/** READ_ONLY ADMIN is apart from SUPER since 10.11; SUPER alone can no longer kill since 11. */
export const mariadb105Writing: Writing = {
  ...mariadbWriting,
  grants: {
    ...superuser,
    replication: "REPLICATION SLAVE ADMIN",
    readOnly: "READ_ONLY ADMIN",
    kill: "CONNECTION ADMIN",
    definer: "SET USER",
    semiSync: "REPLICATION MASTER ADMIN",
  },
};
