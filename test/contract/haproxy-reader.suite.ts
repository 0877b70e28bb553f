/**
 * What every source of HAProxy answers must be good for, as far as the reader is concerned: recordings, the simulator, real processes.
 * `describeHaproxyReader` asks for answers only, `describeLiveHaproxyReader` also changes servers by hand, as an operator with socat would.
 */
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { HaproxyReader } from "../../src/drivers/contract.ts";
import { createHaproxyReader } from "../../src/drivers/haproxy/reader.ts";
import type { HaproxyLevel, HaproxyReport, HaproxyServer } from "../../src/model/haproxy.ts";
import type { HaproxyLocation } from "../../src/model/settings.ts";
import { waitFor } from "../lab/wait.ts";

export interface HaproxySubject {
  /** Its socket; of level admin where `live`. */
  readonly location: HaproxyLocation;
  /** Start of its version, e.g. `2.6.12`. */
  readonly version: string;
  /** Null when the version does not tell. */
  readonly level: HaproxyLevel | null;
  stop(): Promise<void>;
}

export interface LiveHaproxySubject extends HaproxySubject {
  /** `backend/server` of a server that is healthy and in use. */
  readonly healthyServer: string;
  /** Sends one line over the admin socket; the whole answer. */
  command(line: string): Promise<string>;
  /** Sockets of the same process with less power. */
  readonly lowerLevels: readonly { readonly level: HaproxyLevel; readonly location: HaproxyLocation }[];
}

export function openReader(location: HaproxyLocation): HaproxyReader {
  return createHaproxyReader({ name: "lb1", location });
}

export function pollOnce(reader: HaproxyReader, timeoutMs = 3000): Promise<HaproxyReport> {
  return reader.poll({ signal: new AbortController().signal, timeoutMs });
}

/** The server named `backend/server`; fails the test when the report lacks it. */
export function findServer(report: HaproxyReport, name: string): HaproxyServer {
  const found = report.servers.find(({ backend, server }) => `${backend}/${server}` === name);
  if (found === undefined) throw new Error(`the report has no server ${name}`);
  return found;
}

export function describeHaproxyReader(name: string, start: () => Promise<HaproxySubject>): void {
  describe(`HAProxy reader on ${name}`, () => {
    let subject: HaproxySubject;
    beforeAll(async () => {
      subject = await start();
    });
    afterAll(() => subject?.stop());
    testReading(() => subject);
  });
}

export function describeLiveHaproxyReader(name: string, start: () => Promise<LiveHaproxySubject>): void {
  describe(`HAProxy reader on ${name}`, () => {
    let subject: LiveHaproxySubject;
    beforeAll(async () => {
      subject = await start();
    });
    afterAll(() => subject?.stop());
    testReading(() => subject);
    testChangesByHand(() => subject);
    testLimits(() => subject);
  });
}

function testReading(current: () => HaproxySubject): void {
  test("tells the process and the level of the socket", async () => {
    const report = await pollOnce(openReader(current().location));
    expect(report).toMatchObject({ source: "socket", level: current().level });
    expect(report.process).toMatchObject({ stopping: false, nbproc: 1 });
    expect(report.process?.version?.startsWith(current().version)).toBe(true);
    expect(report.process?.pid).toBeGreaterThan(0);
    expect(report.process?.uptimeSeconds).toBeGreaterThanOrEqual(0);
  });

  test("lists every server once, under a backend that is there", async () => {
    const { servers, proxies } = await pollOnce(openReader(current().location));
    const names = servers.map(({ backend, server }) => `${backend}/${server}`);
    const backends = proxies.filter(({ kind }) => kind === "backend").map((proxy) => proxy.name);
    expect(names.length).toBeGreaterThan(0);
    expect(new Set(names).size).toBe(names.length);
    for (const { backend, status } of servers) expect(backends.includes(backend)).toBe(status !== null);
  });

  test("gives figures as numbers that are not negative, or as not known", async () => {
    const { servers, proxies } = await pollOnce(openReader(current().location));
    for (const entry of [...servers, ...proxies]) {
      for (const [field, value] of Object.entries(entry)) {
        if (typeof value === "number") expect(value, `${field} of ${JSON.stringify(entry)}`).toBeGreaterThanOrEqual(0);
      }
    }
  });

  test("polls many times in turn and at once, and leaves no connection behind", async () => {
    const reader = openReader(current().location);
    const first = await pollOnce(reader);
    for (let turn = 0; turn < 30; turn += 1) await pollOnce(reader);
    const reports = await Promise.all([1, 2, 3, 4].map(() => pollOnce(reader)));
    expect(new Set(reports.map(({ process }) => process?.pid))).toEqual(new Set([first.process?.pid]));
    await reader.close();
  });

  test("ends as cancelled when its signal is aborted", async () => {
    const controller = new AbortController();
    const polling = openReader(current().location).poll({ signal: controller.signal, timeoutMs: 3000 });
    controller.abort();
    await expect(polling).rejects.toMatchObject({ kind: "cancelled" });
  });
}

