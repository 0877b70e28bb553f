/** The training cluster: a whole R1 in one process, over real sockets and the real wire protocols. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildConfigText } from "./config-text.ts";
import { type CliServer, createCliServer } from "./haproxy/cli-server.ts";
import { NodeServer, reservePort } from "./mysql/node-server.ts";
import { createWorld, simulatorAccounts } from "./world/create-world.ts";
import type { World } from "./world/state.ts";
import { stepWorld } from "./world/step.ts";

export interface SimulatorOptions {
  /** Shape of the cluster. */
  readonly topology?: "r1";
  /** Same seed, same traffic. */
  readonly seed?: number;
  /** Transactions per second the writers commit; 0 makes a still cluster: sessions stay, nothing is written. */
  readonly trafficPerSecond?: number;
  /** World seconds per real second. */
  readonly speed?: number;
  /** HAProxy servers beside those of the topology, in backends of 20; for benches. */
  readonly servers?: number;
  /** Number of MySQL nodes, at least 1; those after db4 are further readers. */
  readonly nodes?: number;
  /** Whether replicas now and then lag or restart. */
  readonly incidents?: boolean;
}

export interface Simulator {
  /** Runtime socket of the first HAProxy. */
  readonly haproxySocketPath: string;
  /** Each with its socket of level admin, and further ones with less power. */
  readonly haproxies: readonly {
    readonly name: string;
    readonly socketPath: string;
    readonly operatorSocketPath: string;
    readonly userSocketPath: string;
  }[];
  /** Nodes with the account signalbox is to use; it may see and do everything. */
  readonly nodes: readonly {
    readonly name: string;
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly password: string;
  }[];
  /** A signalbox configuration for it. Holds the password: write it to a file only its owner can read. */
  readonly configYaml: string;
  /** State of the cluster; change it with the functions of ./world, then call {@link Simulator.settle}. */
  readonly world: World;
  /** Brings time and sockets in line with the world now instead of at the next tick. */
  settle(): void;
  /** Closes every socket and removes the folder. May be called again. */
  stop(): Promise<void>;
}

const host = "127.0.0.1";
const tickMs = 250;

interface Servers {
  readonly world: World;
  readonly nodeServers: NodeServer[];
  readonly cliServers: CliServer[];
  readonly settle: () => void;
}

async function createServers(options: SimulatorOptions): Promise<Servers> {
  const reserved = await Promise.all(Array.from({ length: Math.max(1, options.nodes ?? 4) }, () => reservePort(host)));
  const world = createWorld({
    startAtMs: Date.now(),
    seed: options.seed ?? 1,
    transactionsPerSecond: options.trafficPerSecond ?? 40,
    ports: reserved.map(({ port }) => port),
    extraServers: Math.max(0, options.servers ?? 0),
    incidents: options.incidents ?? true,
    host,
    pid: process.pid,
  });
  const nodeServers: NodeServer[] = [];
  const speed = options.speed ?? 1;
  let lastAtMs = performance.now();
  const settle = (): void => {
    const elapsedMs = Math.floor((performance.now() - lastAtMs) * speed);
    stepWorld(world, elapsedMs);
    lastAtMs += elapsedMs / speed;
    for (const server of nodeServers) server.follow();
  };
  for (const [index, node] of world.nodes.entries()) {
    const server = reserved[index]?.server;
    if (server !== undefined) nodeServers.push(new NodeServer(world, node, server, settle));
  }
  const cliServers = world.haproxies.map((haproxy) => createCliServer(world, haproxy, settle));
  return { world, nodeServers, cliServers, settle };
}

/**
 * Starts the cluster. Its timer does not keep the process alive, its sockets do until {@link Simulator.stop}.
 * @throws system errors when no port or no socket can be had
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const folder = await mkdtemp(join(tmpdir(), "signalbox-demo-"));
  const { world, nodeServers, cliServers, settle } = await createServers(options);
  const haproxies = world.haproxies.map(({ name }) => ({
    name,
    socketPath: join(folder, `${name}.sock`),
    operatorSocketPath: join(folder, `${name}-operator.sock`),
    userSocketPath: join(folder, `${name}-user.sock`),
  }));
  const timer = setInterval(settle, tickMs);
  timer.unref();
  const stop = async (): Promise<void> => {
    clearInterval(timer);
    await Promise.all([...nodeServers, ...cliServers].map((server) => server.close()));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await Promise.all(
      cliServers.flatMap((server, index) => {
        const paths = haproxies[index];
        if (paths === undefined) return [];
        return [
          server.listen(paths.socketPath, "admin"),
          server.listen(paths.operatorSocketPath, "operator"),
          server.listen(paths.userSocketPath, "user"),
        ];
      }),
    );
  } catch (error) {
    await stop();
    throw error;
  }
  const { user, password } = simulatorAccounts[0] ?? { user: "", password: "" };
  const nodes = world.nodes.map(({ name, port }) => ({ name, host, port, user, password }));
  return {
    haproxySocketPath: haproxies[0]?.socketPath ?? "",
    haproxies,
    nodes,
    configYaml: buildConfigText({ cluster: "demo", haproxies, nodes, user, password }),
    world,
    settle,
    stop,
  };
}
