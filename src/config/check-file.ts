/** What no single key can tell: names used twice, keys that need or exclude each other. Reports to the problem list. */
import { isDeepStrictEqual } from "node:util";
import { addressKey } from "../model/address.ts";
import { hostFromHere } from "../model/link.ts";
import { LAG_SECONDS } from "./build-cluster.ts";
import type { ProblemList } from "./config-error.ts";
import { quoteValue } from "./decode/scalar.ts";
import type { Located } from "./decode/value.ts";
import { type ClusterRecord, type FileRecord, type HaproxyRecord, type NodeRecord, SECRET_KEYS } from "./schema.ts";

export function checkFile(file: FileRecord, problems: ProblemList): void {
  const clusters = file.clusters?.value ?? [];
  checkUnique(
    clusters.map((cluster) => cluster.value.name),
    "cluster",
    problems,
  );
  for (const cluster of clusters) checkCluster(cluster, problems);
}

function checkCluster({ value }: Located<ClusterRecord>, problems: ProblemList): void {
  const haproxies = value.haproxy?.value ?? [];
  const nodes = value.nodes?.value ?? [];
  checkUnique(
    haproxies.map((haproxy) => haproxy.value.name),
    "haproxy",
    problems,
  );
  checkUnique(
    nodes.map((node) => node.value.name),
    "node",
    problems,
  );
  for (const haproxy of haproxies) checkHaproxy(haproxy, problems);
  checkProducts(haproxies, problems);
  checkSameEndpoints(haproxies, nodes, problems);
  checkLag(value, problems);
  checkReplication(value, problems);
  if (value.multi_writer?.value === true && value.writer === undefined) {
    problems.add(
      value.multi_writer.place,
      `${value.multi_writer.path} needs writer:`,
      "write writer: {backend: NAME, multi_writer: true}",
    );
  }
}

function checkUnique(names: readonly (Located<string> | undefined)[], what: string, problems: ProblemList): void {
  const lines = new Map<string, number | null>();
  for (const name of names) {
    if (name === undefined) continue;
    if (lines.has(name.value)) {
      problems.add(
        name.place,
        `${name.path} ${quoteValue(name.value)} is the name of another ${what}`,
        `the first one is on line ${lines.get(name.value)}`,
      );
    } else lines.set(name.value, name.place.line);
  }
}

function checkHaproxy({ value }: Located<HaproxyRecord>, problems: ProblemList): void {
  const { socket, stats, sql_admin } = value;
  if (socket && stats)
    problems.add(stats.place, `${stats.path} stands beside socket:`, "one of them; the socket tells more");
  if (socket?.value.kind === "stats")
    problems.add(socket.place, `${socket.path} names a stats page`, "write stats: before an http URL");
  if (stats && stats.value.kind !== "stats")
    problems.add(stats.place, `${stats.path} names a socket`, "write socket: before this URL");
  const other = socket ?? stats;
  if (sql_admin && other)
    problems.add(
      sql_admin.place,
      `${sql_admin.path} stands beside ${other.path}`,
      "one of them: name each proxy apart",
    );
  if (sql_admin) return;
  for (const key of ["ssh", ...SECRET_KEYS] as const) {
    const found = value[key];
    if (found !== undefined)
      problems.add(found.place, `${found.path} stands without sql_admin:`, "socket: and stats: have theirs in the URL");
  }
}

/** A cluster has one writer backend by name, and host groups (`hg10`) never have the names of Atlas and MySQL Proxy (`rw`). */
function checkProducts(haproxies: readonly Located<HaproxyRecord>[], problems: ProblemList): void {
  const admins = haproxies.flatMap(({ value }) => value.sql_admin ?? []);
  const [first] = admins;
  const other = admins.find(({ value }) => (value.product === "proxysql") !== (first?.value.product === "proxysql"));
  if (first === undefined || other === undefined) return;
  problems.add(
    other.place,
    `${other.path} is ${other.value.product} beside ${first.value.product}: their writer backends never have the same name`,
    "make a cluster of each",
  );
}

function checkSameEndpoints(
  haproxies: readonly Located<HaproxyRecord>[],
  nodes: readonly Located<NodeRecord>[],
  problems: ProblemList,
): void {
  checkSame<unknown>(
    haproxies.map(({ value }) => value.socket ?? value.stats ?? value.sql_admin),
    "HAProxy",
    problems,
    isDeepStrictEqual,
  );
  // One server under two names would take the writes twice: a split brain that is none.
  checkSame(
    nodes.map(({ value }) => locateNode(value)),
    "node",
    problems,
    (a, b) => addressKey(a.host, a.port) === addressKey(b.host, b.port),
  );
}

/** The loopback behind SSH is that machine's own. */
function locateNode({ address, ssh }: NodeRecord): Located<{ host: string; port: number }> | undefined {
  if (address === undefined) return undefined;
  const { host, port } = address.value;
  return { ...address, value: { host: hostFromHere({ host, ssh: ssh?.value ?? null }), port } };
}

function checkSame<T>(
  places: readonly (Located<T> | undefined)[],
  what: string,
  problems: ProblemList,
  isSame: (a: T, b: T) => boolean,
): void {
  places.forEach((endpoint, index) => {
    if (endpoint === undefined) return;
    const first = places.slice(0, index).find((other) => other !== undefined && isSame(other.value, endpoint.value));
    if (first)
      problems.add(
        endpoint.place,
        `${endpoint.path} is the same ${what} as line ${first.place.line}`,
        "name each one once",
      );
  });
}

function checkLag({ lag }: ClusterRecord, problems: ProblemList): void {
  const { warning, critical } = lag?.value ?? {};
  const warningMs = warning?.value ?? LAG_SECONDS.warningSeconds * 1000;
  const criticalMs = critical?.value ?? LAG_SECONDS.criticalSeconds * 1000;
  const written = warning ?? critical;
  if (written !== undefined && warningMs > criticalMs) {
    problems.add(
      written.place,
      `${lag?.path} warns (${warningMs / 1000}s) later than it is critical (${criticalMs / 1000}s)`,
      "warning must not be above critical",
    );
  }
}

function checkReplication({ replication }: ClusterRecord, problems: ProblemList): void {
  if (replication === undefined || replication.value.user || replication.value.defaults_file) return;
  problems.add(replication.place, `${replication.path} needs the key "user"`);
}
