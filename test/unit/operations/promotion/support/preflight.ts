/** Preflight facts of clusters that are fit for a promotion, to be bent into a situation. */
import type { ClientSession, MysqlReport } from "../../../../../src/model/mysql.ts";
import type {
  ComparedSettings,
  DeathProof,
  LoginTrial,
  LongWork,
  NodePreflight,
  PreflightFacts,
} from "../../../../../src/model/preflight.ts";
import type { Failure } from "../../../../../src/model/reading.ts";
import { lastKnown } from "../../../../../src/model/reading.ts";
import type { ClusterSnapshot, NodeSnapshot } from "../../../../../src/model/snapshot.ts";

const SETTINGS: ComparedSettings = {
  binlogFormat: "ROW",
  binlogRowImage: "FULL",
  binlogChecksum: "CRC32",
  characterSetServer: "utf8mb4",
  collationServer: "utf8mb4_general_ci",
  lowerCaseTableNames: "0",
  timeZone: "SYSTEM",
  sqlMode: "STRICT_TRANS_TABLES",
  gtidMode: null,
  gtidStrict: "OFF",
  enforceGtidConsistency: null,
  gtidDomainId: "0",
};

const MYSQL_SETTINGS: ComparedSettings = {
  ...SETTINGS,
  collationServer: "utf8mb4_0900_ai_ci",
  gtidMode: "ON",
  gtidStrict: null,
  enforceGtidConsistency: "ON",
  gtidDomainId: null,
};

/** A node with nothing in the way of a change of its role. */
export function healthyNode(
  flavor: MysqlReport["flavor"] = "mariadb",
  patch: Partial<NodePreflight> = {},
): NodePreflight {
  const isMariadb = flavor === "mariadb";
  return {
    settings: isMariadb ? SETTINGS : MYSQL_SETTINGS,
    work: [],
    preparedXa: [],
    stuckCommits: 0,
    privilegedAccounts: [],
    privilegedSessions: [],
    eventScheduler: "off",
    events: [],
    binlogFilters: [],
    oldestBinlogGtid: isMariadb ? "" : null,
    binlogFiles: [{ name: "bin.000001", bytes: 4096 }],
    hasStoredReplicationPassword: !isMariadb,
    canPersist: !isMariadb,
    persistedReadOnly: null,
    skipReplicaStart: false,
    freeConnections: 100,
    missingGrants: [],
    rivals: [],
    refusedKinds: [],
    problems: [],
    ...patch,
  };
}

/** A login as `repl` that worked. */
export function goodLogin(node: string): LoginTrial {
  return { node, user: "repl", ok: true, failure: null, mayReplicate: true };
}

export function badLogin(node: string, failure: Partial<Failure> = {}): LoginTrial {
  const base: Failure = {
    kind: "auth",
    target: node,
    operation: "connect",
    message: "Access denied for user 'repl'@'10.0.0.1'",
    advice: null,
    serverCode: 1045,
  };
  return { node, user: "repl", ok: false, failure: { ...base, ...failure }, mayReplicate: null };
}

/** A preflight of every node of the snapshot that answers, with logins to all of them; what does not answer has null. */
export function healthyPreflight(cluster: ClusterSnapshot, patch: Partial<PreflightFacts> = {}): PreflightFacts {
  const isFresh = ({ reading }: NodeSnapshot) => reading.state === "fresh";
  const flavorOf = ({ reading }: NodeSnapshot) => lastKnown(reading)?.value.flavor;
  return {
    nodes: new Map(cluster.nodes.map((node) => [node.name, isFresh(node) ? healthyNode(flavorOf(node)) : null])),
    logins: new Map(cluster.nodes.filter(isFresh).map(({ name }) => [name, goodLogin(name)])),
    death: null,
    recentFailover: null,
    lastPromotion: null,
    ...patch,
  };
}

/** The same with something changed on one node. */
export function onNode(facts: PreflightFacts, name: string, patch: Partial<NodePreflight> | null): PreflightFacts {
  const known = facts.nodes.get(name);
  if (patch === null) return { ...facts, nodes: new Map([...facts.nodes, [name, null]]) };
  if (known === null || known === undefined) throw new Error(`no preflight of ${name}`);
  return { ...facts, nodes: new Map([...facts.nodes, [name, { ...known, ...patch }]]) };
}

/** The same with another outcome of a login; null: it was not tried. */
export function onLogin(facts: PreflightFacts, name: string, trial: LoginTrial | null): PreflightFacts {
  const logins = new Map(facts.logins);
  if (trial === null) logins.delete(name);
  else logins.set(name, trial);
  return { ...facts, logins };
}

const REFUSED: Failure = {
  kind: "unreachable",
  target: "db1 10.0.0.11:3306",
  operation: "connect",
  message: "connection refused",
  advice: null,
  serverCode: "ECONNREFUSED",
};

/** Three attempts over five seconds that nobody answered. */
export function proofOfDeath(node: string, patch: Partial<DeathProof> = {}): DeathProof {
  return {
    node,
    attempts: [0, 2500, 5000].map((at) => ({ at, failure: REFUSED })),
    verdict: "dead",
    message: `${node}: 3 of 3 attempts over 5 s were refused (ECONNREFUSED)`,
    ...patch,
  };
}

export function buildWork(session: Partial<ClientSession> = {}, patch: Partial<LongWork> = {}): LongWork {
  const base: ClientSession = {
    id: 42,
    user: "app",
    host: "10.0.0.7:51000",
    database: "shop",
    command: "Query",
    seconds: 12,
    state: "updating",
    query: "UPDATE orders SET total = total + 1",
    system: false,
  };
  return { kind: "statement", session: { ...base, ...session }, seconds: 12, rowsModified: null, ...patch };
}
