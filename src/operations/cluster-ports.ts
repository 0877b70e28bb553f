/** Ports of one cluster over real drivers, which are given as factories: only src/engine knows what is behind them. */
import type {
  CompositeChange,
  HaproxyChange,
  HaproxyWriter,
  HostWriter,
  MysqlChange,
  MysqlInspector,
  MysqlProbes,
  MysqlWriter,
  ReplicationLogin,
  RequestBounds,
} from "../drivers/contract.ts";
import { DriverError } from "../drivers/errors.ts";
import { type FloatingHost, planFloatingHosts } from "../model/floating-ip.ts";
import type { HaproxyServer } from "../model/haproxy.ts";
import type { Flavor, MysqlReport } from "../model/mysql.ts";
import type { AddressChange, Change } from "../model/operation.ts";
import { lastKnown } from "../model/reading.ts";
import type { ClusterSettings, HaproxySettings } from "../model/settings.ts";
import type { ClusterSnapshot } from "../model/snapshot.ts";
import type { WrittenServer } from "../model/written-server.ts";
import { Eyes, type EyesOptions, type NodeTarget } from "./eyes.ts";
import type { ClusterPorts, Expectation, SendResult } from "./ports.ts";

export interface ChangingDrivers {
  readonly openHaproxyWriter: (settings: HaproxySettings) => HaproxyWriter;
  readonly openMysqlWriter: (target: NodeTarget) => MysqlWriter;
  /** Null for a host on which no program can be run; left out where there is none. */
  readonly openHostWriter?: (host: FloatingHost) => HostWriter | null;
  readonly hostCommand?: (change: AddressChange) => string;
  readonly openInspector: (target: NodeTarget) => MysqlInspector;
  /** @param nodeTarget null: no such node */
  readonly createProbes: (settings: ClusterSettings, nodeTarget: (name: string) => NodeTarget | null) => MysqlProbes;
  /** @param server as read last; null: not known */
  readonly haproxyCommand: (change: HaproxyChange, settings: HaproxySettings, server: HaproxyServer | null) => string;
  readonly mysqlCommand: (change: MysqlChange, server: { readonly flavor: Flavor; readonly version: string }) => string;
  /** Null: this way to HAProxy does not tell. */
  readonly stickTables: (settings: HaproxySettings, bounds: RequestBounds) => Promise<readonly string[] | null>;
  /** See ClusterPorts. */
  readonly writtenServers: (
    settings: HaproxySettings,
    pid: number | null,
    bounds: RequestBounds,
  ) => Promise<readonly WrittenServer[] | null>;
}

export interface ClusterPortsOptions extends EyesOptions {
  readonly drivers: ChangingDrivers;
}

export function createClusterPorts(options: ClusterPortsOptions): ClusterPorts {
  const { settings, drivers } = options;
  const eyes = new Eyes(options);
  const writers = new Writers(options, eyes);
  const inspectors = new Inspectors(options, eyes);
  const probes = drivers.createProbes(settings, (name) => eyes.nodeTarget(name));
  return {
    settings,
    clock: options.clock,
    look: (scope, timeoutMs) => eyes.look(scope, timeoutMs),
    clientSessions: (node, bounds) => eyes.clientSessions(node, bounds),
    async stickTables(haproxy, bounds) {
      const found = settings.haproxies.find(({ name }) => name === haproxy);
      return found === undefined ? null : drivers.stickTables(found, bounds);
    },
    async writtenServers(haproxy, pid, bounds) {
      const found = settings.haproxies.find(({ name }) => name === haproxy);
      return found === undefined ? null : drivers.writtenServers(found, pid, bounds);
    },
    commandText: (change, cluster) => describeChange(change, cluster, options),
    send(change, expected, bounds) {
      if ("haproxy" in change) return writers.sendHaproxy(change, expected, bounds);
      if (change.kind === "move-address") return writers.sendHost(change, expected, bounds);
      return writers.sendMysql(change, expected, bounds);
    },
    locks: {
      getLock: (node, name, bounds) => writers.mysql(node).getLock(name, 0, bounds),
      releaseLock: (node, name, bounds) => writers.mysql(node).releaseLock(name, bounds),
      lockHolder: (node, name, bounds) => writers.mysql(node).lockHolder(name, bounds),
    },
    preflight: (node, bounds) => inspectors.of(node).preflight(bounds),
    binlogTail: (node, from, bounds) => inspectors.of(node).binlogTail(from, bounds),
    tryLogin: async (node, storedOn, bounds) => probes.login(node, await writers.loginFor(storedOn, bounds), bounds),
    proveDeath: (node, signal) => probes.death(node, signal),
    route: async (bounds) => (settings.writer?.address == null ? null : probes.route(bounds)),
    prepare: (node, bounds) => writers.mysql(node).prepare(bounds),
    interrupt: (node, bounds) => writers.mysql(node).interrupt(bounds),
    async close() {
      await Promise.allSettled([eyes.close(), writers.close(), inspectors.close()]);
    },
  };
}

