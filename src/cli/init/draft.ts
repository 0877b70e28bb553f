/** From what was seen to what a configuration should say. Pure. */
import type { ConfigProxy } from "../../drivers/haproxy-config/config.ts";
import { findDrift } from "../../drivers/haproxy-config/drift.ts";
import type { HaproxyConfigResult } from "../../drivers/haproxy-config/read.ts";
import { parseServerTarget } from "../../drivers/haproxy-config/server-line.ts";
import { isLoopback } from "../../model/address.ts";
import { withoutStop } from "../../model/printable.ts";
import { type Failure, freshValue, type Reading } from "../../model/reading.ts";
import type { ClusterSettings, HaproxyLocation, ReaderAddress, SshSettings } from "../../model/settings.ts";
import type { ClusterSnapshot, NodeSnapshot } from "../../model/snapshot.ts";
import { describeProxy } from "./describe-proxy.ts";

export interface InitDraft {
  readonly cluster: string;
  readonly user: string;
  readonly haproxies: readonly DraftHaproxy[];
  readonly nodes: readonly DraftNode[];
  readonly ssh: SshSettings;
  readonly writer: {
    readonly backend: string;
    readonly address: { readonly host: string; readonly port: number } | null;
    readonly multiWriter: boolean;
  } | null;
  readonly readers: readonly string[];
  /** Where clients connect for reads, as far as haproxy.cfg tells. */
  readonly readerAddresses: readonly ReaderAddress[];
  /** Account that channels log in with now; null: none was told. */
  readonly replicationUser: string | null;
  /** What could not be found, one sentence each. */
  readonly missing: readonly string[];
}

export interface DraftHaproxy {
  readonly name: string;
  readonly location: HaproxyLocation;
  /** What is known of it, for comments. */
  readonly notes: readonly string[];
}

export interface DraftNode {
  readonly name: string;
  readonly address: string;
  /** Where it cannot be reached otherwise. */
  readonly ssh: string | null;
  readonly notes: readonly string[];
}

export interface InitFindings {
  readonly settings: ClusterSettings;
  readonly ssh: SshSettings;
  readonly cluster: ClusterSnapshot;
  readonly configs: ReadonlyMap<string, HaproxyConfigResult>;
}

export function buildDraft(findings: InitFindings): InitDraft {
  const { settings, cluster } = findings;
  const writer = chooseWriter(findings);
  const users = cluster.nodes.flatMap(({ channels }) => channels.flatMap(({ sourceUser }) => sourceUser ?? []));
  const [replicationUser = null, ...otherUsers] = [...new Set(users)].sort(
    (a, b) => users.filter((user) => user === b).length - users.filter((user) => user === a).length,
  );
  const readers = chooseReaders(cluster, writer?.backend ?? null);
  return {
    cluster: settings.name,
    user:
      settings.nodes.find(({ access }) => access.user !== settings.access.user)?.access.user ?? settings.access.user,
    haproxies: settings.haproxies.map(({ name, location }) => ({ name, location, notes: noteHaproxy(findings, name) })),
    nodes: cluster.nodes.map((node) => ({
      name: node.name,
      address: node.address,
      ssh: settings.nodes.find(({ name }) => name === node.name)?.ssh ?? null,
      notes: noteNode(node),
    })),
    ssh: findings.ssh,
    writer,
    readers,
    readerAddresses: readers.flatMap((backend) => {
      const address = findClientAddress(findings, backend);
      return address === null ? [] : [{ backend, ...address }];
    }),
    replicationUser,
    missing: listMissing(findings, { writer, readers, replicationUser, otherUsers }),
  };
}

/** The one backend with backup servers, else the one whose servers are all writable nodes; several of those may be meant (multi_writer). */
function chooseWriter(findings: InitFindings): InitDraft["writer"] {
  const { cluster } = findings;
  const known = cluster.writer?.backend ?? null;
  const backend = known ?? findWritableBackend(cluster);
  if (backend === null) return null;
  const active = nodesOf(cluster, backend).filter(({ servers }) =>
    servers.some(({ server }) => server.backend === backend && !server.backup),
  );
  const multiWriter = known === null && active.length > 1;
  return { backend, address: findClientAddress(findings, backend), multiWriter };
}

function nodesOf({ nodes }: ClusterSnapshot, backend: string): readonly NodeSnapshot[] {
  return nodes.filter(({ servers }) => servers.some(({ server }) => server.backend === backend));
}

function backendsOf({ nodes }: ClusterSnapshot): readonly string[] {
  return [...new Set(nodes.flatMap(({ servers }) => servers.map(({ server }) => server.backend)))];
}

function findWritableBackend(cluster: ClusterSnapshot): string | null {
  const writable = backendsOf(cluster).filter((backend) =>
    nodesOf(cluster, backend).every(({ reading }) => freshValue(reading)?.readOnly === false),
  );
  const [only, ...more] = writable;
  return only === undefined || more.length > 0 ? null : only;
}

function chooseReaders(cluster: ClusterSnapshot, writer: string | null): readonly string[] {
  if (writer === null) return [];
  return cluster.readerBackends.length > 0
    ? cluster.readerBackends
    : backendsOf(cluster).filter((backend) => backend !== writer);
}

