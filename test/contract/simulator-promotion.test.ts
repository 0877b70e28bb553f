/** The simulated cluster under the operations of the program: the same code, statements and checks as on real servers. */
import { createConnection } from "mysql2/promise";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import type { SimulatorOptions } from "../../src/simulator/index.ts";
import { killNode, startNode } from "../../src/simulator/world/faults.ts";
import { startHaproxy, stopHaproxy } from "../../src/simulator/world/proxy-process.ts";
import { type ProductName, productNames } from "../../src/simulator/world/state.ts";
import { waitFor } from "../lab/wait.ts";
import { findDeviations, startTraining, type Training } from "./simulator-operations.ts";

let training: Training;
let product: ProductName = "mariadb";

async function start(options: SimulatorOptions = {}): Promise<Training> {
  training = await startTraining({ product, ...options });
  return training;
}

afterEach(() => training.stop());

/** As `app`, through the port of a `listen` or at a node. */
async function connect(port: number) {
  return createConnection({ host: "127.0.0.1", port, user: "app", password: "demo-app", database: "shop" });
}

const insert = "INSERT INTO orders (writer, seq) VALUES (1, 1)";

/** Lets everybody have everything, then nothing is written any more. */
async function calm({ simulator: { world } }: Training): Promise<void> {
  world.transactionsPerSecond = 0;
  const [primary] = world.nodes;
  await waitFor("replicas to have everything", async () =>
    world.nodes.every((node) => node.writes.countMissing(world.ledger.acknowledged) === 0 || node === primary),
  );
}

/** As its supervisor would: with what stands in its configuration file. */
async function revive(name: string): Promise<void> {
  training.change(startNode, name);
  await waitFor(`${name} to listen`, async () => {
    await (await connect(training.node(name).port)).end();
    return true;
  });
}

describe.each(productNames)("R1 of %s", (name) => {
  beforeAll(() => {
    product = name;
  });

  it("moves the writes there and back under traffic: nothing lost, one writer, everybody follows", async () => {
    const { promote, server } = await start();
    for (const to of ["db2", "db1"]) {
      expect(await promote(to)).toMatchObject({ state: "done" });
      expect(await findDeviations(training, { primary: to })).toEqual([]);
    }
    expect(server("write_nodes/db2").maint).toBe(true);
  });

  it("takes a finished promotion back by undo", async () => {
    const { promote, run } = await start();
    expect(await promote("db2")).toMatchObject({ state: "done" });
    expect(await run({ command: "undo" })).toMatchObject({ state: "done" });
    expect(await findDeviations(training, { primary: "db1" })).toEqual([]);
  });

  it("goes on without a primary that was killed, and takes it back as a replica", async () => {
    const { promote, change, simulator, run, node } = await start();
    await calm(training);
    change(killNode, "db1");
    simulator.world.transactionsPerSecond = 40;
    expect(await promote("db3", true).catch((error: unknown) => String(error))).toMatch(/db3/);
    expect(await promote("db2", true)).toMatchObject({ state: "done" });
    expect(await findDeviations(training, { primary: "db2" })).toEqual([]);
    await revive("db1");
    expect(node("db1").readOnly).toBe(false);
    expect(await run({ command: "rejoin", targets: ["db1"] })).toMatchObject({ state: "done" });
    expect(await findDeviations(training, { primary: "db2" })).toEqual([]);
  });

  it("does not take back a primary that has writes nobody else has", async () => {
    const { promote, change, run, node, simulator } = await start();
    await calm(training);
    for (const name of ["db2", "db3", "db4"]) for (const { receiver } of node(name).channels) receiver.state = "no";
    simulator.world.transactionsPerSecond = 40;
    const before = simulator.world.ledger.acknowledged;
    await waitFor("writes that no replica gets", async () => simulator.world.ledger.acknowledged > before);
    change(killNode, "db1");
    const lost = simulator.world.ledger.acknowledged - before;
    expect(await promote("db2", true)).toMatchObject({ state: "done" });
    expect(await findDeviations(training, { primary: "db2", lost })).toEqual([]);
    await revive("db1");
    const refused = await run({ command: "rejoin", targets: ["db1"] });
    expect(refused).toMatchObject({ state: "refused", refusals: [{ guard: "rejoin-contained" }] });
  });

  async function stopWhen(isTime: () => boolean) {
    const abort = new AbortController();
    return training.run(
      { command: "promote", targets: ["db2"], promotion: { failover: false, acceptLoss: false } },
      { signal: abort.signal, onProgress: () => isTime() && abort.abort() },
    );
  }

  it("stops before the point of no return and takes everything back", async () => {
    const { server } = await start();
    expect(await stopWhen(() => server("write_nodes/db2").maint)).toMatchObject({ state: "rolled-back" });
    expect(server("write_nodes/db2").maint).toBe(false);
    expect(await findDeviations(training, { primary: "db1" })).toEqual([]);
  });

  it("stops after the point of no return, and resume finishes it", async () => {
    const { run, node } = await start();
    expect(await stopWhen(() => !node("db2").readOnly)).toMatchObject({ state: "unfinished" });
    expect(await run({ command: "resume" })).toMatchObject({ state: "done" });
    expect(await findDeviations(training, { primary: "db2" })).toEqual([]);
  });

  it("drains a reader: sessions stay until they go by themselves, and undo brings it back", async () => {
    const { run, server } = await start();
    const reader = server("read_nodes/db4");
    await waitFor("sessions", async () => reader.sessions.size > 2);
    expect(await run({ command: "drain", targets: ["read_nodes/db4"] })).toMatchObject({ state: "done" });
    expect(reader).toMatchObject({ drain: true });
    expect(reader.sessions.size).toBeGreaterThan(0);
    expect(await run({ command: "undo" })).toMatchObject({ state: "done" });
    expect(reader).toMatchObject({ drain: false });
  });

  it("a client through the writer's port is a session of the primary, is cut by a promotion and comes back at the new one", async () => {
    const { simulator, promote, server } = await start();
    const port = simulator.frontends.find(({ backend }) => backend === "write_nodes")?.port ?? 0;
    const serverId = async (client: Awaited<ReturnType<typeof connect>>) => {
      const [[row]] = (await client.query("SELECT @@server_id AS id")) as unknown as [[{ id: number }]];
      return row.id;
    };
    const client = await connect(port);
    const cut = new Promise((resolve) => client.once("error", resolve));
    await client.query(insert);
    expect(await serverId(client)).toBe(1);
    expect([...server("write_nodes/db1").sessions].filter(({ close }) => close !== null)).toHaveLength(1);
    expect(await promote("db2")).toMatchObject({ state: "done" });
    await cut;
    const again = await connect(port);
    await again.query(insert);
    expect(await serverId(again)).toBe(2);
    await again.end();
    expect(await findDeviations(training, { primary: "db2" })).toEqual([]);
  });

  it("a replica refuses the writes of an application", async () => {
    const { node } = await start();
    const client = await connect(node("db3").port);
    await expect(client.query(insert)).rejects.toMatchObject({ errno: 1290 });
    await client.end();
  });
});

