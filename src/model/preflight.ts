/**
 * What is read of a node only when its role is about to change (PROMOTION.md §2.1), beside its report. Null always means "could not be
 * read", never "none": a guard that needs it counts as failed then.
 */
import type { ClientSession } from "./mysql.ts";
import type { Change } from "./planned-change.ts";
import type { Failure } from "./reading.ts";
import type { PositionRole, SourcePosition } from "./source-position.ts";
import type { WrittenServer } from "./written-server.ts";

/** Settings that have to agree between a source and its replicas, by the names of `SHOW GLOBAL VARIABLES`; null: the server has no such one. */
export interface ComparedSettings {
  readonly binlogFormat: string | null;
  readonly binlogRowImage: string | null;
  readonly binlogChecksum: string | null;
  readonly characterSetServer: string | null;
  readonly collationServer: string | null;
  readonly lowerCaseTableNames: string | null;
  readonly timeZone: string | null;
  readonly sqlMode: string | null;
  readonly gtidMode: string | null;
  readonly gtidStrict: string | null;
  readonly enforceGtidConsistency: string | null;
  readonly gtidDomainId: string | null;
}

/** Work that would delay the statement that stops writes, or that it would break. */
export interface LongWork {
  readonly kind: "statement" | "transaction" | "table-lock" | "ddl" | "metadata-lock";
  readonly session: ClientSession;
  /** How long it has been going on. */
  readonly seconds: number | null;
  /** Rows changed and not committed; null when not told. */
  readonly rowsModified: number | null;
}

/** An event of the event scheduler. */
export interface ScheduledEvent {
  readonly schema: string;
  readonly name: string;
  /** `user@host` as the server says it. */
  readonly definer: string;
  /** `replica-disabled`: SLAVESIDE_DISABLED / REPLICA_SIDE_DISABLED. */
  readonly status: "enabled" | "disabled" | "replica-disabled";
}

/** An account that may write to a server that is read-only. */
export interface PrivilegedAccount {
  readonly account: string;
  /** The privilege that lets it, e.g. `READ_ONLY ADMIN`. */
  readonly privilege: string;
}

/** A privilege that a planned statement needs and our account does not have. */
export interface MissingGrant {
  /** What it is needed for, e.g. `SET GLOBAL read_only`. */
  readonly statement: string;
  /** Kinds of changes that send it; [] = every plan needs it. */
  readonly kinds: readonly Change["kind"][];
  /** The statement that gives it, e.g. `GRANT READ_ONLY ADMIN ON *.* TO 'ops'@'%';`. */
  readonly grant: string;
}

export interface NodePreflight {
  readonly settings: ComparedSettings | null;
  /** Running and waiting work of clients, replication and our own sessions left out; longest first. */
  readonly work: readonly LongWork[] | null;
  /** XA transactions that are prepared: they cannot be committed once the node is read-only. */
  readonly preparedXa: readonly string[] | null;
  /** Commits that wait for a semi-synchronous replica which lets none of them go; those that it lets go the next moment are none. */
  readonly stuckCommits: number | null;
  /** Accounts beside ours and the server's own that could write in spite of the strongest read-only this server has. */
  readonly privilegedAccounts: readonly PrivilegedAccount[] | null;
  /** Client sessions of those accounts now. */
  readonly privilegedSessions: readonly ClientSession[] | null;
  readonly eventScheduler: "on" | "off" | "disabled" | null;
  readonly events: readonly ScheduledEvent[] | null;
  /** `binlog_do_db` and `binlog_ignore_db` as the source status tells them; [] = none. */
  readonly binlogFilters: readonly string[] | null;
  /** MariaDB: GTID list at the beginning of the oldest binary log that is kept ("" = from the very beginning); null elsewhere or not readable. */
  readonly oldestBinlogGtid: string | null;
  /** Names of binary logs that are kept, oldest first. */
  readonly binlogFiles: readonly { readonly name: string; readonly bytes: number | null }[] | null;
  /** True where the server keeps the password of its channels readable for us (MySQL `mysql.slave_master_info`), so that it can be handed on. */
  readonly hasStoredReplicationPassword: boolean;
  /** `SET PERSIST` works here (MySQL 8.0+). */
  readonly canPersist: boolean;
  /** Persisted or configured value of read_only as far as the server tells: MySQL 8 persisted_variables; null = not told. */
  readonly persistedReadOnly: boolean | null;
  readonly skipReplicaStart: boolean | null;
  /** Connections that are still free below max_connections; null when not told. */
  readonly freeConnections: number | null;
  /** Privileges that promotion needs on this node and our account lacks; [] = none lacks. */
  readonly missingGrants: readonly MissingGrant[] | null;
  /** Locks or accounts of other programs that change topology, in words, e.g. `lock maxscale_mariadbmonitor is held by connection 12`. */
  readonly rivals: readonly string[] | null;
  /** Galera, Group Replication, Aurora or RDS: what it is, in words; [] = none of them. */
  readonly refusedKinds: readonly string[] | null;
  /** Parts that could not be read, for the evidence of a guard. */
  readonly problems: readonly { readonly part: string; readonly failure: Failure }[];
}