/** @throws DriverError for values that cannot be sent, or a version that cannot do it */
function describeChange(change: Change, cluster: ClusterSnapshot, { drivers, settings }: ClusterPortsOptions): string {
  if ("haproxy" in change) return describeHaproxyChange(change, cluster, { drivers, settings });
  if (change.kind === "move-address") return drivers.hostCommand?.(change) ?? "";
  if (isComposite(change)) return describeComposite(change);
  const node = cluster.nodes.find(({ name }) => name === change.node);
  const report = node === undefined ? null : (lastKnown(node.reading)?.value ?? null);
  // read_only is the same statement everywhere: a primary that hangs can be told to stop writes by a program that has never heard of its version.
  const isSameEverywhere = change.kind === "read-only" && !change.superToo;
  const spoken = report ?? (isSameEverywhere ? selectAnyReport(cluster) : null);
  if (spoken !== null) return drivers.mysqlCommand(change, spoken);
  throw new DriverError({
    kind: "unreachable",
    target: change.node,
    operation: change.kind,
    message: `${change.node} has never answered: its version, and so the statement, is not known.`,
  });
}

function selectAnyReport(cluster: ClusterSnapshot): MysqlReport | null {
  return (
    cluster.nodes.map(({ reading }) => lastKnown(reading)?.value ?? null).find((report) => report !== null) ?? null
  );
}

function describeHaproxyChange(
  change: HaproxyChange,
  cluster: ClusterSnapshot,
  { drivers, settings }: Pick<ClusterPortsOptions, "drivers" | "settings">,
): string {
  const found = settings.haproxies.find(({ name }) => name === change.haproxy);
  if (found === undefined) throw unknownEndpoint(change.haproxy);
  const reading = cluster.haproxies.find(({ name }) => name === change.haproxy)?.reading;
  const servers = reading === undefined ? [] : (lastKnown(reading)?.value.servers ?? []);
  const server = servers.find((each) => each.backend === change.backend && each.server === change.server);
  return drivers.haproxyCommand(change, found, server ?? null);
}

function isComposite(change: Change): change is CompositeChange {
  return (
    change.kind === "probe-writer" || change.kind === "confirm-most-advanced" || change.kind === "confirm-contained"
  );
}

/** No statement for one node: what is done, in words. */
function describeComposite(change: CompositeChange): string {
  switch (change.kind) {
    case "probe-writer":
      return `SELECT @@server_id through the writer's address: ${[change.node, ...(change.others ?? [])].join(" or ")} must answer`;
    case "confirm-contained":
      return `compare transactions: ${change.within} has everything ${change.node} has`;
    case "confirm-most-advanced":
      return `compare transactions: ${change.node} has everything ${change.others.join(", ")} ${change.others.length === 1 ? "has" : "have"}`;
  }
}

class Writers {
  readonly #options: ClusterPortsOptions;
  readonly #eyes: Eyes;
  readonly #haproxies = new Map<string, HaproxyWriter>();
  readonly #nodes = new Map<string, MysqlWriter>();
  readonly #hosts = new Map<string, HostWriter>();

  constructor(options: ClusterPortsOptions, eyes: Eyes) {
    this.#options = options;
    this.#eyes = eyes;
  }

  async sendHost(change: AddressChange, expected: Expectation, bounds: RequestBounds): Promise<SendResult> {
    const options = { ...bounds, expectedCommand: expected.command };
    const { command, refusal, advice } = await this.#host(change.host).change(change, options);
    return { sent: true, pidChanged: false, refusal, advice, notice: null, command, seen: {} };
  }

  async sendHaproxy(change: HaproxyChange, expected: Expectation, bounds: RequestBounds): Promise<SendResult> {
    const { pid: expectedPid, command: expectedCommand } = expected;
    const result = await this.#haproxy(change.haproxy).change(change, { ...bounds, expectedPid, expectedCommand });
    const { sent, pidChanged, refusal, failure, notice, command, servers } = result;
    return { sent, pidChanged, refusal, advice: failure?.advice ?? null, notice, command, seen: { servers } };
  }

