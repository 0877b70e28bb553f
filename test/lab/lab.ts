import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LabAccounts, labAccounts } from "./accounts.ts";
import { writeConfigFile } from "./config-file.ts";
import {
  defaultHaproxyFor,
  flavorOf,
  type HaproxyEngineName,
  requireEngine,
  type ServerEngineName,
} from "./engines.ts";
import { LabHaproxy } from "./haproxy.ts";
import { LabNode } from "./node.ts";
import { findFreePorts } from "./ports.ts";
import { follow, waitUntilReplicating } from "./replication.ts";
import type { Positioning } from "./statements.ts";
import { type ServerShape, type TopologyName, type TopologyShape, topologies } from "./topology.ts";

export interface LabOptions {
  readonly topology: TopologyName;
  /** Default `mariadb-10.11`. */
  readonly engine?: ServerEngineName;
  /** Default: the one that ships with the engine's Debian. */
  readonly haproxyEngine?: HaproxyEngineName;
  /** Default `gtid`. */
  readonly positioning?: Positioning;
  /** Default 1; 2 for r4. */
  readonly haproxies?: number;
  /** The backup of the writer backend starts writable (as many published pairs have it). Default false; r3 and r4 always are. */
  readonly backupWritable?: boolean;
  /** Servers of the writer backend behind the first one: backups in this order. Default: as the shape has them. */
  readonly writerBackups?: readonly string[];
  /** Folder to use instead of a fresh one below the temporary folder of the system. Keep it short: socket paths are limited to 107 bytes. */
  readonly dir?: string;
  /** Keep the folder (logs, data) after {@link Lab.stop}. */
  readonly keep?: boolean;
}

/** A running cluster. */
export class Lab {
  readonly accounts: LabAccounts = labAccounts;
  readonly dir: string;
  readonly nodes: readonly LabNode[];
  readonly haproxies: readonly LabHaproxy[];
  readonly positioning: Positioning;
  /** A valid config file of the console for this cluster; set once the lab is up. */
  readonly configPath: string;
  /** The writer's backend as it is in haproxy.cfg. */
  readonly writer: { readonly backend: string; readonly servers: readonly ServerShape[] };
  private readonly keep: boolean;

  constructor(
    dir: string,
    nodes: readonly LabNode[],
    haproxies: readonly LabHaproxy[],
    shape: TopologyShape,
    options: LabOptions,
  ) {
    this.dir = dir;
    this.nodes = nodes;
    this.haproxies = haproxies;
    this.positioning = options.positioning ?? "gtid";
    this.keep = options.keep ?? false;
    const writer = shape.listens.find(({ role }) => role === "write");
    this.writer = { backend: writer?.name ?? "", servers: writer?.servers ?? [] };
    this.configPath = writeConfigFile(dir, shape, nodes, haproxies);
  }

  /** Client port of the writer `listen` of the first HAProxy. */
  get writePort(): number {
    return this.portOf("write");
  }

  /** Client port of the reader `listen` of the first HAProxy; throws where the shape has none. */
  get readPort(): number {
    return this.portOf("read");
  }

  node(name: string): LabNode {
    const node = this.nodes.find((candidate) => candidate.name === name);
    if (!node) throw new Error(`no node ${name}; there are ${this.nodes.map((each) => each.name).join(", ")}`);
    return node;
  }

  haproxy(name = "lb1"): LabHaproxy {
    const haproxy = this.haproxies.find((candidate) => candidate.name === name);
    if (!haproxy)
      throw new Error(`no HAProxy ${name}; there are ${this.haproxies.map((each) => each.name).join(", ")}`);
    return haproxy;
  }

  /** Ends every process and removes the folder. Data is thrown away, so the databases get no time to say good-bye. */
  async stop(): Promise<void> {
    await Promise.all([...this.haproxies.map((haproxy) => haproxy.kill()), ...this.nodes.map((node) => node.kill())]);
    if (!this.keep) rmSync(this.dir, { recursive: true, force: true });
  }

