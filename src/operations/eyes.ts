/**
 * How operations look at a cluster: with readers of their own, so that a look never waits for the monitor's round and a poll of the monitor
 * is never disturbed. Where a monitor runs, its readings are the ground that fresh looks are laid upon.
 */
import type { HaproxyReader, HostMoveReader, MysqlReader } from "../drivers/contract.ts";
import { describeFailure } from "../drivers/errors.ts";
import { addressKey } from "../model/address.ts";
import { type DiscoveredNode, planNodes } from "../model/discover.ts";
import type { FloatingHost } from "../model/floating-ip.ts";
import type { HaproxyReport } from "../model/haproxy.ts";
import { buildClusterSnapshot, type ClusterInput, type HaproxyInput, type NodeInput } from "../model/join.ts";
import type { ClientSession, MysqlReport } from "../model/mysql.ts";
import { lastKnown, type Reading } from "../model/reading.ts";
import type { ClusterSettings, HaproxySettings, MysqlAccess } from "../model/settings.ts";
import type { ClusterSnapshot } from "../model/snapshot.ts";
import { HostEyes } from "./host-eyes.ts";
import { aged, newer, timeOf } from "./own-readings.ts";
import type { LookScope, OperationClock } from "./ports.ts";

export interface NodeTarget {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly access: MysqlAccess;
  readonly heartbeatTable: string | null;
  /** `[user@]host[:port]` through which it is reached; null: directly. */
  readonly ssh?: string | null;
}

export interface EyesOptions {
  readonly settings: ClusterSettings;
  readonly clock: OperationClock;
  readonly openHaproxy: (settings: HaproxySettings) => HaproxyReader;
  readonly openMysql: (target: NodeTarget) => MysqlReader;
  /** Null for a host that cannot be asked; left out where nobody asks. */
  readonly openHost?: (host: FloatingHost, address: string) => HostMoveReader | null;
  /** What a running monitor knows; null where there is none (headless commands). */
  readonly base: (() => ClusterInput | null) | null;
}

/** An answer, or a failure, not older than this needs no new look when everything is looked at. */
const RECENT_MS = 1_000;

export class Eyes {
  readonly #options: EyesOptions;
  readonly #haproxies = new Map<string, Reading<HaproxyReport>>();
  readonly #nodes = new Map<string, Reading<MysqlReport>>();
  readonly #haproxyReaders = new Map<string, HaproxyReader>();
  readonly #mysqlReaders = new Map<string, MysqlReader>();
  readonly #hosts: HostEyes;
  /** A reader takes one poll at a time: a second look waits for the answer of the first. */
  readonly #polling = new Map<string, Promise<void>>();
  #plan: readonly DiscoveredNode[] = [];

  constructor(options: EyesOptions) {
    this.#options = options;
    this.#hosts = new HostEyes(options);
  }

