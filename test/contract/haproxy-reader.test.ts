import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DriverError } from "../../src/drivers/errors.ts";
import type { HaproxyLocation } from "../../src/model/settings.ts";
import { describeEngine } from "../lab/describe-engine.ts";
import type { HaproxyEngineName } from "../lab/engines.ts";
import { waitFor } from "../lab/wait.ts";
import { RECORDED_VERSIONS } from "../unit/drivers/haproxy/recordings.ts";
import {
  describeHaproxyReader,
  describeLiveHaproxyReader,
  findServer,
  holdConnections,
  openReader,
  pollOnce,
} from "./haproxy-reader.suite.ts";
import { HOSTILE_TEXT, type RealHaproxy, startRealHaproxy } from "./haproxy-reader-process.ts";
import { startRecording } from "./haproxy-reader-recording.ts";

const ENGINES: readonly HaproxyEngineName[] = ["haproxy-2.6", "haproxy-3.0", "haproxy-3.2"];

for (const version of RECORDED_VERSIONS) {
  describeHaproxyReader(`recorded answers of ${version}`, () => startRecording(version));
}

for (const engine of ENGINES) {
  describeEngine(engine, `with a real ${engine}`, () => {
    describeLiveHaproxyReader(`a real ${engine}`, () => startRealHaproxy(engine));
    describe(`HAProxy reader and the life of a real ${engine}`, () => testProcess(engine));
  });
}

