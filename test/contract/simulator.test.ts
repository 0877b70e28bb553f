/** The simulator against the same suites as the real servers. */
import { connect, type Socket } from "node:net";
import { createConnection, type RowDataPacket } from "mysql2/promise";
import type { HaproxyLocation } from "../../src/model/settings.ts";
import { type Simulator, startSimulator } from "../../src/simulator/index.ts";
import { commitTransaction } from "../../src/simulator/world/binlog.ts";
import { breakApplier, freezeNode, killNode, startNode, thawNode } from "../../src/simulator/world/faults.ts";
import { type Node, type ProductName, productNames, type World } from "../../src/simulator/world/state.ts";
import { sendCommand } from "../lab/haproxy.ts";
import { waitFor } from "../lab/wait.ts";
import { describeLiveHaproxyReader } from "./haproxy-reader.suite.ts";
import { describeLiveMysqlReader, type LiveMysqlSubject } from "./mysql-reader.suite.ts";

describeLiveHaproxyReader("the simulator", async () => {
  const simulator = await startSimulator({ incidents: false });
  const [lb1] = simulator.haproxies;
  if (lb1 === undefined) throw new Error("the simulator has no HAProxy");
  const unix = (path: string): HaproxyLocation => ({ kind: "unix", path });
  return {
    location: unix(lb1.socketPath),
    version: "2.6.12",
    level: "admin",
    healthyServer: "read_nodes/db3",
    lowerLevels: [
      { level: "operator", location: unix(lb1.operatorSocketPath) },
      { level: "user", location: unix(lb1.userSocketPath) },
    ],
    command: (line) => sendCommand(lb1.socketPath, line),
    stop: () => simulator.stop(),
  };
});

/** Changes the world and lets the sockets follow. */
type Change = (world: World, node: Node) => void;

function nodeNamed({ world }: Simulator, name: string): Node {
  const node = world.nodes.find((candidate) => candidate.name === name);
  if (node === undefined) throw new Error(`no node ${name}`);
  return node;
}

async function askNode({ host, port }: Node, sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const connection = await createConnection({ host, port, user: "admin", password: "demo-admin" });
  try {
    const [rows] = await connection.query<RowDataPacket[]>(sql);
    return Array.isArray(rows) ? rows : [];
  } finally {
    await connection.end();
  }
}

/** Connections that only read their greeting, until one is turned away. */
async function fillConnections({ host, port }: Node): Promise<() => Promise<void>> {
  const held: Socket[] = [];
  for (;;) {
    const socket = connect({ host, port });
    const first = await new Promise<Buffer>((resolve, reject) => {
      socket.once("data", resolve);
      socket.once("error", reject);
    });
    if (first[4] === 0xff) break;
    held.push(socket);
  }
  return async () => {
    await Promise.all(held.map((socket) => new Promise((resolve) => socket.once("close", resolve).destroy())));
  };
}

interface Words {
  readonly version: string;
  /** After START and STOP. */
  readonly replica: string;
  readonly sourceStatus: string;
  readonly executedGtid: string;
}

const products: Readonly<Record<ProductName, Words>> = {
  mariadb: {
    version: "10.11.",
    replica: "SLAVE",
    sourceStatus: "SHOW MASTER STATUS",
    executedGtid: "@@global.gtid_binlog_pos",
  },
  mysql: {
    version: "9.7.",
    replica: "REPLICA",
    sourceStatus: "SHOW BINARY LOG STATUS",
    executedGtid: "@@global.gtid_executed",
  },
};

async function startMysqlSubject(product: ProductName): Promise<LiveMysqlSubject> {
  const { version, replica, sourceStatus, executedGtid } = products[product];
  const simulator = await startSimulator({ product, incidents: false, trafficPerSecond: 0 });
  const { world } = simulator;
  const nodes = { source: nodeNamed(simulator, "db1"), replica: nodeNamed(simulator, "db3") };
  const change = (node: Node, apply: Change): void => {
    apply(world, node);
    simulator.settle();
  };
  const write = async (): Promise<void> =>
    change(nodes.source, (_world, node) => commitTransaction(node, 400, world.nowMs));
  const revive = async (node: Node): Promise<void> => {
    change(node, startNode);
    await waitFor("the node to listen", () => askNode(node, "SELECT 1"));
  };
  const control = async (statement: string): Promise<void> => void (await askNode(nodes.replica, statement));
  return {
    flavor: product,
    version,
    ...nodes,
    attached: 3,
    ops: { user: "ops", password: "demo-ops" },
    viewer: { user: "viewer", password: "demo-viewer" },
    nopriv: { user: "nopriv", password: "demo-nopriv" },
    statements: { sourceStatus, executedGtid },
    stop: () => simulator.stop(),
    ask: (node, sql) => askNode(nodes[node], sql),
    write,
    setApplier: (run) => control(`${run ? "START" : "STOP"} ${replica} SQL_THREAD`),
    setReceiver: (run) => control(`${run ? "START" : "STOP"} ${replica} IO_THREAD`),
    breakApplier: async () => {
      change(nodes.replica, breakApplier);
      await write();
      await waitFor("a broken applier", () => nodes.replica.channels.every(({ applier }) => !applier.running));
    },
    repairApplier: () => control(`START ${replica} SQL_THREAD`),
    freeze: async (node) => change(nodes[node], freezeNode),
    thaw: (node) => change(nodes[node], thawNode),
    restart: async (node) => {
      change(nodes[node], killNode);
      await revive(nodes[node]);
    },
    setAlive: async (node, alive) => (alive ? revive(nodes[node]) : change(nodes[node], killNode)),
    fillConnections: (node) => fillConnections(nodes[node]),
  };
}

for (const product of productNames)
  describeLiveMysqlReader(`the simulator, ${product}`, () => startMysqlSubject(product));
