/** How each server is changed: words, place of the channel's name, privileges. Measured on MySQL 5.6 and 9.7, MariaDB 10.11 and 11.8. */
import type { Writing } from "./dialect.ts";

const superuser = { replication: "SUPER", readOnly: "SUPER", kill: "SUPER" };

/** A lock wait may not hold up the console; a connection that holds an advisory lock lives through a long drain. */
const boundedWaits: readonly string[] = ["lock_wait_timeout=2", "wait_timeout=28800"];

export const mysql55Writing: Writing = {
  replica: "SLAVE",
  channel: "none",
  sessionSettings: boundedWaits,
  grants: superuser,
};

/** `FOR CHANNEL` came with 5.7; without it a statement means all channels, so it is always said. */
export const mysql57Writing: Writing = { ...mysql55Writing, channel: "for-channel" };

export const mysql80Writing: Writing = {
  ...mysql57Writing,
  grants: { replication: "REPLICATION_SLAVE_ADMIN", readOnly: "SYSTEM_VARIABLES_ADMIN", kill: "CONNECTION_ADMIN" },
};

/** START and STOP REPLICA came with 8.0.22; 8.4 took the old words away. */
export const mysql8022Writing: Writing = { ...mysql80Writing, replica: "REPLICA" };

/** `STOP SLAVE` without a name means the session's default connection, which is the unnamed one. */
export const mariadbWriting: Writing = {
  replica: "SLAVE",
  channel: "after-word",
  // A global limit would end a STOP SLAVE that waits for a large transaction half-way.
  sessionSettings: ["max_statement_time=0", ...boundedWaits],
  grants: superuser,
};

/** READ_ONLY ADMIN is apart from SUPER since 10.11; SUPER alone can no longer kill since 11. */
export const mariadb105Writing: Writing = {
  ...mariadbWriting,
  grants: { replication: "REPLICATION SLAVE ADMIN", readOnly: "READ_ONLY ADMIN", kill: "CONNECTION ADMIN" },
};
