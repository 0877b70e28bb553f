import { expect, it } from "vitest";
import type { WrittenServer } from "../../../../src/model/written-server.ts";
import { DeathProofs, gatherPreflight } from "../../../../src/operations/promotion/gather.ts";
import { buildR1 } from "../../../support/model-builders.ts";
import { FakeWorld } from "../support/fake-world.ts";

const line: WrittenServer = {
  backend: "write_nodes",
  server: "db1",
  file: "/etc/haproxy/haproxy.cfg",
  line: 3,
  text: "server db1 10.0.0.11:3306 check",
};

function buildWorld(answer: Promise<readonly WrittenServer[] | null>) {
  const world = new FakeWorld(buildR1());
  const asked: unknown[] = [];
  world.writtenServers = (haproxy, pid) => {
    asked.push([haproxy, pid]);
    return answer;
  };
  return { world, asked };
}

const gather = (world: FakeWorld, mode: "promote" | "rejoin" = "promote") =>
  gatherPreflight({
    target: { mode, node: "db2" },
    cluster: world.scene.snapshot(),
    ports: world,
    records: [],
    deaths: new DeathProofs(),
  });

it("reads the file of each HAProxy by the process that answered", async () => {
  const { world, asked } = buildWorld(Promise.resolve([line]));
  expect((await gather(world)).writtenServers).toEqual(new Map([["lb1", [line]]]));
  expect(asked).toEqual([["lb1", 123]]);
});

it("does without a file that cannot be read, and waits for none for long", async () => {
  for (const answer of [Promise.resolve(null), new Promise<null>(() => {})]) {
    const { world } = buildWorld(answer);
    expect((await gather(world)).writtenServers).toEqual(new Map());
  }
});

it("reads none where no server changes its part", async () => {
  const { world, asked } = buildWorld(Promise.resolve([line]));
  await gather(world, "rejoin");
  expect(asked).toEqual([]);
});
