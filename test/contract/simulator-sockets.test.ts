/** The simulator's real sockets: ordinary clients, faults as a client sees them, and an end that leaves nothing behind. */
import { execFile } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { createConnection } from "mysql2/promise";
import { afterEach, describe, expect, test } from "vitest";
import { type Simulator, startSimulator } from "../../src/simulator/index.ts";
import { freezeNode, killNode, startNode, thawNode } from "../../src/simulator/world/faults.ts";
import type { Node } from "../../src/simulator/world/state.ts";
import { sendCommand } from "../lab/haproxy.ts";
import { waitFor } from "../lab/wait.ts";

const running: Simulator[] = [];

async function start(): Promise<Simulator> {
  const simulator = await startSimulator({ incidents: false });
  running.push(simulator);
  return simulator;
}

afterEach(async () => {
  for (const simulator of running.splice(0)) await simulator.stop();
});

function nodeOf(simulator: Simulator, name: string): Node {
  const node = simulator.world.nodes.find((candidate) => candidate.name === name);
  if (node === undefined) throw new Error(`no node ${name}`);
  return node;
}

/** First bytes the node's port sends, or the code connecting fails with. */
async function knock(port: number, patienceMs = 200): Promise<"greeting" | "silence" | string> {
  const socket: Socket = connect({ host: "127.0.0.1", port });
  try {
    return await new Promise((resolve) => {
      socket.once("data", () => resolve("greeting"));
      socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "error"));
      socket.setTimeout(patienceMs, () => resolve("silence"));
    });
  } finally {
    socket.destroy();
  }
}

/** Runs the mariadb command line client. */
async function runClient(port: number, statement: string, password = "demo-ops"): Promise<string> {
  const access = ["--protocol=tcp", "--host=127.0.0.1", `--port=${port}`, "--user=ops", `--password=${password}`];
  const { stdout } = await promisify(execFile)("mariadb", ["--no-defaults", ...access, "--execute", statement]);
  return stdout;
}

describe("simulator over real sockets", () => {
  test("lets the mariadb client log in and show the state of a replica", async () => {
    const simulator = await start();
    const { port } = nodeOf(simulator, "db2");
    const status = await runClient(port, "SHOW ALL SLAVES STATUS\\G");
    expect(status).toMatch(/ Slave_IO_Running: Yes\n\s+Slave_SQL_Running: Yes\n/);
    expect(status).toMatch(/ Gtid_Slave_Pos: 0-1-\d+\n/);
    expect(await runClient(port, "USE shop; SELECT DATABASE() AS d, @@server_id AS id")).toBe("d\tid\nshop\t2\n");
    await expect(runClient(port, "SELECT 1", "wrong")).rejects.toMatchObject({
      stderr: expect.stringContaining(
        "ERROR 1045 (28000): Access denied for user 'ops'@'127.0.0.1' (using password: YES)",
      ),
    });
  });

  test("a statement over one socket shows on the others at once", async () => {
    const simulator = await start();
    await runClient(nodeOf(simulator, "db3").port, "STOP SLAVE SQL_THREAD; SET GLOBAL read_only = 0");
    expect(nodeOf(simulator, "db3").readOnly).toBe(false);
    expect(await runClient(nodeOf(simulator, "db3").port, "SHOW SLAVE STATUS\\G")).toContain(
      "Seconds_Behind_Master: NULL",
    );
  });

  test("a killed node refuses connections and answers on the same port after its start", async () => {
    const simulator = await start();
    const node = nodeOf(simulator, "db4");
    expect(await knock(node.port)).toBe("greeting");
    killNode(simulator.world, node);
    simulator.settle();
    expect(await knock(node.port)).toBe("ECONNREFUSED");
    await waitFor("HAProxy to notice", async () =>
      (await sendCommand(simulator.haproxySocketPath, "show stat")).includes("L4CON"),
    );
    startNode(simulator.world, node);
    simulator.settle();
    await waitFor("the port to be open again", async () => (await knock(node.port)) === "greeting");
  });

  test("a frozen node accepts connections and says nothing until it thaws", async () => {
    const simulator = await start();
    const node = nodeOf(simulator, "db2");
    freezeNode(simulator.world, node);
    simulator.settle();
    const early = connect({ host: "127.0.0.1", port: node.port });
    const greeted = new Promise((resolve) => early.once("data", resolve));
    expect(await knock(node.port)).toBe("silence");
    thawNode(simulator.world, node);
    simulator.settle();
    await greeted;
    early.destroy();
    expect(await knock(node.port)).toBe("greeting");
  });

  test("a question to a node that froze just before is answered when it thaws", async () => {
    const simulator = await start();
    const node = nodeOf(simulator, "db3");
    const { port, user, password } = simulator.nodes[2] ?? { port: 0, user: "", password: "" };
    const connection = await createConnection({ host: "127.0.0.1", port, user, password });
    try {
      // Not settled: the socket itself finds out when the question arrives.
      freezeNode(simulator.world, node);
      let answered = false;
      const answer = connection.query("SELECT @@hostname AS name").then(([rows]) => {
        answered = true;
        return rows;
      });
      expect(await knock(node.port)).toBe("silence");
      expect(answered).toBe(false);
      thawNode(simulator.world, node);
      simulator.settle();
      expect(await answer).toEqual([{ name: "db3" }]);
    } finally {
      connection.destroy();
    }
  });

  test("a killed node breaks the connections it had", async () => {
    const simulator = await start();
    const node = nodeOf(simulator, "db1");
    const socket = connect({ host: "127.0.0.1", port: node.port });
    await new Promise((resolve) => socket.once("data", resolve));
    const closed = new Promise((resolve) => socket.once("close", resolve));
    killNode(simulator.world, node);
    simulator.settle();
    await closed;
  });

  test("keeps its sockets to itself and takes everything away when it stops, twice if asked", async () => {
    const simulator = await start();
    const folder = dirname(simulator.haproxySocketPath);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const ports = simulator.nodes.map(({ port }) => port);
    await simulator.stop();
    await simulator.stop();
    expect(existsSync(folder)).toBe(false);
    expect(await Promise.all(ports.map((port) => knock(port)))).toEqual(ports.map(() => "ECONNREFUSED"));
  });

  test("starts in little time, with as many servers and nodes as a bench wants", async () => {
    const startedAt = performance.now();
    const simulator = await startSimulator({ servers: 1_000, nodes: 50 });
    running.push(simulator);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect(simulator.nodes).toHaveLength(50);
    const rows = (await sendCommand(simulator.haproxySocketPath, "show stat"))
      .split("\n")
      .filter((line) => line.startsWith("pool_"));
    expect(rows).toHaveLength(1_000 + 2 * 50);
  });
});
