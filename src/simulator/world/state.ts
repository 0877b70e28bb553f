/**
 * The state of the simulated cluster: plain objects that only the functions of this folder change. Times are milliseconds on the
 * world's own clock, which starts at a given Unix time and moves only by `stepWorld`.
 */
import type { Random } from "../random.ts";
import type { NumberRanges } from "./number-ranges.ts";

export interface Transaction {
  readonly domain: number;
  /** Server that committed it first. */
  readonly serverId: number;
  readonly sequence: number;
  readonly committedAtMs: number;
  readonly bytes: number;
  /** The row it inserted into the table of orders; null for anything else. */
  readonly row: OrderRow | null;
  /** `schema.name` of the event it enabled; replicas leave that to their source. */
  readonly enables: string | null;
}

/** What a new transaction does beside being one. */
export type TransactionContent = { readonly write: number } | { readonly enables: string };

/** A client's write. */
export interface OrderRow {
  /** Value of its AUTO_INCREMENT key. */
  readonly id: number;
  /** Number among all writes that clients were told to be done. */
  readonly write: number;
}

export interface BinlogPoint {
  /** Number of the file; see `binlogFileName`. */
  file: number;
  pos: number;
}

export interface BinlogEvent extends Readonly<BinlogPoint> {
  readonly transaction: Transaction;
  readonly writtenAtMs: number;
}

/** What the server of a node is. */
export const productNames = ["mariadb", "mysql"] as const;
export type ProductName = (typeof productNames)[number];

/** A node's binary log. `events[i]` has the absolute number `firstIndex + i`; earlier ones are purged. */
export interface Binlog extends BinlogPoint {
  /** Bytes before the first event of a file. */
  readonly headerBytes: number;
  readonly maxFileBytes: number;
  readonly events: BinlogEvent[];
  firstIndex: number;
}

/** Last id of one replication domain; on MySQL each server is a domain of its own. */
export interface GtidPoint {
  readonly serverId: number;
  readonly sequence: number;
}

/** GTID position: domain → last id. As every server hands on what it has in order, that is all of a domain up to there. */
export type GtidPosition = Map<number, GtidPoint>;

export interface ThreadError {
  readonly code: number;
  readonly message: string;
  readonly atMs: number;
}

export interface Receiver {
  state: "yes" | "no" | "connecting";
  error: ThreadError | null;
  nextTryAtMs: number;
  /** Number of the next event of the source's log; null while not connected. */
  nextIndex: number | null;
  /** Process life of the source we are connected to, so that its restart is noticed. */
  sourceIncarnation: number;
  lastHeardAtMs: number;
  heartbeats: number;
}

export interface Applier {
  running: boolean;
  error: ThreadError | null;
  /** How long after its commit a transaction is applied at the earliest: the lag that is wanted now. */
  holdBackMs: number;
  /** Transactions per second it can do when behind. */
  capacityPerSecond: number;
  /** Fails with this error at its next transaction. */
  failsNext: { readonly code: number; readonly message: string } | null;
  executedTransactions: number;
}

/** A replication connection; the default one has the name "". */
export interface Channel {
  readonly name: string;
  sourceHost: string;
  sourcePort: number;
  sourceUser: string;
  sourcePassword: string;
  usingGtid: "No" | "Slave_Pos" | "Current_Pos" | "Auto_Position";
  /** Server id of the source as last seen by the receiver; 0 before the first connection. */
  sourceServerId: number;
  readonly receiver: Receiver;
  readonly applier: Applier;
  /** Received, in coordinates of the source. */
  readonly received: BinlogPoint;
  /** Executed, in coordinates of the source. */
  readonly executed: BinlogPoint;
  receivedGtid: GtidPosition;
  /** MySQL: domain → first sequence that was received since the channel was made. */
  readonly receivedFrom: Map<number, number>;
  /** Received but not executed. */
  readonly relayLog: BinlogEvent[];
  relayLogFile: number;
}