function testChangesByHand(current: () => LiveHaproxySubject): void {
  const read = async () => findServer(await pollOnce(openReader(current().location)), current().healthyServer);
  const set = async (change: string) =>
    expect(await current().command(`set server ${current().healthyServer} ${change}`)).toBe("\n");

  test("shows a server drained by hand, and ready again", async () => {
    await set("state drain");
    expect(await read()).toMatchObject({ state: "drain", adminReasons: ["drain-forced"] });
    await set("state ready");
    expect(await read()).toMatchObject({ state: "up", adminReasons: [] });
  });

  test("shows a server in maintenance by hand, and its hidden check as not known", async () => {
    await set("state maint");
    expect(await read()).toMatchObject({
      state: "maint",
      status: "MAINT",
      adminReasons: ["maint-forced"],
      check: null,
    });
    await set("state ready");
    await waitFor("a check after maintenance", async () => (await read()).check?.endsWith("OK"));
    expect(await read()).toMatchObject({ state: "up", adminReasons: [] });
  });

  test("shows a weight set by hand next to the configured one; weight 0 is not a drain", async () => {
    const { initialWeight } = await read();
    await set("weight 0");
    expect(await read()).toMatchObject({ state: "up", weight: 0, initialWeight });
    await set(`weight ${initialWeight}`);
    expect(await read()).toMatchObject({ weight: initialWeight });
  });

  test("tells the level of sockets with less power", async () => {
    expect(current().lowerLevels.length).toBeGreaterThan(0);
    for (const { location, level } of current().lowerLevels) {
      const report = await pollOnce(openReader(location));
      expect(report.level).toBe(level);
      expect(findServer(report, current().healthyServer)).toMatchObject({ state: "up", adminReasons: [] });
    }
  });
}

function testLimits(current: () => LiveHaproxySubject): void {
  test("ends in time and says why when all ten connections of the socket are in use", async () => {
    const reader = openReader(current().location);
    const held = await holdConnections(current().location, 10);
    try {
      const startedAt = performance.now();
      await expect(pollOnce(reader, 400)).rejects.toMatchObject({
        kind: "timeout",
        advice: expect.stringContaining("full (10)"),
      });
      expect(performance.now() - startedAt).toBeLessThan(900);
    } finally {
      for (const socket of held) socket.destroy();
    }
    await waitFor("a free connection", async () => (await pollOnce(reader, 1000)).servers.length > 0);
  });
}

/** Opens idle prompt sessions until there are `count`, or until one is refused. */
export async function holdConnections(location: HaproxyLocation, count: number): Promise<readonly Socket[]> {
  if (location.kind !== "unix") throw new Error("only a Unix socket can be filled");
  const held: Socket[] = [];
  while (held.length < count) {
    const socket = connect({ path: location.path });
    const connected = await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.on("error", () => resolve(false));
    });
    if (!connected) break;
    socket.write("prompt\n");
    held.push(socket);
  }
  return held;
}