function testProcess(engine: HaproxyEngineName): void {
  let haproxy: RealHaproxy;
  beforeAll(async () => {
    haproxy = await startRealHaproxy(engine);
  });
  afterAll(() => haproxy?.stop());

  const read = async (name: string) => findServer(await pollOnce(openReader(haproxy.location)), name);
  const pollPage = (user: string | null, secret: string, path = "") =>
    pollOnce(openReader({ kind: "stats", url: haproxy.statsUrl + path, user, password: { secret } }));

  test("every kind of server is told from the others", async () => {
    expect(await read("use/healthy")).toMatchObject({
      state: "up",
      active: true,
      backup: false,
      check: "L4OK",
      weight: 50,
      initialWeight: 50,
      adminReasons: [],
    });
    expect(await read("use/spare")).toMatchObject({ state: "up", active: false, backup: true });
    expect(await read("use/closed")).toMatchObject({
      state: "down",
      status: "DOWN",
      check: "L4CON",
      checkInfo: expect.stringContaining("refused"),
    });
    expect(await read("use/disabled")).toMatchObject({
      state: "maint",
      adminReasons: ["maint-forced", "maint-config"],
      check: null,
    });
    expect(await read("use/unchecked")).toMatchObject({ state: "unchecked", check: null });
    expect(await read("use/follower")).toMatchObject({
      state: "maint",
      tracks: "use/disabled",
      adminReasons: ["maint-inherited"],
    });
  });

  test("a server disabled in the configuration and made ready is in use, though one bit stays set", async () => {
    await haproxy.command("set server use/disabled state ready");
    expect(await read("use/disabled")).toMatchObject({ state: "up", adminReasons: ["maint-config"] });
    expect(await read("use/follower")).toMatchObject({ state: "up", adminReasons: [] });
  });

  test("a server that is down and drained is down, and the drain shows in its reasons", async () => {
    await haproxy.command("set server use/closed state drain");
    expect(await read("use/closed")).toMatchObject({ state: "down", adminReasons: ["drain-forced"] });
  });

  test("a server of a disabled backend is there without a status", async () => {
    expect(await read("hidden/unseen")).toMatchObject({
      status: null,
      state: "unknown",
      sessions: null,
      adminReasons: [],
    });
  });

  test("what a hostile server makes HAProxy say stays one text of one server", async () => {
    const { check, checkCode, checkInfo } = await read("hostile/evil");
    expect({ check, checkCode }).toEqual({ check: "L7STS", checkCode: 1040 });
    expect(checkInfo.replaceAll(/\s/g, " ")).toContain(HOSTILE_TEXT.replaceAll(/\s/g, " "));
    expect(checkInfo).toContain("\u001b[2J\u0007");
  });

  test("sessions of a client count at its server", async () => {
    const held = connect({ host: "127.0.0.1", port: haproxy.clientPort });
    await waitFor("a session", async () => {
      const { servers } = await pollOnce(openReader(haproxy.location));
      return servers.some(({ backend, sessions }) => backend === "use" && sessions === 1);
    });
    held.destroy();
  });

  test("the socket over TCP and the abstract one tell the same process", async () => {
    const pid = await haproxy.workerPid();
    for (const location of [haproxy.tcp, haproxy.abstract]) {
      expect((await pollOnce(openReader(location))).process?.pid).toBe(pid);
    }
  });

  test("the stats page tells the same states, without process and admin bits", async () => {
    const report = await pollPage("ops", "p:ss");
    expect(report).toMatchObject({ source: "stats-page", level: "read-only", process: null });
    expect(findServer(report, "use/healthy")).toMatchObject({ state: "up", check: "L4OK", adminReasons: null });
  });

  test("the stats page without or with a wrong password, or at another path, says so", async () => {
    await expect(pollPage(null, "")).rejects.toMatchObject({ kind: "auth", serverCode: 401 });
    await expect(pollPage("ops", "p")).rejects.toMatchObject({ kind: "auth", serverCode: 401 });
    await expect(pollPage("ops", "p:ss", "/../other")).rejects.toMatchObject({ kind: "protocol", serverCode: 503 });
  });

  test("the port of clients, the page's port and the master's socket are told as what they are", async () => {
    const expectRefusal = async (location: HaproxyLocation, message: string) =>
      expect(pollOnce(openReader(location), 1500)).rejects.toMatchObject({
        kind: "protocol",
        message: expect.stringContaining(message),
      });
    await expectRefusal(
      { kind: "tcp", host: "127.0.0.1", port: Number(new URL(haproxy.statsUrl).port) },
      "an HTTP server",
    );
    await expectRefusal({ kind: "unix", path: haproxy.masterPath }, "master socket");
    const silent = openReader({ kind: "tcp", host: "127.0.0.1", port: haproxy.clientPort });
    await expect(pollOnce(silent, 300)).rejects.toMatchObject({ kind: "timeout" });
  });

  test("a socket with a full backlog says that it is full", async () => {
    const reader = openReader(haproxy.location);
    const held: Socket[] = [];
    try {
      // HAProxy may still accept a few while the backlog fills, so it is filled until a poll is refused.
      const refusal = await waitFor("a refused poll", async () => {
        held.push(...(await holdConnections(haproxy.location, 200)));
        const error: unknown = await pollOnce(reader, 200).catch((reason: unknown) => reason);
        return error instanceof DriverError && error.kind !== "timeout" && error;
      });
      expect(refusal).toMatchObject({
        kind: "unreachable",
        serverCode: "EAGAIN",
        message: expect.stringContaining("full (10)"),
      });
    } finally {
      for (const socket of held) socket.destroy();
    }
    await waitFor("a free connection", async () => (await pollOnce(reader, 1000)).servers.length > 0);
  });

  test("a stopped process ends a poll at its deadline, and is read again when it goes on", async () => {
    const reader = openReader(haproxy.location);
    const pid = await haproxy.workerPid();
    haproxy.signalWorker(pid, "SIGSTOP");
    try {
      const startedAt = performance.now();
      await expect(pollOnce(reader, 500)).rejects.toMatchObject({ kind: "timeout", operation: "show stat" });
      expect(performance.now() - startedAt).toBeLessThan(1000);
    } finally {
      haproxy.signalWorker(pid, "SIGCONT");
    }
    expect((await pollOnce(reader)).process?.pid).toBe(pid);
  });

  test("a reload shows as another process, with the level asked again and the drain by hand lost", async () => {
    const reader = openReader(haproxy.location);
    await haproxy.command("set server use/healthy state drain");
    const before = await pollOnce(reader);
    expect(findServer(before, "use/healthy").state).toBe("drain");
    await haproxy.reload();
    const after = await pollOnce(reader);
    expect(after).toMatchObject({ level: "admin", process: { stopping: false } });
    expect(after.process?.pid).not.toBe(before.process?.pid);
    expect(after.process?.startTimeSeconds).toBeGreaterThanOrEqual(before.process?.startTimeSeconds ?? 0);
    expect(findServer(after, "use/healthy")).toMatchObject({ state: "up", adminReasons: [] });
  });

  test("a process that was killed leaves a socket nobody listens on", async () => {
    await haproxy.kill();
    await waitFor("the socket to be refused", async () => {
      const code = await pollOnce(openReader(haproxy.location)).then(
        () => null,
        (error: { serverCode?: unknown }) => error.serverCode,
      );
      return code === "ECONNREFUSED";
    });
    await expect(pollPage("ops", "p:ss")).rejects.toMatchObject({ kind: "unreachable", serverCode: "ECONNREFUSED" });
  });
}