/** Where clients connect, by the bind line of the section, or of the frontend that uses it. */
function findClientAddress(
  { settings, configs }: InitFindings,
  backend: string,
): { readonly host: string; readonly port: number } | null {
  for (const { name, location } of settings.haproxies) {
    const proxies = configs.get(name)?.found?.config.proxies ?? [];
    const entry = proxies.find(
      (proxy) => (proxy.name === backend && proxy.binds.length > 0) || proxy.defaultBackend === backend,
    );
    const address = entry === undefined ? null : selectBind(entry, location);
    if (address !== null) return address;
  }
  return null;
}

function selectBind({ binds }: ConfigProxy, location: HaproxyLocation): { host: string; port: number } | null {
  for (const bind of binds) {
    const { host, port } = parseServerTarget(bind);
    if (port === null) continue;
    const anywhere = host === null || host === "*" || host === "0.0.0.0" || host === "::";
    const here = location.kind === "tcp" || location.kind === "ssh" ? location.host : "127.0.0.1";
    // A loopback address of another machine is no address for us.
    if (!anywhere && !(isLoopback(host) && !isLoopback(here))) return { host, port };
    if (anywhere) return { host: here, port };
  }
  return null;
}

function noteHaproxy({ cluster, configs }: InitFindings, name: string): readonly string[] {
  const reading = cluster.haproxies.find((haproxy) => haproxy.name === name)?.reading;
  const report = reading === undefined ? null : freshValue(reading);
  if (reading === undefined || report === null) return [describeSilence(reading)];
  const found = configs.get(name)?.found ?? null;
  const level = report.level === null ? "level not told" : `level ${report.level}`;
  const notes = [`HAProxy ${report.process?.version ?? "(version not told)"}, ${level}`];
  const ours = new Set(backendsOf(cluster));
  for (const proxy of found?.config.proxies ?? []) {
    if (proxy.kind !== "frontend" && ours.has(proxy.name)) notes.push(...describeProxy(proxy));
  }
  if (found !== null) {
    notes.push(`read from ${found.files.join(", ")}`);
    notes.push(...findDrift(found.config, report).map((difference) => `DRIFT: ${difference}`));
  }
  return notes;
}

function noteNode({ reading, role, channels, knownFrom }: NodeSnapshot): readonly string[] {
  const report = freshValue(reading);
  if (report === null) return [describeSilence(reading)];
  const followed = channels.map(
    ({ sourceNode, sourceHost, sourcePort }) => sourceNode ?? `${sourceHost}:${sourcePort}`,
  );
  const follows = followed.length === 0 ? "" : ` of ${followed.join(", ")}`;
  const writable = report.readOnly === null ? "" : report.readOnly ? ", read-only" : ", writable";
  const from = knownFrom === "replication" ? ", found through replication" : "";
  return [`${report.version}: ${role}${follows}${writable}${from}`];
}

function describeSilence(reading: Reading<unknown> | undefined): string {
  const failure: Failure | null = reading?.state === "failed" ? reading.failure : null;
  return `does not answer: ${withoutStop(failure?.message ?? "not asked")}`;
}

function listMissing(
  { settings, cluster, configs }: InitFindings,
  found: {
    readonly writer: InitDraft["writer"];
    readonly readers: readonly string[];
    readonly replicationUser: string | null;
    readonly otherUsers: readonly string[];
  },
): readonly string[] {
  const endpoints: readonly { readonly name: string; readonly reading: Reading<unknown> }[] = [
    ...cluster.haproxies,
    ...cluster.nodes,
  ];
  const silent = endpoints.filter(({ reading }) => freshValue(reading) === null);
  const hasHaproxy = settings.haproxies.length > 0;
  const { writer, otherUsers } = found;
  return [
    ...silent.map(({ name, reading }) => `${name} ${describeSilence(reading)}`),
    ...(cluster.nodes.length === 0 ? ["no database node: name one with --mysql mysql://user@host:port"] : []),
    ...(hasHaproxy ? [] : ["no HAProxy: name its socket with --haproxy unix:///run/haproxy/admin.sock"]),
    ...(hasHaproxy && writer === null
      ? ["which backend takes writes: none alone has backup servers, or only writable nodes; set writer:"]
      : []),
    ...(writer !== null && writer.address === null
      ? ["where clients connect to write (writer.address, for the route probe): the bind line stands in haproxy.cfg"]
      : []),
    ...settings.haproxies.flatMap(({ name }) => {
      const why = configs.get(name)?.why ?? null;
      return why === null
        ? []
        : [`haproxy.cfg of ${name} (on-marked-down, rise, drift): ${why}; name it with --haproxy-config FILE`];
    }),
    ...(found.replicationUser === null ? ["the replication account (replication:): promote needs it"] : []),
    ...(otherUsers.length > 0 ? [`one replication account: ${otherUsers.join(", ")} is used too`] : []),
    "a heartbeat table (heartbeat:), a floating address (floating_ip:), and SSH targets of nodes that answer without: never looked for",
  ];
}