  private portOf(role: "write" | "read"): number {
    const port = this.haproxies[0]?.port(role);
    if (port === undefined) throw new Error(`this topology has no ${role} listener`);
    return port;
  }
}

function createNodes(dir: string, shape: TopologyShape, ports: readonly number[], options: LabOptions): LabNode[] {
  const backups = new Set(
    shape.listens.flatMap((listen) => listen.servers.filter((each) => each.backup).map((each) => each.node)),
  );
  const nodes: LabNode[] = shape.nodes.map(
    ({ name, readOnly }, index) =>
      new LabNode({
        name,
        engine: options.engine ?? "mariadb-10.11",
        dir: join(dir, name),
        nodeAtPort: (port) => nodes.find((node) => node.port === port),
        serverId: index + 1,
        port: ports[index] ?? 0,
        readOnly: readOnly && !(options.backupWritable && backups.has(name)),
        positioning: options.positioning ?? "gtid",
        ...(shape.multiWriter ? { autoIncrement: { increment: shape.nodes.length, offset: index + 1 } } : {}),
      }),
  );
  return nodes;
}

function createHaproxies(
  dir: string,
  shape: TopologyShape,
  nodes: readonly LabNode[],
  ports: number[],
  options: LabOptions,
): LabHaproxy[] {
  const engine = options.engine ?? "mariadb-10.11";
  const takePort = (): number => ports.shift() ?? 0;
  return Array.from({ length: options.haproxies ?? shape.haproxies }, (_, index) => {
    const name = `lb${index + 1}`;
    return new LabHaproxy(options.haproxyEngine ?? defaultHaproxyFor(engine), {
      name,
      dir: join(dir, name),
      tcpPort: takePort(),
      statsPort: takePort(),
      listens: shape.listens.map((listen) => ({ ...listen, port: takePort() })),
      nodePort: (node) => nodes.find((each) => each.name === node)?.port ?? 0,
      flavor: flavorOf(engine),
    });
  });
}

function withBackups(shape: TopologyShape, names: readonly string[] | undefined): TopologyShape {
  if (names === undefined) return shape;
  const backups = names.map((node) => ({ server: node, node, backup: true }));
  const listens = shape.listens.map((listen) =>
    listen.role === "write"
      ? { ...listen, servers: [...listen.servers.filter((each) => !each.backup), ...backups] }
      : listen,
  );
  return { ...shape, listens };
}

async function linkNodes(shape: TopologyShape, lab: Lab): Promise<void> {
  const replicas = shape.nodes.flatMap(({ name, follows }) =>
    follows ? [{ replica: lab.node(name), source: lab.node(follows) }] : [],
  );
  await Promise.all(replicas.map(({ replica, source }) => follow(replica, source, lab.positioning)));
  await Promise.all(replicas.map(({ replica }) => waitUntilReplicating(replica)));
}

/**
 * Starts a cluster of real servers on 127.0.0.1. Resolves when every server answers, every replica replicates and every HAProxy sees every
 * server UP. On failure everything is ended and the error holds the last lines of the log of the server that failed.
 */
export async function startLab(options: LabOptions): Promise<Lab> {
  const shape = withBackups(topologies[options.topology], options.writerBackups);
  const engine = options.engine ?? "mariadb-10.11";
  requireEngine(engine);
  requireEngine(options.haproxyEngine ?? defaultHaproxyFor(engine));
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), "sbx-lab-"));
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const portsPerHaproxy = 2 + shape.listens.length;
  const ports = await findFreePorts(shape.nodes.length + (options.haproxies ?? shape.haproxies) * portsPerHaproxy);
  const nodes = createNodes(dir, shape, ports.splice(0, shape.nodes.length), options);
  const lab = new Lab(dir, nodes, createHaproxies(dir, shape, nodes, ports, options), shape, options);
  try {
    await Promise.all(nodes.map((node) => node.create()));
    await Promise.all([linkNodes(shape, lab), ...lab.haproxies.map((haproxy) => haproxy.create())]);
    return lab;
  } catch (error) {
    await lab.stop();
    throw error;
  }
}
