/** What one MySQL or MariaDB node says of itself. Null always means "not known", never "no" or zero. */
import type { Failure } from "./reading.ts";

export type Flavor = "mysql" | "mariadb" | "percona";

export interface BinlogPosition {
  readonly file: string | null;
  readonly pos: number | null;
  /** MySQL: gtid_executed. MariaDB: gtid_binlog_pos. Newlines removed; empty string when there is none. */
  readonly gtid: string | null;
}

export interface ReplicationError {
  readonly code: number;
  /** Server text: escape before showing. */
  readonly message: string;
}

/** Seconds with the way they were found. `seconds` is a number only when both threads run and a figure was read. */
export type LagFrom = "heartbeat" | "status" | "gtid" | "unknown";

/** One replication channel (MySQL channel, MariaDB connection) of a replica. */
export interface ReplicaChannel {
  /** "" for the default channel. */
  readonly name: string;
  readonly sourceHost: string;
  readonly sourcePort: number;
  readonly sourceUser: string | null;
  readonly sourceServerId: number | null;
  readonly sourceUuid: string | null;
  readonly io: "yes" | "no" | "connecting";
  readonly sql: "yes" | "no";
  readonly ioState: string | null;
  readonly sqlState: string | null;
  readonly ioError: ReplicationError | null;
  readonly sqlError: ReplicationError | null;
  readonly usesGtid: boolean;
  /** `No`, `Slave_Pos`, `Current_Pos` (MariaDB), `Auto_Position` (MySQL). */
  readonly gtidMode: string;
  /** Received so far, coordinates of the source. */
  readonly readFile: string | null;
  readonly readPos: number | null;
  /** Executed so far, coordinates of the source. */
  readonly executedFile: string | null;
  readonly executedPos: number | null;
  /** MySQL: Retrieved_Gtid_Set. MariaDB: Gtid_IO_Pos. */
  readonly receivedGtid: string | null;
  /** MySQL: Executed_Gtid_Set of the node. MariaDB: gtid_slave_pos. */
  readonly executedGtid: string | null;
  readonly secondsBehind: number | null;
  /** From the commit time carried by the transaction being applied (performance_schema, MariaDB 11 event times); null when not to be had. */
  readonly transactionLagSeconds: number | null;
  /** Configured delay in seconds. */
  readonly delaySeconds: number | null;
  readonly remainingDelaySeconds: number | null;
  readonly filters: readonly string[];
  readonly relayLogSpaceBytes: number | null;
  /** Seconds since the last heartbeat or event of the source arrived, where the server tells. */
  readonly secondsSinceHeartbeat: number | null;
  readonly heartbeatPeriodSeconds: number | null;
}

/** A replica that is attached to this node right now, as seen in the processlist (dump thread) and, where told, by SHOW REPLICAS. */
export interface AttachedReplica {
  readonly serverId: number | null;
  readonly uuid: string | null;
  /** Host the dump thread comes from, or report_host. */
  readonly host: string | null;
  /** report_port; null when only the processlist knows it. */
  readonly port: number | null;
  readonly seenIn: "processlist" | "replica-list" | "both";
}

export interface SemiSync {
  readonly sourceEnabled: boolean | null;
  readonly replicaEnabled: boolean | null;
  readonly clients: number | null;
  readonly waitSessions: number | null;
}

export interface GtidState {
  /** MySQL gtid_executed; MariaDB gtid_binlog_pos joined with gtid_slave_pos is NOT done here: this is gtid_binlog_pos. */
  readonly executed: string | null;
  readonly purged: string | null;
  /** MariaDB gtid_slave_pos. */
  readonly replicaPos: string | null;
  /** MariaDB gtid_binlog_state: every (domain, server) pair. */
  readonly binlogState: string | null;
  /** MySQL gtid_mode, MariaDB "ON". */
  readonly mode: string | null;
  readonly strict: boolean | null;
}

/** Part of a poll that did not work although the node answered, e.g. for want of a privilege. */
export interface ReportProblem {
  /** Which part is unknown because of it, e.g. `replica status`. */
  readonly part: string;
  readonly failure: Failure;
}

export interface MysqlReport {
  readonly flavor: Flavor;
  readonly version: string;
  readonly versionComment: string | null;
  readonly serverId: number | null;
  readonly serverUuid: string | null;
  readonly hostname: string | null;
  readonly port: number | null;
  readonly uptimeSeconds: number | null;
  readonly readOnly: boolean | null;
  readonly superReadOnly: boolean | null;
  readonly logBin: boolean | null;
  readonly logReplicaUpdates: boolean | null;
  readonly binlogFormat: string | null;
  readonly autoIncrementIncrement: number | null;
  readonly autoIncrementOffset: number | null;
  readonly threadsConnected: number | null;
  readonly threadsRunning: number | null;
  readonly maxConnections: number | null;
  readonly queriesTotal: number | null;
  readonly position: BinlogPosition | null;
  readonly gtid: GtidState;
  /** Null when not known (privilege); [] when the node replicates from nobody. */
  readonly channels: readonly ReplicaChannel[] | null;
  readonly attachedReplicas: readonly AttachedReplica[] | null;
  readonly semiSync: SemiSync | null;
  /**
   * Milliseconds between two moments at which the coordinates of a parallel applier move (MySQL). Null or absent: they move with every transaction,
   * or the server does not tell.
   */
  readonly applierCheckpointMs?: number | null;
  /** Seconds behind by the heartbeat table, per server_id of the writer of the row. */
  readonly heartbeats: readonly { readonly serverId: number; readonly ageSeconds: number }[] | null;
  readonly galera: boolean | null;
  readonly groupReplication: boolean | null;
  /** Users in the processlist that belong to other tools which change topology, e.g. orchestrator. */
  readonly rivalUsers: readonly string[] | null;
  readonly problems: readonly ReportProblem[];
}

/** One row of the processlist. Query text is server text: escape before showing. */
export interface ClientSession {
  readonly id: number;
  readonly user: string;
  readonly host: string | null;
  readonly database: string | null;
  readonly command: string;
  readonly seconds: number | null;
  readonly state: string | null;
  readonly query: string | null;
  /** Replication threads, dump threads, event scheduler, daemons: never offered for a kill. */
  readonly system: boolean;
}
