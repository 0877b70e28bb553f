/** Named locks of the simulated nodes through the ordinary writer, as a disruptive plan takes them. */
import { afterAll, beforeAll, expect, it } from "vitest";
import type { MysqlWriter } from "../../src/drivers/contract.ts";
import { createMysqlWriter } from "../../src/drivers/mysql/writer.ts";
import { type Simulator, startSimulator } from "../../src/simulator/index.ts";
import { waitFor } from "../lab/wait.ts";

let simulator: Simulator;
const writers: MysqlWriter[] = [];

function openWriter(): MysqlWriter {
  const [node] = simulator.nodes;
  if (node === undefined) throw new Error("the simulator has no node");
  const tls = { mode: "off", caFile: null, certFile: null, keyFile: null } as const;
  const access = { user: node.user, password: { secret: node.password }, tls, connectTimeoutMs: 2_000 };
  const writer = createMysqlWriter({ name: node.name, host: node.host, port: node.port, access, heartbeatTable: null });
  writers.push(writer);
  return writer;
}

const bounds = () => ({ signal: new AbortController().signal, timeoutMs: 2_000 });

beforeAll(async () => {
  simulator = await startSimulator({ incidents: false });
});
afterAll(async () => {
  await Promise.all(writers.map((writer) => writer.close()));
  await simulator.stop();
});

it("gives a lock to one and names the holder to the other, and frees it when the holder is gone", async () => {
  const first = openWriter();
  const second = openWriter();
  expect(await first.getLock("signalbox:demo", 0, bounds())).toMatchObject({ granted: true });
  expect(await second.getLock("signalbox:demo", 0, bounds())).toMatchObject({ granted: false, holder: { own: false } });
  expect(await first.lockHolder("signalbox:demo", bounds())).toMatchObject({ own: true });
  expect(await second.releaseLock("signalbox:demo", bounds())).toBe(false);
  await first.close();
  await waitFor("the lock is free", async () => (await second.lockHolder("signalbox:demo", bounds())) === null);
  expect(await second.getLock("signalbox:demo", 0, bounds())).toMatchObject({ granted: true });
  expect(await second.releaseLock("signalbox:demo", bounds())).toBe(true);
});

it("waits for a lock as long as it is told to", async () => {
  const [first, second] = [openWriter(), openWriter()];
  expect(await first.getLock("signalbox:wait", 0, bounds())).toMatchObject({ granted: true });
  const waiting = second.getLock("signalbox:wait", 1, bounds());
  expect(await first.releaseLock("signalbox:wait", bounds())).toBe(true);
  expect(await waiting).toMatchObject({ granted: true });
});