/** Outcome of logging in to a node as the account that replicas will use. */
export interface LoginTrial {
  /** Node that was logged in to: the source-to-be. */
  readonly node: string;
  readonly user: string | null;
  readonly ok: boolean;
  /** Null exactly when ok. `null` user with a failure: no credentials are known. */
  readonly failure: Failure | null;
  /** True when the account may read the binary log there (the privilege replicas need); null when it could not be told. */
  readonly mayReplicate: boolean | null;
}

/** What repeated attempts to reach a primary said (PROMOTION.md §2.5.1). */
export interface DeathProof {
  readonly node: string;
  /** Attempts over at least five seconds, oldest first. */
  readonly attempts: readonly { readonly at: number; readonly failure: Failure | null }[];
  /**
   * `dead`: every attempt failed on the network (refused, unreachable, timed out before the server's greeting). `alive`: one got an answer of a
   * server, be it an error such as 1040 or 1045. `hanging`: connections are accepted and nothing is said. `unknown`: it could not be tried from
   * here (name not resolved, cancelled, no such node), which proves nothing.
   */
  readonly verdict: "dead" | "alive" | "hanging" | "unknown";
  /** The sentence to show. */
  readonly message: string;
}

/** Everything beside the snapshot that the plan of a promotion is made from. */
export interface PreflightFacts {
  /** Null: the node could not be asked. A node that is not in it was not asked. */
  readonly nodes: ReadonlyMap<string, NodePreflight | null>;
  /** Login as the replication account to every node that may become a source in the plan. */
  readonly logins: ReadonlyMap<string, LoginTrial>;
  /** For a failover; null otherwise. */
  readonly death: DeathProof | null;
  /** A failover of this cluster within the last hour by the journal; null = none. */
  readonly recentFailover: { readonly operation: string; readonly at: number } | null;
  /** Last operation that moved the writes of this cluster, for coordinates (rejoin by file/position); null = none in the journal. */
  readonly lastPromotion: LastPromotion | null;
  /**
   * Rejoin by file/position: what the returning node's log has after the coordinates of `lastPromotion` up to which the new primary has it, to the
   * very end. Null or absent: not read.
   */
  readonly rejoinTail?: { readonly eventTypes: readonly string[]; readonly changesData: boolean } | null;
  /** By HAProxy whose file could be read: its servers as written there. Only for what is left to people; no guard asks for it. */
  readonly writtenServers?: ReadonlyMap<string, readonly WrittenServer[]>;
}

export interface LastPromotion {
  readonly operation: string;
  readonly from: string | null;
  readonly to: string;
  readonly failover: boolean;
  readonly positions: Readonly<Partial<Record<PositionRole, SourcePosition>>>;
  /** Servers that it put into maintenance. Absent: not told. */
  readonly takenOut?: readonly { readonly haproxy: string; readonly backend: string; readonly server: string }[];
}
