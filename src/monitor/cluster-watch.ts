/** All endpoints of one cluster: fixed HAProxies, and nodes that come and go with what HAProxies and nodes themselves say. */
import { addressKey } from "../model/address.ts";
import { type DiscoveredNode, planNodes } from "../model/discover.ts";
import type { FloatingHost } from "../model/floating-ip.ts";
import { HistoryKeeper } from "../model/history/keeper.ts";
import { buildClusterSnapshot, type ClusterInput } from "../model/join.ts";
import { isSameServer } from "../model/node-identity.ts";
import { lastKnown, type Reading } from "../model/reading.ts";
import type { ClusterSettings } from "../model/settings.ts";
import type { ClusterSnapshot } from "../model/snapshot.ts";
import { HaproxyWatch } from "./haproxy-watch.ts";
import { createHostWatches, HostWatch, observeHost } from "./host-watch.ts";
import { NodeWatch } from "./node-watch.ts";
import type { MonitorParts, Pace } from "./parts.ts";
import { createReaderWatches, createRouteWatch, type RouteWatch } from "./route-watch.ts";

/** A found node that nothing names any more is watched for this long: long enough to be seen as gone, and for a restart. */
const VANISH_AFTER_MS = 60_000;

export type Watch = HaproxyWatch | NodeWatch;
/** Belongs to no round: no picture waits for it. */
export type SideWatch = RouteWatch | HostWatch;

export interface ClusterWatchOptions {
  readonly settings: ClusterSettings;
  readonly parts: MonitorParts;
  readonly pace: Pace;
  readonly onSettled: (watch: Watch, before: Reading<unknown>["state"]) => void;
  /** What is asked beside the rounds has news. */
  readonly onNews: (watch: SideWatch, before: Reading<unknown>["state"]) => void;
  /** After every answer to what is asked beside the rounds, and after every failure of it. */
  readonly onSideSettled: () => void;
}

export class ClusterWatch {
  readonly settings: ClusterSettings;
  /** Null where nobody can ask who answers at the writer's address. */
  readonly route: RouteWatch | null;
  /** Those of the readers whose address is configured, in the order of the settings. */
  readonly readers: readonly RouteWatch[];
  /** Those that can be asked for the floating address. */
  readonly hosts: readonly HostWatch[];
  readonly #floatingHosts: readonly (HostWatch | FloatingHost)[] | null;
  readonly #options: ClusterWatchOptions;
  readonly #haproxies: readonly HaproxyWatch[];
  readonly #history: HistoryKeeper;
  #nodes: readonly NodeWatch[] = [];

  constructor(options: ClusterWatchOptions) {
    const { settings, parts, pace, onSettled } = options;
    this.settings = settings;
    this.#options = options;
    this.#history = new HistoryKeeper(pace.intervalMs);
    this.#haproxies = settings.haproxies.map(
      (haproxy) =>
        new HaproxyWatch({ settings: haproxy, open: parts.openHaproxy, clock: parts.clock, pace, onSettled }),
    );
    const side = { deadlineMs: pace.deadlineMs, onNews: options.onNews, onSettled: options.onSideSettled };
    this.route = createRouteWatch(options, side);
    this.readers = createReaderWatches(options, side);
    this.#floatingHosts = createHostWatches(options, side);
    this.hosts = (this.#floatingHosts ?? []).filter((host) => host instanceof HostWatch);
    this.replan();
  }