  async sendMysql(change: MysqlChange, expected: Expectation, bounds: RequestBounds): Promise<SendResult> {
    const login = await this.#loginOf(change, bounds);
    const { command: expectedCommand, onBlockers } = expected;
    const options = { ...bounds, expectedCommand, login, ...(onBlockers === undefined ? {} : { onBlockers }) };
    const { notices, command, seen } = await this.mysql(change.node).execute(change, options);
    const notice = notices.length === 0 ? null : notices.join("; ");
    return { sent: true, pidChanged: false, refusal: null, advice: null, notice, command, seen: { mysql: seen } };
  }

  /** The configured replication account, else the one a node keeps readable; null: neither. */
  async loginFor(
    storedOn: { readonly node: string; readonly channel: string } | null,
    bounds: RequestBounds,
  ): Promise<ReplicationLogin | null> {
    const { replication } = this.#options.settings;
    if (replication !== null) {
      return { user: replication.user, password: replication.password?.secret ?? null, tls: [] };
    }
    if (storedOn === null) return null;
    return this.mysql(storedOn.node)
      .storedLogin(storedOn.channel, bounds)
      .catch(() => null);
  }

  async #loginOf(change: MysqlChange, bounds: RequestBounds): Promise<ReplicationLogin | null> {
    if (change.kind !== "change-source" || change.login.kind === "keep") return null;
    const login = await this.loginFor(change.login.kind === "from-node" ? change.login : null, bounds);
    const like = change.login.kind === "configured" ? change.login.like : undefined;
    if (login !== null && like === undefined) return login;
    if (login !== null && like !== undefined) {
      const tls = await this.mysql(like.node)
        .channelTls(like.channel, bounds)
        .catch(() => []);
      return { ...login, tls };
    }
    throw new DriverError({
      kind: "auth",
      target: change.node,
      operation: "change-source",
      message: `No replication account is known for ${change.node}; nothing was sent`,
      advice: "Put `replication: {user, password_env}` into the configuration.",
    });
  }

  mysql(node: string): MysqlWriter {
    const open = this.#nodes.get(node);
    if (open !== undefined) return open;
    const target = this.#eyes.nodeTarget(node);
    if (target === null) throw unknownEndpoint(node);
    const writer = this.#options.drivers.openMysqlWriter(target);
    this.#nodes.set(node, writer);
    return writer;
  }

  async close(): Promise<void> {
    const all = [...this.#haproxies.values(), ...this.#nodes.values(), ...this.#hosts.values()];
    await Promise.allSettled(all.map((writer) => writer.close()));
  }

  #host(name: string): HostWriter {
    const open = this.#hosts.get(name);
    if (open !== undefined) return open;
    const { settings, drivers } = this.#options;
    const hosts = planFloatingHosts(settings).filter((host) => host.name === name && host.way.kind !== "none");
    // Of two ways to one machine the first that runs programs will do.
    for (const host of hosts) {
      const writer = drivers.openHostWriter?.(host) ?? null;
      if (writer === null) continue;
      this.#hosts.set(name, writer);
      return writer;
    }
    throw unknownEndpoint(name);
  }

  #haproxy(name: string): HaproxyWriter {
    const open = this.#haproxies.get(name);
    if (open !== undefined) return open;
    const settings = this.#options.settings.haproxies.find((haproxy) => haproxy.name === name);
    if (settings === undefined) throw unknownEndpoint(name);
    const writer = this.#options.drivers.openHaproxyWriter(settings);
    this.#haproxies.set(name, writer);
    return writer;
  }
}

class Inspectors {
  readonly #options: ClusterPortsOptions;
  readonly #eyes: Eyes;
  readonly #open = new Map<string, MysqlInspector>();

  constructor(options: ClusterPortsOptions, eyes: Eyes) {
    this.#options = options;
    this.#eyes = eyes;
  }

  of(node: string): MysqlInspector {
    const open = this.#open.get(node);
    if (open !== undefined) return open;
    const target = this.#eyes.nodeTarget(node);
    if (target === null) throw unknownEndpoint(node);
    const inspector = this.#options.drivers.openInspector(target);
    this.#open.set(node, inspector);
    return inspector;
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#open.values()].map((inspector) => inspector.close()));
  }
}

function unknownEndpoint(name: string): DriverError {
  return new DriverError({ kind: "unreachable", target: name, operation: "connect", message: `${name} is not known.` });
}
