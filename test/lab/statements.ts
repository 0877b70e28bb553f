import type { Flavor } from "./engines.ts";

export type Positioning = "gtid" | "file";

export interface SourceAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

export interface BinlogPosition {
  readonly file: string;
  readonly position: number;
}

/** The lab's own words per flavour. Independent of the drivers on purpose: a lab that shared their code could not find their mistakes. */
export interface LabStatements {
  readonly replicaStatus: string;
  readonly sourceStatus: string;
  readonly start: string;
  readonly stop: string;
  readonly startApplier: string;
  readonly stopApplier: string;
  readonly startReceiver: string;
  readonly stopReceiver: string;
  /** Names of the columns "receiver runs", "applier runs" and "port of the source" in the replica status. */
  readonly columns: { readonly io: string; readonly sql: string; readonly sourcePort: string };
  readonly setDelay: (seconds: number) => string;
  readonly setReadOnly: (on: boolean) => string[];
  /** After how long a receiver notices that its source is silent. */
  readonly setNetTimeout: (seconds: number) => string;
  /** `from` undefined: by GTID. */
  readonly follow: (source: SourceAddress, from: BinlogPosition | undefined) => string;
}

const oldWords = {
  replicaStatus: "SHOW SLAVE STATUS",
  sourceStatus: "SHOW MASTER STATUS",
  start: "START SLAVE",
  stop: "STOP SLAVE",
  startApplier: "START SLAVE SQL_THREAD",
  stopApplier: "STOP SLAVE SQL_THREAD",
  startReceiver: "START SLAVE IO_THREAD",
  stopReceiver: "STOP SLAVE IO_THREAD",
  columns: { io: "Slave_IO_Running", sql: "Slave_SQL_Running", sourcePort: "Master_Port" },
  setDelay: (seconds: number) => `CHANGE MASTER TO MASTER_DELAY=${seconds}`,
  setReadOnly: (on: boolean) => [`SET GLOBAL read_only=${on ? 1 : 0}`],
  setNetTimeout: (seconds: number) => `SET GLOBAL slave_net_timeout=${seconds}`,
};

function buildOldFollow(
  source: SourceAddress,
  from: BinlogPosition | undefined,
  byGtid: string,
  byFile: string,
): string {
  const position = from ? `MASTER_LOG_FILE='${from.file}', MASTER_LOG_POS=${from.position}, ${byFile}` : byGtid;
  return (
    `CHANGE MASTER TO MASTER_HOST='${source.host}', MASTER_PORT=${source.port}, MASTER_USER='${source.user}', ` +
    `MASTER_PASSWORD='${source.password}', MASTER_CONNECT_RETRY=1, MASTER_HEARTBEAT_PERIOD=1, ${position}`
  );
}

export const labStatements: Record<Flavor, LabStatements> = {
  mariadb: {
    ...oldWords,
    follow: (source, from) => buildOldFollow(source, from, "MASTER_USE_GTID=slave_pos", "MASTER_USE_GTID=no"),
  },
  "mysql-5": {
    ...oldWords,
    follow: (source, from) => buildOldFollow(source, from, "MASTER_AUTO_POSITION=1", "MASTER_AUTO_POSITION=0"),
  },
  mysql: {
    replicaStatus: "SHOW REPLICA STATUS",
    sourceStatus: "SHOW BINARY LOG STATUS",
    start: "START REPLICA",
    stop: "STOP REPLICA",
    startApplier: "START REPLICA SQL_THREAD",
    stopApplier: "STOP REPLICA SQL_THREAD",
    startReceiver: "START REPLICA IO_THREAD",
    stopReceiver: "STOP REPLICA IO_THREAD",
    columns: { io: "Replica_IO_Running", sql: "Replica_SQL_Running", sourcePort: "Source_Port" },
    setDelay: (seconds) => `CHANGE REPLICATION SOURCE TO SOURCE_DELAY=${seconds}`,
    setReadOnly: (on) => (on ? ["SET GLOBAL super_read_only=1"] : ["SET GLOBAL read_only=0"]),
    setNetTimeout: (seconds) => `SET GLOBAL replica_net_timeout=${seconds}`,
    // 9.x gives up after ten attempts by default: a lab's source stays away longer.
    follow: (source, from) =>
      `CHANGE REPLICATION SOURCE TO SOURCE_HOST='${source.host}', SOURCE_PORT=${source.port}, SOURCE_USER='${source.user}', ` +
      `SOURCE_PASSWORD='${source.password}', SOURCE_CONNECT_RETRY=1, SOURCE_RETRY_COUNT=86400, SOURCE_HEARTBEAT_PERIOD=1, ` +
      "SOURCE_SSL=0, GET_SOURCE_PUBLIC_KEY=1, " +
      (from
        ? `SOURCE_LOG_FILE='${from.file}', SOURCE_LOG_POS=${from.position}, SOURCE_AUTO_POSITION=0`
        : "SOURCE_AUTO_POSITION=1"),
  },
};
