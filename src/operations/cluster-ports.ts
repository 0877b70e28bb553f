/** Ports of one cluster over real drivers, which are given as factories: only src/engine knows what is behind them. */
import type { HaproxyChange, HaproxyWriter, MysqlChange, MysqlWriter, RequestBounds } from "../drivers/contract.ts";
import { DriverError } from "../drivers/errors.ts";
import type { Flavor } from "../model/mysql.ts";
import type { Change } from "../model/operation.ts";
import { lastKnown } from "../model/reading.ts";
import type { HaproxySettings } from "../model/settings.ts";
import type { ClusterSnapshot } from "../model/snapshot.ts";
import { Eyes, type EyesOptions, type NodeTarget } from "./eyes.ts";
import type { ClusterPorts, Expectation, SendResult } from "./ports.ts";

export interface ChangingDrivers {
  readonly openHaproxyWriter: (settings: HaproxySettings) => HaproxyWriter;
  readonly openMysqlWriter: (target: NodeTarget) => MysqlWriter;
  readonly haproxyCommand: (change: HaproxyChange) => string;
  readonly mysqlCommand: (change: MysqlChange, server: { readonly flavor: Flavor; readonly version: string }) => string;
  /** Null: this way to HAProxy does not tell. */
  readonly stickTables: (settings: HaproxySettings, bounds: RequestBounds) => Promise<readonly string[] | null>;
}

export interface ClusterPortsOptions extends EyesOptions {
  readonly drivers: ChangingDrivers;
}

export function createClusterPorts(options: ClusterPortsOptions): ClusterPorts {
  const { settings, drivers } = options;
  const eyes = new Eyes(options);
  const writers = new Writers(options, eyes);
  return {
    settings,
    clock: options.clock,
    look: (scope, timeoutMs) => eyes.look(scope, timeoutMs),
    clientSessions: (node, bounds) => eyes.clientSessions(node, bounds),
    async stickTables(haproxy, bounds) {
      const found = settings.haproxies.find(({ name }) => name === haproxy);
      return found === undefined ? null : drivers.stickTables(found, bounds);
    },
    commandText: (change, cluster) => describeChange(change, cluster, drivers),
    send: (change, expected, bounds) =>
      "haproxy" in change ? writers.sendHaproxy(change, expected, bounds) : writers.sendMysql(change, expected, bounds),
    locks: {
      getLock: (node, name, bounds) => writers.mysql(node).getLock(name, 0, bounds),
      releaseLock: (node, name, bounds) => writers.mysql(node).releaseLock(name, bounds),
    },
    async close() {
      await Promise.allSettled([eyes.close(), writers.close()]);
    },
  };
}

/** @throws DriverError for values that cannot be sent, or a version that cannot do it */
function describeChange(change: Change, cluster: ClusterSnapshot, drivers: ChangingDrivers): string {
  if ("haproxy" in change) return drivers.haproxyCommand(change);
  const node = cluster.nodes.find(({ name }) => name === change.node);
  const report = node === undefined ? null : (lastKnown(node.reading)?.value ?? null);
  if (report !== null) return drivers.mysqlCommand(change, report);
  throw new DriverError({
    kind: "unreachable",
    target: change.node,
    operation: change.kind,
    message: `${change.node} has never answered: its version, and so the statement, is not known.`,
  });
}

class Writers {
  readonly #options: ClusterPortsOptions;
  readonly #eyes: Eyes;
  readonly #haproxies = new Map<string, HaproxyWriter>();
  readonly #nodes = new Map<string, MysqlWriter>();

  constructor(options: ClusterPortsOptions, eyes: Eyes) {
    this.#options = options;
    this.#eyes = eyes;
  }

  async sendHaproxy(change: HaproxyChange, expected: Expectation, bounds: RequestBounds): Promise<SendResult> {
    const result = await this.#haproxy(change.haproxy).change(change, { ...bounds, expectedPid: expected.pid });
    const { sent, pidChanged, refusal, failure, notice } = result;
    return { sent, pidChanged, refusal, advice: failure?.advice ?? null, notice };
  }

  async sendMysql(change: MysqlChange, expected: Expectation, bounds: RequestBounds): Promise<SendResult> {
    const options = { ...bounds, expectedCommand: expected.command };
    const { notices } = await this.mysql(change.node).execute(change, options);
    const notice = notices.length === 0 ? null : notices.join("; ");
    return { sent: true, pidChanged: false, refusal: null, advice: null, notice };
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
    await Promise.allSettled([...this.#haproxies.values(), ...this.#nodes.values()].map((writer) => writer.close()));
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

function unknownEndpoint(name: string): DriverError {
  return new DriverError({ kind: "unreachable", target: name, operation: "connect", message: `${name} is not known.` });
}