  get watches(): readonly Watch[] {
    return [...this.#haproxies, ...this.#nodes];
  }

  /** Every watch of where clients connect. */
  get routes(): readonly RouteWatch[] {
    return this.route === null ? this.readers : [this.route, ...this.readers];
  }

  get sideWatches(): readonly SideWatch[] {
    return [...this.routes, ...this.hosts];
  }

  findNode(name: string): NodeWatch | null {
    return this.#nodes.find((node) => node.plan.name === name) ?? null;
  }

  /** Brings the nodes in line with what is known; returns the watches opened by it, which nobody has begun yet. */
  replan(): readonly NodeWatch[] {
    const nowMs = this.#options.parts.clock.monotonicMs();
    const plan = this.#plan();
    const current = new Map(this.#nodes.map((watch) => [keyOf(watch.plan), watch]));
    const opened: NodeWatch[] = [];
    const kept = plan.map((node) => {
      const watch = current.get(keyOf(node)) ?? this.#open(node, opened);
      watch.keep(node, nowMs);
      return watch;
    });
    const fading = this.#nodes.filter((watch) => !kept.includes(watch) && isFading(watch, kept, nowMs));
    for (const watch of this.#nodes) if (!kept.includes(watch) && !fading.includes(watch)) void watch.loop.close();
    this.#nodes = [...kept, ...fading];
    return opened;
  }

  /** The picture now; with the number of a tick that brought something, the history grows by it. */
  build(tick: number | null): ClusterSnapshot {
    const cluster = buildClusterSnapshot(this.input());
    this.route?.judged(cluster.writer);
    for (const [index, watch] of this.readers.entries()) watch.judged(cluster.readerRoutes?.[index] ?? null);
    if (cluster.floatingIp?.confirmed === false) for (const host of this.hosts) host.askSoon();
    if (tick !== null) this.#history.sample(cluster, tick, this.#options.parts.clock.epochMs());
    return { ...cluster, history: this.#history.history };
  }

  /** What is known now, before it is joined. */
  input(): ClusterInput {
    const { clock, journalFacts } = this.#options.parts;
    return {
      settings: this.settings,
      now: clock.epochMs(),
      haproxies: this.#haproxies.map((watch) => watch.observe()),
      nodes: this.#nodes.map((watch) => watch.observe()),
      journal: journalFacts?.(this.settings.name) ?? null,
      probe: this.route?.observe() ?? null,
      readerProbes: this.readers.map((watch) => ({ backend: watch.backend, probe: watch.observe() })),
      floatingHosts: this.#floatingHosts?.map(observeHost) ?? null,
    };
  }

  async close(): Promise<void> {
    await Promise.all([
      ...this.sideWatches.map((watch) => watch.close()),
      ...this.watches.map((watch) => watch.loop.close()),
    ]);
  }

  /** Built on last good reports: a HAProxy that is silent must not take along the nodes it named. */
  #plan(): readonly DiscoveredNode[] {
    const haproxies = this.#haproxies.flatMap((watch) => {
      const { name, reading } = watch.observe();
      const known = lastKnown(reading);
      return known === null ? [] : [{ name, report: known.value }];
    });
    const nodes = this.#nodes.flatMap((watch) => {
      const reading = watch.loop.reading();
      const known = lastKnown(reading);
      const answering = reading.state === "fresh";
      return known === null ? [] : [{ name: watch.plan.name, report: known.value, answering }];
    });
    const previous = this.#nodes.map((watch) => watch.plan);
    return planNodes(this.settings, haproxies, nodes, previous);
  }

  #open(plan: DiscoveredNode, opened: NodeWatch[]): NodeWatch {
    const { settings, parts, pace, onSettled } = this.#options;
    const watch = new NodeWatch({ settings, plan, open: parts.openMysql, clock: parts.clock, pace, onSettled });
    opened.push(watch);
    return watch;
  }
}

/** What makes it the same endpoint: a node that moves to another address gets a new loop. */
function keyOf(node: DiscoveredNode): string {
  return `${node.name}\n${addressKey(node.host, node.port)}`;
}

/** Gone from the plan a short while ago, and not because it turned out to be, or gave way to, a node that is in it. */
function isFading(watch: NodeWatch, kept: readonly NodeWatch[], nowMs: number): boolean {
  if (nowMs - watch.plannedAtMs >= VANISH_AFTER_MS) return false;
  const report = lastKnown(watch.loop.reading())?.value ?? null;
  // It was never more than another name of a node that had not told yet who it is.
  if (report === null) return watch.loop.busy;
  const address = addressKey(watch.plan.host, watch.plan.port);
  return !kept.some(({ plan, loop }) => {
    if (plan.name === watch.plan.name) return true;
    if ([plan, ...plan.aliases].some((other) => addressKey(other.host, other.port) === address)) return true;
    const other = lastKnown(loop.reading())?.value;
    return other !== undefined && isSameServer(report, other);
  });
}