describe("SET PERSIST of MySQL", () => {
  it("lets an old primary come back read-only, and the new one come back writable", async () => {
    const { promote, change, node } = await start({ product: "mysql" });
    expect(await promote("db2")).toMatchObject({ state: "done" });
    for (const name of ["db1", "db2"]) {
      change(killNode, name);
      await revive(name);
    }
    expect(node("db1")).toMatchObject({ readOnly: true, superReadOnly: true });
    expect(node("db2")).toMatchObject({ readOnly: false, superReadOnly: false });
  });
});

describe.each(productNames)("the other shapes of %s", (name) => {
  beforeAll(() => {
    product = name;
  });

  it("R2: the relay becomes primary and keeps its leaves", async () => {
    const { promote } = await start({ shape: "r2" });
    expect(await promote("db2")).toMatchObject({ state: "done" });
    expect(await findDeviations(training, { primary: "db2" })).toEqual([]);
  });

  it("R3: there and back, the passive side writable at first", async () => {
    const { promote } = await start({ shape: "r3" });
    for (const to of ["db2", "db1"]) {
      expect(await promote(to)).toMatchObject({ state: "done" });
      expect(await findDeviations(training, { primary: to })).toEqual([]);
    }
  });

  it("R4: takes one side out of the writes and back in, on both HAProxies", async () => {
    const { promote, run, simulator } = await start({ shape: "r4" });
    // What is on its way between two writers, and read at the one before the other, looks like history that the other never had.
    await calm(training);
    expect(await promote("db2")).toMatchObject({ state: "done" });
    simulator.world.transactionsPerSecond = 40;
    expect(await findDeviations(training, { primary: "db2" })).toEqual([]);
    expect(await run({ command: "rejoin", targets: ["db1"] })).toMatchObject({ state: "done" });
    const servers = simulator.world.haproxies.flatMap(({ backends }) => backends.flatMap((each) => each.servers));
    expect(servers.map(({ maint }) => maint)).toEqual([false, false, false, false]);
  });

  it("R5: both balancers are changed alike", async () => {
    const { promote } = await start({ shape: "r5" });
    expect(await promote("db-02")).toMatchObject({ state: "done" });
    expect(await findDeviations(training, { primary: "db-02" })).toEqual([]);
  });
});

it("an address that moves is answered by the HAProxy that is there, and by nobody when none is", async () => {
  const { simulator } = await start({ shape: "r5" });
  const port = simulator.frontends.find(({ haproxy }) => haproxy === null)?.port ?? 0;
  const [first, second] = simulator.world.haproxies;
  if (first === undefined || second === undefined) throw new Error("two HAProxies");
  const client = await connect(port);
  const cut = new Promise((resolve) => client.once("error", resolve));
  stopHaproxy(first);
  simulator.settle();
  await cut;
  const again = await connect(port);
  await again.query(insert);
  expect(second.backends[0]?.servers.flatMap(({ sessions }) => [...sessions]).some(({ close }) => close !== null)).toBe(
    true,
  );
  again.once("error", () => undefined);
  stopHaproxy(second);
  simulator.settle();
  await expect(connect(port)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  startHaproxy(simulator.world, first);
  simulator.settle();
  await waitFor("the address to answer", async () => {
    await (await connect(port)).end();
    return true;
  });
});
