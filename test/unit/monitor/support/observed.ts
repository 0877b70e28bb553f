import type { RouteAnswer } from "../../../../src/drivers/contract.ts";
import type { HaproxyReport } from "../../../../src/model/haproxy.ts";
import type { MysqlReport } from "../../../../src/model/mysql.ts";
import type { Settings } from "../../../../src/model/settings.ts";
import type { NodeSnapshot, Snapshot } from "../../../../src/model/snapshot.ts";
import { Monitor } from "../../../../src/monitor/monitor.ts";
import type { MonitorParts } from "../../../../src/monitor/parts.ts";
import { FakeClock } from "./fake-clock.ts";
import { ScriptedEndpoint } from "./scripted-endpoint.ts";

/** A monitor over scripted endpoints in fake time, with everything it says. */
export class Observed {
  readonly clock = new FakeClock();
  readonly snapshots: Snapshot[] = [];
  readonly sessions: { node: string; state: string; at: number }[] = [];
  readonly lines: string[] = [];
  /** Who answers at the writer's address; null: nobody can ask. */
  route: ScriptedEndpoint<RouteAnswer> | null = null;
  /** Who answers at the address of a reader. */
  readonly readers = new Map<string, ScriptedEndpoint<RouteAnswer>>();
  readonly #haproxies = new Map<string, ScriptedEndpoint<HaproxyReport>>();
  readonly #nodes = new Map<string, ScriptedEndpoint<MysqlReport>>();

  haproxy(name: string, report: HaproxyReport): ScriptedEndpoint<HaproxyReport> {
    const endpoint = new ScriptedEndpoint(`${name} unix:///run/${name}.sock`, this.clock, report);
    this.#haproxies.set(name, endpoint);
    return endpoint;
  }

  /** A server at that host, port 3306. */
  node(host: string, report: MysqlReport): ScriptedEndpoint<MysqlReport> {
    const endpoint = new ScriptedEndpoint(`${host}:3306`, this.clock, report);
    this.#nodes.set(host, endpoint);
    return endpoint;
  }

  get parts(): MonitorParts {
    const route = this.route;
    return {
      ...(route === null
        ? {}
        : {
            openRoute: (_settings, reader) => {
              const ofReader = reader === undefined ? undefined : this.readers.get(reader.backend);
              if (ofReader !== undefined)
                return { target: ofReader.target, poll: (bounds) => ofReader.poll(bounds), close: async () => {} };
              route.opened += 1;
              return { target: route.target, poll: (bounds) => route.poll(bounds), close: async () => {} };
            },
          }),
      clock: this.clock,
      openHaproxy: ({ name }) => existing(this.#haproxies, name).open(),
      openMysql: ({ host }) => existing(this.#nodes, host).open(),
    };
  }

  start(settings: Settings): Monitor {
    const monitor = new Monitor(settings, this.parts, {
      snapshot: (snapshot) => this.snapshots.push(snapshot),
      sessions: (_cluster, node, reading) =>
        this.sessions.push({ node, state: reading.state, at: this.clock.monotonicMs() }),
      log: (_at, line) => this.lines.push(line),
    });
    monitor.start();
    return monitor;
  }

  get last(): Snapshot {
    const snapshot = this.snapshots.at(-1);
    if (snapshot === undefined) throw new Error("nothing published yet");
    return snapshot;
  }

  /** Node of the last snapshot, by name. */
  lastNode(name: string): NodeSnapshot {
    const node = this.last.clusters[0]?.nodes.find((candidate) => candidate.name === name);
    if (node === undefined) throw new Error(`no node ${name} in the last snapshot`);
    return node;
  }
}

function existing<T>(endpoints: ReadonlyMap<string, T>, key: string): T {
  const endpoint = endpoints.get(key);
  if (endpoint === undefined) throw new Error(`the monitor opened ${key}, which the test does not know`);
  return endpoint;
}
