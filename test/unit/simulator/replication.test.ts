import { describe, expect, test } from "vitest";
import { breakApplier, freezeNode, killNode, startNode, thawNode } from "../../../src/simulator/world/faults.ts";
import { formatGtidPosition } from "../../../src/simulator/world/gtid.ts";
import { startThreads, stopThreads } from "../../../src/simulator/world/replica-control.ts";
import { secondsBehind } from "../../../src/simulator/world/replication.ts";
import type { Channel, Node, World } from "../../../src/simulator/world/state.ts";
import { stepWorld } from "../../../src/simulator/world/step.ts";
import { createFixture, liveUntil, nodeNamed } from "./fixture.ts";

function channelOf(node: Node): Channel {
  const [channel] = node.channels;
  if (channel === undefined) throw new Error(`${node.name} replicates from nobody`);
  return channel;
}

function gtids(world: World): string[] {
  return world.nodes.map((node) => formatGtidPosition(node.binlogPosition));
}

describe("simulated replication", () => {
  test("brings every transaction of the primary to every replica, with the same id", () => {
    const world = createFixture();
    stepWorld(world, 5_000);
    expect(world.nodes[0]?.binlog.events.length).toBeGreaterThan(100);
    world.transactionsPerSecond = 0;
    stepWorld(world, 5_000);
    expect(new Set(gtids(world)).size).toBe(1);
    expect(gtids(world)[0]).toMatch(/^0-1-\d{3,}$/);
    const channel = channelOf(nodeNamed(world, "db3"));
    const { binlog } = nodeNamed(world, "db1");
    expect(channel.executed).toEqual({ file: binlog.file, pos: binlog.pos });
    expect(channel.received).toEqual(channel.executed);
  });

  test("gives the same cluster for the same seed and another one for another seed", () => {
    const picture = (seed: number): unknown => {
      const world = createFixture({ seed, incidents: true });
      stepWorld(world, 60_000);
      return [gtids(world), world.nodes.map((node) => [node.binlog.pos, node.sessions.size, node.statements])];
    };
    expect(picture(3)).toEqual(picture(3));
    expect(picture(3)).not.toEqual(picture(4));
  });

  test("lets db4 fall about 8 s behind and come back, while the others stay close", () => {
    const world = createFixture({ incidents: true });
    const lag = (name: string): number => secondsBehind(world, channelOf(nodeNamed(world, name))) ?? -1;
    const seen = { db3: 0, db4: 0 };
    const taken = liveUntil(world, 100, () => {
      seen.db3 = Math.max(seen.db3, lag("db3"));
      seen.db4 = Math.max(seen.db4, lag("db4"));
      return seen.db4 >= 8 && lag("db4") <= 1;
    });
    expect(taken).toBeGreaterThan(60);
    expect(seen.db4).toBe(8);
    expect(seen.db3).toBeLessThanOrEqual(2);
  });

  test("keeps receiving while the applier is stopped, and has no lag figure until it runs again", () => {
    const world = createFixture();
    const channel = channelOf(nodeNamed(world, "db2"));
    expect(stopThreads(channel, "sql")).toBe(true);
    expect(stopThreads(channel, "sql")).toBe(false);
    stepWorld(world, 3_000);
    expect(secondsBehind(world, channel)).toBeNull();
    expect(channel.relayLog.length).toBeGreaterThan(50);
    expect(startThreads(world, channel, "both")).toBe(true);
    expect(secondsBehind(world, channel)).toBeGreaterThanOrEqual(2);
    expect(liveUntil(world, 10, () => secondsBehind(world, channel) === 0)).toBeLessThan(5);
  });

  test("stops the applier at a duplicate key with the error of a server", () => {
    const world = createFixture();
    const channel = channelOf(nodeNamed(world, "db3"));
    breakApplier(world, nodeNamed(world, "db3"));
    stepWorld(world, 2_000);
    expect(channel.applier).toMatchObject({ running: false, error: { code: 1062 } });
    expect(channel.receiver.state).toBe("yes");
  });

  test("reports a dead primary as 2003 while connecting, and goes on where it stopped when it is back", () => {
    const world = createFixture();
    const primary = nodeNamed(world, "db1");
    const channel = channelOf(nodeNamed(world, "db4"));
    stepWorld(world, 1_000);
    killNode(world, primary);
    stepWorld(world, 1_000);
    expect(channel.receiver).toMatchObject({ state: "connecting", error: { code: 2003 } });
    expect(secondsBehind(world, channel)).toBeNull();
    startNode(world, primary);
    expect(liveUntil(world, 10, () => channel.receiver.state === "yes")).toBeLessThanOrEqual(6);
    expect(channel.receiver.error).toBeNull();
    world.transactionsPerSecond = 0;
    stepWorld(world, 4_000);
    expect(gtids(world)[3]).toBe(gtids(world)[0]);
  });

  test("believes in a frozen primary for 60 s, as slave_net_timeout makes a real one do", () => {
    const world = createFixture();
    const channel = channelOf(nodeNamed(world, "db2"));
    freezeNode(world, nodeNamed(world, "db1"));
    stepWorld(world, 50_000);
    expect(channel.receiver.state).toBe("yes");
    expect(secondsBehind(world, channel)).toBe(0);
    expect(liveUntil(world, 15, () => channel.receiver.state === "connecting")).toBeGreaterThan(5);
    thawNode(world, nodeNamed(world, "db1"));
    liveUntil(world, 10, () => channel.receiver.state === "yes");
  });

  test("refuses a replica whose position was purged with error 1236", () => {
    const world = createFixture();
    const channel = channelOf(nodeNamed(world, "db2"));
    stopThreads(channel, "both");
    stepWorld(world, 2_000);
    const { binlog } = nodeNamed(world, "db1");
    binlog.firstIndex += binlog.events.splice(0, binlog.events.length - 1).length;
    startThreads(world, channel, "both");
    stepWorld(world, 500);
    expect(channel.receiver).toMatchObject({ state: "no", error: { code: 1236 } });
  });

  test("does not work through a night that the machine slept", () => {
    const world = createFixture();
    const before = world.nowMs;
    const { binlog } = nodeNamed(world, "db1");
    const written = binlog.firstIndex + binlog.events.length;
    stepWorld(world, 8 * 3_600_000);
    expect(world.nowMs - before).toBe(8 * 3_600_000);
    // Worked through, the night would have brought more than a hundred thousand transactions.
    expect(binlog.firstIndex + binlog.events.length - written).toBeLessThan(10_000);
  });
});