  /** Never rejects. `all` looks at whatever was not looked at within the last second, and at nodes found by it. */
  async look(scope: LookScope | "all", timeoutMs: number): Promise<ClusterSnapshot> {
    if (scope === "all") await this.#lookAll(timeoutMs);
    else {
      await Promise.all([
        ...scope.haproxies.map((name) => this.#pollHaproxy(name, timeoutMs)),
        ...scope.nodes.map((name) => this.#pollNode(name, timeoutMs)),
        scope.hosts === undefined ? null : this.#hosts.look(scope.hosts, timeoutMs),
      ]);
    }
    return buildClusterSnapshot(this.#input());
  }

  /** Name, host and port of a node as known now; null when there is no such node. */
  nodeTarget(name: string): NodeTarget | null {
    const { settings } = this.#options;
    const known = this.#knownNodes().find((node) => node.name === name);
    if (known === undefined) return null;
    const configured = settings.nodes.find((node) => node.name === name);
    const access = configured?.access ?? settings.access;
    const { heartbeatTable } = settings;
    return { name, host: known.host, port: known.port, access, heartbeatTable, ssh: configured?.ssh ?? null };
  }

  /** @throws DriverError */
  async clientSessions(
    name: string,
    bounds: { signal: AbortSignal; timeoutMs: number },
  ): Promise<readonly ClientSession[]> {
    const reader = this.#mysqlReader(name);
    return reader === null ? [] : reader.sessions(bounds);
  }

  async close(): Promise<void> {
    const readers = [...this.#haproxyReaders.values(), ...this.#mysqlReaders.values()];
    await Promise.allSettled([this.#hosts.close(), ...readers.map((reader) => reader.close())]);
  }

  async #lookAll(timeoutMs: number): Promise<void> {
    const base = this.#options.base?.() ?? null;
    // The monitor has looked at everything, and goes on doing so.
    if (base !== null) return;
    const { settings } = this.#options;
    const untilMs = this.#options.clock.monotonicMs() + timeoutMs;
    const asked = new Set<string>();
    const askNodes = (): Promise<unknown> => {
      this.#replan();
      const left = Math.max(1, Math.round(untilMs - this.#options.clock.monotonicMs()));
      const found = this.#plan.filter(({ name }) => !asked.has(name));
      // Also one that needs no asking now: when a silent node has taken all the time, there is none left to ask it in.
      for (const { name } of found) asked.add(name);
      const due = found.filter(({ name }) => !this.#isRecent(this.#nodes.get(name)));
      // What a node names may be a node too; each is asked once.
      return Promise.all(due.map(({ name }) => this.#pollNode(name, left).then(askNodes)));
    };
    const haproxies = settings.haproxies.filter(({ name }) => !this.#isRecent(this.#haproxies.get(name)));
    await Promise.all([askNodes(), ...haproxies.map(({ name }) => this.#pollHaproxy(name, timeoutMs).then(askNodes))]);
  }

  #isRecent(reading: Reading<unknown> | undefined): boolean {
    // One that hangs is not waited for twice in a row either.
    return reading !== undefined && this.#options.clock.epochMs() - timeOf(reading) <= RECENT_MS;
  }

  #replan(): void {
    const reports = <T>(readings: ReadonlyMap<string, Reading<T>>) =>
      [...readings].flatMap(([name, reading]) => {
        const known = lastKnown(reading);
        return known === null ? [] : [{ name, report: known.value }];
      });
    this.#plan = planNodes(this.#options.settings, reports(this.#haproxies), reports(this.#nodes), this.#plan);
  }

  #knownNodes(): readonly Pick<DiscoveredNode, "name" | "host" | "port">[] {
    return this.#options.base?.()?.nodes ?? this.#plan;
  }

  #pollHaproxy(name: string, timeoutMs: number): Promise<void> {
    const settings = this.#options.settings.haproxies.find((haproxy) => haproxy.name === name);
    if (settings === undefined) return Promise.resolve();
    const reader = getOrOpen(this.#haproxyReaders, name, () => this.#options.openHaproxy(settings));
    return this.#poll(`haproxy ${name}`, this.#haproxies, name, reader, timeoutMs);
  }

  #pollNode(name: string, timeoutMs: number): Promise<void> {
    const reader = this.#mysqlReader(name);
    if (reader === null) return Promise.resolve();
    return this.#poll(`node ${name}`, this.#nodes, name, reader, timeoutMs);
  }

  #mysqlReader(name: string): MysqlReader | null {
    const target = this.nodeTarget(name);
    if (target === null) return null;
    const key = `${name} ${addressKey(target.host, target.port)}`;
    return getOrOpen(this.#mysqlReaders, key, () => this.#options.openMysql(target));
  }

  async #poll<T>(
    key: string,
    readings: Map<string, Reading<T>>,
    name: string,
    reader: { readonly target: string; poll(bounds: { signal: AbortSignal; timeoutMs: number }): Promise<T> },
    timeoutMs: number,
  ): Promise<void> {
    const before = this.#polling.get(key) ?? Promise.resolve();
    const poll = before.then(() => this.#ask(readings, name, reader, timeoutMs));
    this.#polling.set(key, poll);
    await poll;
  }

  async #ask<T>(
    readings: Map<string, Reading<T>>,
    name: string,
    reader: { readonly target: string; poll(bounds: { signal: AbortSignal; timeoutMs: number }): Promise<T> },
    timeoutMs: number,
  ): Promise<void> {
    const { clock } = this.#options;
    const from = reader.target;
    try {
      const value = await reader.poll({ signal: new AbortController().signal, timeoutMs });
      readings.set(name, { state: "fresh", from, value, at: clock.epochMs() });
    } catch (error) {
      const known = readings.get(name);
      const last = known === undefined ? null : lastKnown(known);
      const failure = describeFailure(error, from, "poll");
      readings.set(name, { state: "failed", from, failure, failedAt: clock.epochMs(), last });
    }
  }

  #input(): ClusterInput {
    const base = this.#options.base?.() ?? null;
    if (base === null) return this.#ownInput();
    const now = this.#options.clock.epochMs();
    return {
      ...base,
      now,
      floatingHosts: this.#hosts.inputs(base.floatingHosts ?? null, now),
      haproxies: base.haproxies.map((each) => ({
        ...each,
        reading: newer(each.reading, aged(this.#haproxies.get(each.name), each.name, now)),
      })),
      nodes: base.nodes.map((each) => ({
        ...each,
        reading: newer(each.reading, aged(this.#nodes.get(each.name), each.name, now)),
      })),
    };
  }

  #ownInput(): ClusterInput {
    const { settings, clock } = this.#options;
    const now = clock.epochMs();
    const haproxies = settings.haproxies.map(
      ({ name }): HaproxyInput => ({
        name,
        url: "",
        reading: aged(this.#haproxies.get(name), name, now),
        reload: null,
      }),
    );
    const nodes = this.#plan.map(
      ({ name, host, port, knownFrom, aliases }): NodeInput => ({
        name,
        host,
        port,
        knownFrom,
        aliases,
        priority: settings.nodes.find((node) => node.name === name)?.priority ?? "neutral",
        reading: aged(this.#nodes.get(name), name, now),
      }),
    );
    return { settings, now, haproxies, nodes, floatingHosts: this.#hosts.inputs(null, now) };
  }
}

function getOrOpen<T>(readers: Map<string, T>, key: string, open: () => T): T {
  let reader = readers.get(key);
  if (reader === undefined) {
    reader = open();
    readers.set(key, reader);
  }
  return reader;
}