/** A session that came through HAProxy. */
export interface ClientSession {
  readonly id: number;
  readonly server: ProxyServer;
  /** Null behind servers that are no node of ours. */
  readonly node: Node | null;
  readonly connectionId: number;
  readonly sourcePort: number;
  readonly startedAtMs: number;
  lastStatementAtMs: number;
  /** Ends the connection behind it; null for clients that live in the simulation only. */
  readonly close: (() => void) | null;
  /** Ends only when somebody ends it. */
  lasting: boolean;
}

/** A client that talks to the MySQL protocol server of the simulator itself. */
export interface DirectConnection {
  readonly id: number;
  readonly user: string;
  readonly host: string;
  database: string | null;
  command: "Sleep" | "Query";
  query: string | null;
  sinceMs: number;
  readonly close: () => void;
  /** Its statement waits: until when at most, and whether somebody ended it. */
  wait: { readonly untilMs: number; interrupted: boolean } | null;
  /** Begun and not ended: rows that are inserted and not committed. It is gone with the connection. */
  transaction: { readonly startedAtMs: number; rows: number } | null;
}

/** An event of the event scheduler. */
export interface ScheduledEvent {
  readonly schema: string;
  readonly name: string;
  readonly definer: string;
  status: "ENABLED" | "DISABLED" | "SLAVESIDE_DISABLED";
}

export interface Node {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly serverId: number;
  readonly product: ProductName;
  readonly version: string;
  process: "running" | "stopped" | "frozen";
  /** Rises with every start. */
  incarnation: number;
  startedAtMs: number;
  readOnly: boolean;
  /** MySQL: nobody may write, whatever privileges it has. */
  superReadOnly: boolean;
  /** As its configuration file has it: what it starts with. */
  configuredReadOnly: boolean;
  logReplicaUpdates: boolean;
  readonly binlog: Binlog;
  /** `domain-serverId` → last sequence. */
  readonly binlogState: Map<string, number>;
  readonly binlogPosition: GtidPosition;
  readonly replicaPosition: GtidPosition;
  readonly channels: Channel[];
  readonly sessions: Set<ClientSession>;
  readonly connections: Map<number, DirectConnection>;
  /** GET_LOCK: name → id of the connection that holds it. */
  readonly namedLocks: Map<string, number>;
  /** Connection that holds FLUSH TABLES WITH READ LOCK. */
  globalLock: number | null;
  /** Connection that holds LOCK TABLES … WRITE on the one table there is. */
  tableLock: number | null;
  readonly events: ScheduledEvent[];
  /** Numbers of the clients' writes it has. */
  readonly writes: NumberRanges;
  /** Highest key of the table of orders by its remainder of auto_increment_increment. */
  readonly lastRowIds: Map<number, number>;
  /** Connections to the simulator's own port, logged in or not. */
  openConnections: number;
  /** Global variables that are not as built in, lower case. */
  readonly variables: Map<string, string>;
  /** MySQL: what SET PERSIST has kept, which goes before its configuration file. */
  readonly persisted: Map<string, string>;
  /** Those of its configuration file: what it starts with. */
  readonly configuredVariables: ReadonlyMap<string, string>;
  nextConnectionId: number;
  statements: number;
  refusedWrites: number;
}

/** Sessions per second, as HAProxy counts them. */
export interface Rate {
  second: number;
  current: number;
  previous: number;
  max: number;
}

export interface CheckResult {
  /** As in show stat, e.g. `L7OK`. */
  readonly status: string;
  readonly code: number | null;
  readonly durationMs: number;
  readonly info: string;
}

