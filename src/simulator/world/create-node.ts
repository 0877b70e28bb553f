/** New nodes and replication channels of the simulated cluster. */
import { createBinlog } from "./binlog.ts";
import { createNumberRanges } from "./number-ranges.ts";
import { rulesOf } from "./products/select.ts";
import type { Account, Channel, Node, ProductName } from "./state.ts";

const viewers: Readonly<Record<ProductName, readonly string[]>> = {
  mariadb: ["PROCESS", "BINLOG MONITOR", "SLAVE MONITOR"],
  mysql: ["PROCESS", "REPLICATION CLIENT"],
};

/** Accounts every node knows. They guard a simulator on the loopback address: no secrets. */
export const listAccounts = (product: ProductName): Account[] => [
  { user: "ops", password: "demo-ops", privileges: "ALL" },
  { user: "admin", password: "demo-admin", privileges: "ALL" },
  { user: "viewer", password: "demo-viewer", privileges: viewers[product] },
  { user: "nopriv", password: "demo-nopriv", privileges: [] },
  { user: "haproxy_check", password: "", privileges: [] },
  { user: "repl", password: "demo-repl", privileges: ["REPLICATION SLAVE"] },
  { user: "app", password: "demo-app", privileges: ["SELECT", "INSERT", "UPDATE", "DELETE"] },
];

/** The account signalbox is to use. */
export const consoleLogin = { user: "ops", password: "demo-ops" } as const;

/** The account its replicas log in with. */
export const replicationLogin = { user: "repl", password: "demo-repl" } as const;

export interface NodeOptions {
  readonly name: string;
  readonly index: number;
  readonly host: string;
  readonly port: number;
  readonly readOnly: boolean;
  readonly product: ProductName;
  /** Global variables of its configuration file. */
  readonly variables: ReadonlyMap<string, string>;
  readonly startedAtMs: number;
}

export function createNode({ index, readOnly, variables, ...rest }: NodeOptions): Node {
  const { version, headerBytes } = rulesOf(rest);
  return {
    ...rest,
    serverId: index + 1,
    version,
    process: "running",
    incarnation: 1,
    readOnly,
    superReadOnly: false,
    configuredReadOnly: readOnly,
    logReplicaUpdates: true,
    binlog: createBinlog(headerBytes),
    binlogState: new Map(),
    binlogPosition: new Map(),
    replicaPosition: new Map(),
    channels: [],
    sessions: new Set(),
    connections: new Map(),
    namedLocks: new Map(),
    globalLock: null,
    tableLock: null,
    events: [
      { schema: "shop", name: "purge_carts", definer: "admin@%", status: readOnly ? "SLAVESIDE_DISABLED" : "ENABLED" },
    ],
    writes: createNumberRanges(),
    lastRowIds: new Map(),
    openConnections: 0,
    variables: new Map(variables),
    persisted: new Map(),
    configuredVariables: variables,
    nextConnectionId: 1_000 + index * 37,
    statements: 0,
    refusedWrites: 0,
  };
}

export interface ChannelOptions {
  readonly name: string;
  readonly sourceHost: string;
  readonly sourcePort: number;
  readonly sourceUser: string;
  readonly sourcePassword: string;
  readonly sourceServerId: number;
  readonly usingGtid: Channel["usingGtid"];
}

/** Its threads stand still; see replica-control.ts. */
export function createChannel(options: ChannelOptions, nowMs: number): Channel {
  return {
    ...options,
    receiver: {
      state: "no",
      error: null,
      nextTryAtMs: nowMs,
      nextIndex: null,
      sourceIncarnation: 0,
      lastHeardAtMs: nowMs,
      heartbeats: 0,
    },
    applier: {
      running: false,
      error: null,
      holdBackMs: 0,
      capacityPerSecond: 600,
      failsNext: null,
      executedTransactions: 0,
    },
    received: { file: 1, pos: 4 },
    executed: { file: 1, pos: 4 },
    receivedGtid: new Map(),
    receivedFrom: new Map(),
    relayLog: [],
    relayLogFile: 2,
  };
}
