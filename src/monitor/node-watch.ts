/** One MySQL node over time: its loop, and when it was last part of the plan. */
import type { MysqlReader } from "../drivers/contract.ts";
import type { DiscoveredNode } from "../model/discover.ts";
import type { NodeInput } from "../model/join.ts";
import type { MysqlReport } from "../model/mysql.ts";
import type { Reading } from "../model/reading.ts";
import type { ClusterSettings } from "../model/settings.ts";
import type { NodeSnapshot } from "../model/snapshot.ts";
import type { Clock } from "./clock.ts";
import { EndpointLoop } from "./endpoint-loop.ts";
import type { MysqlTarget, Pace } from "./parts.ts";

export interface NodeWatchOptions {
  readonly settings: ClusterSettings;
  readonly plan: DiscoveredNode;
  readonly open: (target: MysqlTarget) => MysqlReader;
  readonly clock: Clock;
  readonly pace: Pace;
  readonly onSettled: (watch: NodeWatch, before: Reading<unknown>["state"]) => void;
}

export class NodeWatch {
  readonly loop: EndpointLoop<MysqlReport, MysqlReader>;
  readonly #priority: NodeSnapshot["priority"];
  #plan: DiscoveredNode;
  #plannedAtMs = 0;

  constructor(options: NodeWatchOptions) {
    const { settings, plan, clock, pace } = options;
    const configured = settings.nodes.find((node) => node.name === plan.name);
    const access = configured?.access ?? settings.access;
    const { name, host, port } = plan;
    const { heartbeatTable, heartbeatClock } = settings;
    const ssh = configured?.ssh ?? null;
    this.#plan = plan;
    this.#priority = configured?.priority ?? "neutral";
    this.loop = new EndpointLoop<MysqlReport, MysqlReader>({
      open: () => options.open({ name, host, port, access, heartbeatTable, heartbeatClock, ssh }),
      clock,
      pace,
      connectTimeoutMs: access.connectTimeoutMs,
      onSettled: (before) => options.onSettled(this, before),
    });
  }

  get plan(): DiscoveredNode {
    return this.#plan;
  }

  /** Monotonic milliseconds of the last plan that named this node. */
  get plannedAtMs(): number {
    return this.#plannedAtMs;
  }

  /** The plan names this node (again), perhaps with other aliases. */
  keep(plan: DiscoveredNode, nowMs: number): void {
    this.#plan = plan;
    this.#plannedAtMs = nowMs;
  }

  observe(): NodeInput {
    const { name, host, port, knownFrom, aliases } = this.#plan;
    const priority = this.#priority;
    return { name, host, port, knownFrom, aliases, priority, reading: this.loop.reading() };
  }
}