export interface ProxyServer {
  readonly id: number;
  readonly name: string;
  readonly backend: Backend;
  readonly host: string;
  readonly port: number;
  readonly backup: boolean;
  /** Node behind the address; null for servers that stand for something outside the cluster and always pass their check. */
  readonly node: Node | null;
  readonly initialWeight: number;
  weight: number;
  maint: boolean;
  drain: boolean;
  readonly intervalMs: number;
  readonly rise: number;
  readonly fall: number;
  /** HAProxy's own counter: 0 … rise+fall-1, up from `rise` on. */
  health: number;
  check: CheckResult;
  nextCheckAtMs: number;
  lastChangeAtMs: number;
  downSinceMs: number | null;
  downtimeMs: number;
  failedChecks: number;
  downTransitions: number;
  readonly sessions: Set<ClientSession>;
  maxSessions: number;
  totalSessions: number;
  bytesIn: number;
  bytesOut: number;
  connectErrors: number;
  lastSessionAtMs: number | null;
  readonly rate: Rate;
}

export interface Backend {
  readonly id: number;
  readonly name: string;
  readonly role: "write" | "read" | "other";
  readonly servers: ProxyServer[];
  /** Sessions its clients like to hold, and how long they keep one. */
  wantedSessions: number;
  readonly meanSessionMs: number;
  maxSessions: number;
  totalSessions: number;
  /** Clients turned away because no server was usable. */
  refused: number;
  lastChangeAtMs: number;
  downSinceMs: number | null;
  downtimeMs: number;
  downTransitions: number;
  bytesIn: number;
  bytesOut: number;
  nextTurn: number;
  readonly rate: Rate;
}

export interface Haproxy {
  readonly name: string;
  readonly version: string;
  pid: number;
  startedAtMs: number;
  /** False while its process is not there. */
  running: boolean;
  readonly maxConnections: number;
  readonly backends: Backend[];
  cliConnections: number;
  cliRequests: number;
  bytesOut: number;
}

export interface Account {
  readonly user: string;
  readonly password: string;
  /** Names of privileges as its product writes them, or ALL. */
  readonly privileges: "ALL" | readonly string[];
}

/** A scripted disturbance, repeated with every cycle. */
export interface Incident {
  readonly name: string;
  readonly atMs: number;
  readonly durationMs: number;
  readonly begin: (world: World) => void;
  readonly end: (world: World) => void;
}

/** What became of the clients' writes, and what was done to the cluster. */
export interface Ledger {
  /** Writes that clients were told to be done; they are numbered from 1. */
  acknowledged: number;
  /** Writes that clients wanted and did not get: no server, or a read-only one. */
  refused: number;
  /** World time of the last acknowledged write. */
  lastWriteAtMs: number;
  /** Longest time between two of them, in milliseconds. */
  longestGapMs: number;
  /** Changing statements and commands that servers accepted. */
  commands: number;
}

/** A machine: what runs on it, and its program that moves the clients' address (Heartbeat). */
export interface Host {
  readonly name: string;
  /** HAProxies and nodes on it, by name. */
  readonly members: readonly string[];
  /** The last part of its own address; unlike those of the others. */
  readonly number: number;
}

/** The address of the clients, which one host holds, unless the hosts do not hear each other. */
export interface FloatingAddress {
  readonly text: string;
  /** Host that has it when nothing is wrong. */
  readonly home: string;
  /** Its home gave it away; that lasts until its HAProxy is started again. */
  isAway: boolean;
  /** The hosts do not hear each other: each that can takes the address. */
  isSplit: boolean;
}

export interface World {
  readonly random: Random;
  readonly startedAtMs: number;
  nowMs: number;
  transactionsPerSecond: number;
  readonly nodes: Node[];
  readonly haproxies: Haproxy[];
  /** The same on all nodes. */
  readonly accounts: Account[];
  readonly incidents: readonly Incident[];
  readonly incidentCycleMs: number;
  readonly activeIncidents: Set<Incident>;
  readonly ledger: Ledger;
  readonly hosts: readonly Host[];
  /** Null: clients use all HAProxies, each at an address of its own. */
  readonly address: FloatingAddress | null;
  nextSessionId: number;
}

/** `mysql-bin.000001`. */
export function binlogFileName(file: number): string {
  return `mysql-bin.${String(file).padStart(6, "0")}`;
}
