/**
 * What differs between the servers, as data of one shape. A form is one way to ask, with the names of the columns it answers with;
 * forms stand in the order in which they are tried: on "syntax error" (1064) the next is tried once and remembered for the connection.
 */

export interface StatementForm<C> {
  readonly sql: string;
  readonly columns: C;
}

/** Column of each figure in the replica status; null where the server has none. */
export interface ReplicaColumns {
  readonly channel: string | null;
  readonly sourceHost: string;
  readonly sourcePort: string;
  readonly sourceUser: string;
  readonly sourceServerId: string;
  readonly sourceUuid: string | null;
  readonly io: string;
  readonly sql: string;
  readonly ioState: string;
  readonly sqlState: string | null;
  readonly ioErrorCode: string;
  readonly ioErrorText: string;
  readonly sqlErrorCode: string;
  readonly sqlErrorText: string;
  /** MariaDB: `Using_Gtid`, a word. */
  readonly gtidWord: string | null;
  /** MySQL: `Auto_Position`, 0 or 1. */
  readonly autoPosition: string | null;
  readonly readFile: string;
  readonly readPos: string;
  readonly executedFile: string;
  readonly executedPos: string;
  readonly receivedGtid: string | null;
  readonly executedGtid: string | null;
  readonly secondsBehind: string;
  readonly delay: string | null;
  readonly remainingDelay: string | null;
  readonly relayLogSpace: string;
  readonly heartbeatPeriod: string | null;
}

export interface SourceColumns {
  readonly file: string;
  readonly pos: string;
  readonly gtid: string | null;
}

export interface ReplicaListColumns {
  readonly serverId: string;
  readonly host: string;
  readonly port: string;
  readonly uuid: string | null;
}

/** Read with every poll by one `SELECT @@global.…`; null where the server has no such variable. */
export interface FastVariables {
  readonly readOnly: string;
  readonly superReadOnly: string | null;
  readonly gtidExecuted: string | null;
  readonly gtidPurged: string | null;
  readonly gtidReplicaPos: string | null;
  readonly gtidBinlogState: string | null;
  /** How often a parallel applier moves its coordinates, milliseconds. */
  readonly applierCheckpoint: string | null;
  /** Threads that apply side by side; 0 = it is not parallel. */
  readonly applierWorkers: string | null;
}

/** Read now and then by SHOW GLOBAL VARIABLES, which never fails for a missing one; of several names the first that exists counts. */
export interface SlowVariables {
  readonly serverUuid: readonly string[];
  readonly logBin: readonly string[];
  readonly logReplicaUpdates: readonly string[];
  readonly binlogFormat: readonly string[];
  readonly autoIncrementIncrement: readonly string[];
  readonly autoIncrementOffset: readonly string[];
  readonly maxConnections: readonly string[];
  readonly gtidMode: readonly string[];
  readonly gtidStrict: readonly string[];
  readonly semiSyncSource: readonly string[];
  readonly semiSyncReplica: readonly string[];
  readonly galera: readonly string[];
  readonly groupReplication: readonly string[];
}

export interface SemiSyncCounters {
  readonly clients: readonly string[];
  readonly waitSessions: readonly string[];
  /** Commits that were let go, acknowledged or not: while one of them rises, nobody waits for long. */
  readonly yesTx: readonly string[];
  readonly noTx: readonly string[];
}

/** Privilege that each part needs, for the advice of a refusal (measured per version; see docs of each dialect). */
export interface Grants {
  readonly replicaStatus: string;
  readonly sourceStatus: string;
  readonly replicaList: string;
  readonly processList: string;
}

/** What a change needs, as in `GRANT … ON *.*`. */
export interface WritingGrants {
  readonly replication: string;
  readonly reset: string;
  readonly readOnly: string;
  readonly kill: string;
  readonly flush: string;
  readonly eventScheduler: string;
  readonly event: string;
  /** To alter an event that another account defined, beside `event`. */
  readonly definer: string;
  readonly semiSync: string;
  readonly applierCheckpoint: string;
}

/** How a server is changed; texts only, nothing is sent from here. */
export interface Writing {
  /** `SLAVE` or `REPLICA` after START, STOP and RESET. */
  readonly replica: string;
  /** Where the name of a channel goes: right after that word, at the end, or nowhere (one channel only). */
  readonly channel: "after-word" | "for-channel" | "none";
  /** `CHANGE MASTER` or `CHANGE REPLICATION SOURCE`. */
  readonly changeSource: string;
  /** Beginning of its options: `MASTER` or `SOURCE`. */
  readonly option: "MASTER" | "SOURCE";
  /** Options for each way to find the position; null where the server cannot. */
  readonly follow: {
    readonly autoPosition: string | null;
    readonly slavePos: string | null;
    readonly file: string | null;
  };
  /** An account with caching_sha2_password needs the server's public key where there is no TLS. */
  readonly publicKey: boolean;
  /** Which GTIDs it has, and the function that waits for them; null: none. */
  readonly gtid: { readonly kind: "mysql" | "mariadb"; readonly wait: string } | null;
  readonly waitForFile: "MASTER_POS_WAIT" | "SOURCE_POS_WAIT";
  /** `SET PERSIST` is known. */
  readonly persist: boolean;
  /** Statement that reads the logins of channels with their passwords; null where the server keeps them to itself. */
  readonly storedLogins: string | null;
  /** Longest password a channel takes, in bytes. */
  readonly replicationPasswordBytes: number;
  /** Assignments of SET SESSION on the writer's connections: they may change things, and no statement is ended half-way by a time limit. */
  readonly sessionSettings: readonly string[];
  readonly grants: WritingGrants;
}

export interface Dialect {
  readonly name: string;
  readonly replicaStatus: readonly StatementForm<ReplicaColumns>[];
  readonly sourceStatus: readonly StatementForm<SourceColumns>[];
  readonly replicaList: readonly StatementForm<ReplicaListColumns>[];
  /** Tables that hold the process list, best first. */
  readonly processListTables: readonly string[];
  /** Commit times and heartbeat ages per channel (performance_schema); null where the server has none. */
  readonly applierTimes: string | null;
  readonly fastVariables: FastVariables;
  readonly slowVariables: SlowVariables;
  readonly semiSyncCounters: SemiSyncCounters;
  /** GTID mode of servers that have no switch for it. */
  readonly fixedGtidMode: string | null;
  /** Assignments of SET SESSION right after login: read only, bounded statements and lock waits. */
  readonly sessionSettings: readonly string[];
  readonly grants: Grants;
  readonly writing: Writing;
}
