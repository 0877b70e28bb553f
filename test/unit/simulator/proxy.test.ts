import { describe, expect, test } from "vitest";
import { freezeNode, killNode, startNode } from "../../../src/simulator/world/faults.ts";
import { setServerState, setServerWeight, shutdownSessions } from "../../../src/simulator/world/proxy-admin.ts";
import { chosenServers, formatServerStatus, isUp } from "../../../src/simulator/world/proxy-state.ts";
import type { World } from "../../../src/simulator/world/state.ts";
import { stepWorld } from "../../../src/simulator/world/step.ts";
import { createFixture, liveUntil, nodeNamed, serverNamed } from "./fixture.ts";
import { openClient, readError } from "./mysql-client.ts";

function chosen(world: World, backendName: string): string[] {
  const backend = world.haproxies[0]?.backends.find(({ name }) => name === backendName);
  return backend === undefined ? [] : chosenServers(backend).map((server) => server.name);
}

describe("simulated HAProxy", () => {
  test("counts three failed checks before a dead replica is DOWN and two good ones before it is UP", () => {
    const world = createFixture();
    const server = serverNamed(world, "read_nodes/db3");
    killNode(world, nodeNamed(world, "db3"));
    const statuses = new Set<string>();
    const seconds = liveUntil(world, 10, () => {
      statuses.add(formatServerStatus(server));
      return !isUp(server);
    });
    expect([...statuses]).toEqual(["UP", "UP 2/3", "UP 1/3", "DOWN"]);
    expect(seconds).toBeGreaterThan(4);
    expect(server.check).toMatchObject({ status: "L4CON", info: "Connection refused" });
    expect(chosen(world, "read_nodes")).toEqual(["db2", "db4"]);
    startNode(world, nodeNamed(world, "db3"));
    statuses.clear();
    liveUntil(world, 10, () => {
      statuses.add(formatServerStatus(server));
      return formatServerStatus(server) === "UP";
    });
    expect([...statuses]).toEqual(["DOWN", "DOWN 1/2", "UP"]);
    expect(server.downtimeMs).toBeGreaterThan(1_000);
    expect(server.downTransitions).toBe(1);
  });

  test("moves writers to the backup when the primary dies and never back by itself", () => {
    const world = createFixture();
    const primary = serverNamed(world, "write_nodes/db1");
    killNode(world, nodeNamed(world, "db1"));
    liveUntil(world, 10, () => !isUp(primary));
    expect(chosen(world, "write_nodes")).toEqual(["db2"]);
    stepWorld(world, 3_000);
    expect(serverNamed(world, "write_nodes/db2").sessions.size).toBeGreaterThan(3);
    startNode(world, nodeNamed(world, "db1"));
    stepWorld(world, 60_000);
    expect(formatServerStatus(primary)).toMatch(/^DOWN \d+\/99999999$/);
    expect(chosen(world, "write_nodes")).toEqual(["db2"]);
  });

  test("sends writes to a read-only backup in vain: they are refused and no transaction comes of them", () => {
    const world = createFixture();
    const standby = nodeNamed(world, "db2");
    setServerState(world, serverNamed(world, "write_nodes/db1"), "maint");
    shutdownSessions(serverNamed(world, "write_nodes/db1"));
    stepWorld(world, 5_000);
    expect(standby.refusedWrites).toBeGreaterThan(20);
    expect([...standby.binlogState.keys()]).toEqual(["0-1"]);
    standby.readOnly = false;
    stepWorld(world, 1_000);
    expect([...standby.binlogState.keys()]).toContain("0-2");
  });

  test("leaves the sessions of a drained server alone and gives it no new ones", () => {
    const world = createFixture();
    const server = serverNamed(world, "read_nodes/db2");
    const total = server.totalSessions;
    setServerState(world, server, "drain");
    expect(server.sessions.size).toBeGreaterThan(2);
    expect(formatServerStatus(server)).toBe("DRAIN");
    liveUntil(world, 600, () => server.sessions.size === 0);
    expect(server.totalSessions).toBe(total);
    setServerState(world, server, "ready");
    liveUntil(world, 30, () => server.sessions.size > 2);
  });

  test("takes a dead server in maintenance for UP 1/3 at once when it is made ready", () => {
    const world = createFixture();
    const server = serverNamed(world, "read_nodes/db4");
    killNode(world, nodeNamed(world, "db4"));
    liveUntil(world, 10, () => !isUp(server));
    setServerState(world, server, "maint");
    expect(formatServerStatus(server)).toBe("MAINT");
    setServerState(world, server, "ready");
    expect(formatServerStatus(server)).toBe("UP 1/3");
    liveUntil(world, 3, () => formatServerStatus(server) === "DOWN");
  });

  test("spreads new sessions by weight and gives none to weight 0", () => {
    const world = createFixture();
    setServerWeight(world, serverNamed(world, "read_nodes/db2"), 0);
    setServerWeight(world, serverNamed(world, "read_nodes/db3"), 3);
    const totals = (): number[] =>
      ["db2", "db3", "db4"].map((name) => serverNamed(world, `read_nodes/${name}`).totalSessions);
    const before = totals();
    stepWorld(world, 60_000);
    stepWorld(world, 60_000);
    const [none = 0, heavy = 0, light = 0] = totals().map((count, index) => count - (before[index] ?? 0));
    expect(none).toBe(0);
    expect(heavy / light).toBeGreaterThan(2.5);
    expect(heavy / light).toBeLessThan(3.5);
  });

  test("finds a frozen node by a check that times out", () => {
    const world = createFixture();
    freezeNode(world, nodeNamed(world, "db2"));
    const server = serverNamed(world, "read_nodes/db2");
    liveUntil(world, 10, () => !isUp(server));
    expect(server.check).toMatchObject({ status: "L7TOUT", durationMs: 2_001 });
  });

  test("finds a node without a free connection by error 1040", () => {
    const world = createFixture();
    const node = nodeNamed(world, "db3");
    node.variables.set("max_connections", String(node.sessions.size));
    const server = serverNamed(world, "read_nodes/db3");
    liveUntil(world, 10, () => !isUp(server));
    expect(server.check).toMatchObject({ status: "L7STS", code: 1040, info: "#08004Too many connections" });
    expect(readError(openClient(world, node).packets[0])).toEqual({
      code: 1040,
      state: "08004",
      message: "Too many connections",
    });
    node.variables.delete("max_connections");
    liveUntil(world, 10, () => isUp(server));
  });

  test("keeps its sessions and writes nothing in a cluster without traffic", () => {
    const world = createFixture({ transactionsPerSecond: 0 });
    const picture = (): unknown => [
      world.nextSessionId,
      world.nodes.map((node) => [node.sessions.size, node.binlog.pos]),
    ];
    stepWorld(world, 10_000);
    const before = picture();
    stepWorld(world, 60_000);
    expect(picture()).toEqual(before);
  });

  test("carries a thousand further servers, each on one of its own nodes", () => {
    const world = createFixture({ extraServers: 1_000, nodes: 50 });
    expect(world.haproxies[0]?.backends).toHaveLength(52);
    const ports = new Set(world.nodes.map(({ port }) => port));
    const servers = world.haproxies[0]?.backends.flatMap((backend) => backend.servers) ?? [];
    expect(servers.length).toBeGreaterThanOrEqual(1_000);
    for (const { host, port } of servers) expect([host, ports.has(port)]).toEqual(["127.0.0.1", true]);
  });
});
