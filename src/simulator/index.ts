/** The training cluster: a whole reference cluster in one process, over real sockets and the real wire protocols. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildConfigText } from "./config-text.ts";
import { type CliServer, createCliServer } from "./haproxy/cli-server.ts";
import { createFrontendServer, type FrontendServer } from "./haproxy/frontend-server.ts";
import { NodeServer, reservePort } from "./mysql/node-server.ts";
import { socketOnHost, sshUser } from "./ssh/place.ts";
import type { SimulatedHosts } from "./ssh/start-hosts.ts";
import { hostOf } from "./world/address.ts";
import { consoleLogin, replicationLogin } from "./world/create-node.ts";
import { createWorld } from "./world/create-world.ts";
import { haproxiesOfClients } from "./world/proxy-state.ts";
import { type ShapeName, selectShape } from "./world/shapes.ts";
import type { Backend, Haproxy, ProductName, World } from "./world/state.ts";
import { stepWorld } from "./world/step.ts";

export interface SimulatorOptions {
  /** Shape of the cluster. */
  readonly shape?: ShapeName;
  /** What its database servers are; MariaDB when nothing is said. */
  readonly product?: ProductName;
  /** Same seed, same traffic. */
  readonly seed?: number;
  /** Transactions per second the writers commit; 0 makes a still cluster: sessions stay, nothing is written. */
  readonly trafficPerSecond?: number;
  /** World seconds per real second. */
  readonly speed?: number;
  /** HAProxy servers beside those of the topology, in backends of 20; for benches. */
  readonly servers?: number;
  /** Whether HAProxies, nodes and the hosts themselves are reached through SSH, where the shape has an address that moves. */
  readonly ssh?: boolean;
  /** Number of MySQL nodes of R1, at least 1; those after db4 are further readers. */
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
  /** Where clients of each `listen` connect. */
  readonly frontends: readonly {
    /** Null: the address that moves from one HAProxy to the next. */
    readonly haproxy: string | null;
    readonly backend: string;
    readonly host: string;
    readonly port: number;
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

interface Frontend extends FrontendServer {
  /** Null: whichever holds the address of the clients. */
  readonly haproxy: string | null;
  readonly backend: string;
}

interface Servers {
  readonly world: World;
  readonly nodeServers: NodeServer[];
  readonly cliServers: CliServer[];
  readonly frontends: readonly Frontend[];
  readonly settle: () => void;
}

interface FrontendPlace {
  readonly haproxy: string | null;
  readonly name: string;
  readonly backend: () => Backend | null;
}

/** Where two hosts hold the address, it is chance which of them a client reaches. */
function pickHolder(world: World): Haproxy | null {
  const holders = haproxiesOfClients(world);
  return holders.length === 0 ? null : world.random.pick(holders);
}

/** Every `listen` of every HAProxy, and those at the address that moves, where clients use one; pools beside the shape have none. */
function listFrontends(world: World): FrontendPlace[] {
  const own = world.haproxies.flatMap((haproxy) =>
    haproxy.backends
      .filter(({ role }) => role !== "other")
      .map((backend) => ({
        haproxy: haproxy.name,
        name: backend.name,
        backend: () => (haproxy.running ? backend : null),
      })),
  );
  if (world.address === null) return own;
  const names = [...new Set(own.map(({ name }) => name))];
  const floating = names.map((name) => ({
    haproxy: null,
    name,
    backend: () => pickHolder(world)?.backends.find((each) => each.name === name) ?? null,
  }));
  return [...floating, ...own];
}

async function openFrontends(world: World, beforeConnect: () => void): Promise<readonly Frontend[]> {
  return Promise.all(
    listFrontends(world).map(async ({ haproxy, name, backend }) => {
      const { server, port } = await reservePort(host);
      return { ...createFrontendServer({ world, backend, beforeConnect }, server, port, host), haproxy, backend: name };
    }),
  );
}

async function createServers(options: SimulatorOptions): Promise<Servers> {
  const shape = options.shape ?? "r1";
  const nodeCount = selectShape(shape, Math.max(1, options.nodes ?? 4)).nodes.length;
  const reserved = await Promise.all(Array.from({ length: nodeCount }, () => reservePort(host)));
  const world = createWorld({
    shape,
    product: options.product ?? "mariadb",
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
  const cliServers: CliServer[] = [];
  const speed = options.speed ?? 1;
  let frontends: readonly Frontend[] = [];
  let lastAtMs = performance.now();
  const settle = (): void => {
    const elapsedMs = Math.floor((performance.now() - lastAtMs) * speed);
    stepWorld(world, elapsedMs);
    lastAtMs += elapsedMs / speed;
    for (const server of [...nodeServers, ...cliServers, ...frontends]) server.follow();
  };
  for (const [index, node] of world.nodes.entries()) {
    const server = reserved[index]?.server;
    if (server !== undefined) nodeServers.push(new NodeServer(world, node, server, settle));
  }
  cliServers.push(...world.haproxies.map((haproxy) => createCliServer(world, haproxy, settle)));
  frontends = await openFrontends(world, settle);
  return { world, nodeServers, cliServers, frontends, settle };
}

function listSockets(world: World, folder: string): Simulator["haproxies"] {
  return world.haproxies.map(({ name }) => ({
    name,
    socketPath: join(folder, `${name}.sock`),
    operatorSocketPath: join(folder, `${name}-operator.sock`),
    userSocketPath: join(folder, `${name}-user.sock`),
  }));
}

type Described = Pick<Simulator, "haproxies" | "nodes" | "frontends" | "configYaml">;

/** Sockets, targets and files of what is reached through SSH; without it everything is reached directly. */
function describeWays(world: World, haproxies: Simulator["haproxies"], hosts: SimulatedHosts | null) {
  const targetOf = (member: string): string => `${sshUser}@${hostOf(world, member).name}`;
  return {
    sockets: haproxies.map(({ name, socketPath }) => ({
      name,
      socket: hosts === null ? `unix://${socketPath}` : `ssh://${targetOf(name)}${socketOnHost(name)}`,
    })),
    sshOf: (member: string) => (hosts === null ? null : targetOf(member)),
    floatingIp: hosts === null ? null : (world.address?.text ?? null),
  };
}

function describe(
  { world, frontends }: Servers,
  haproxies: Simulator["haproxies"],
  hosts: SimulatedHosts | null,
  options: SimulatorOptions,
): Described {
  const { sockets, sshOf, floatingIp } = describeWays(world, haproxies, hosts);
  const { user, password } = consoleLogin;
  const nodes = world.nodes.map(({ name, port }) => ({ name, host, port, user, password }));
  const { listens, multiWriter } = selectShape(options.shape ?? "r1", world.nodes.length);
  const writer = listens.find(({ role }) => role === "write")?.name ?? "";
  const writerPort = frontends.find(({ backend }) => backend === writer)?.port ?? 0;
  const configYaml = buildConfigText({
    cluster: "demo",
    haproxies: sockets,
    nodes: nodes.map(({ name, port }) => ({ name, host, port, ssh: sshOf(name) })),
    user,
    password,
    writer: { backend: writer, address: `${host}:${writerPort}`, multiWriter },
    readers: listens.filter(({ role }) => role === "read").map(({ name }) => name),
    floatingIp,
    ssh: hosts,
    replication: replicationLogin,
  });
  const places = frontends.map(({ haproxy, backend, port }) => ({ haproxy, backend, host, port }));
  return { haproxies, nodes, frontends: places, configYaml };
}

async function openSockets(servers: readonly CliServer[], paths: Simulator["haproxies"]): Promise<void> {
  await Promise.all(
    servers.flatMap((server, index) => {
      const own = paths[index];
      if (own === undefined) return [];
      return [
        server.listen(own.socketPath, "admin"),
        server.listen(own.operatorSocketPath, "operator"),
        server.listen(own.userSocketPath, "user"),
      ];
    }),
  );
}

/**
 * Starts the cluster. Its timer does not keep the process alive, its sockets do until {@link Simulator.stop}.
 * @throws system errors when no port or no socket can be had
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const folder = await mkdtemp(join(tmpdir(), "signalbox-demo-"));
  const servers = await createServers(options);
  const { world, nodeServers, cliServers, frontends, settle } = servers;
  const haproxies = listSockets(world, folder);
  let hosts: SimulatedHosts | null = null;
  const timer = setInterval(settle, tickMs);
  timer.unref();
  const stop = async (): Promise<void> => {
    clearInterval(timer);
    await hosts?.close();
    await Promise.all([...frontends, ...nodeServers, ...cliServers].map((server) => server.close()));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await openSockets(cliServers, haproxies);
    if (options.ssh === true && world.address !== null) {
      const { startHosts } = await import("./ssh/start-hosts.ts");
      const socketPathOf = (name: string) => haproxies.find((each) => each.name === name)?.socketPath;
      hosts = await startHosts({ world, folder: join(folder, "ssh"), socketPathOf, refresh: settle });
    }
  } catch (error) {
    await stop();
    throw error;
  }
  const described = describe(servers, haproxies, hosts, options);
  return { ...described, haproxySocketPath: haproxies[0]?.socketPath ?? "", world, settle, stop };
}
