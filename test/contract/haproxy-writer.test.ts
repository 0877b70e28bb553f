import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTcpOpener, createUnixOpener, type StreamOpener } from "../../src/drivers/haproxy/stream-opener.ts";
import { createHaproxyWriter } from "../../src/drivers/haproxy/writer.ts";
import { startSimulator } from "../../src/simulator/index.ts";
import { describeEngine } from "../lab/describe-engine.ts";
import type { HaproxyEngineName } from "../lab/engines.ts";
import { sendCommand } from "../lab/haproxy.ts";
import { stopThreads } from "../lab/process.ts";
import { waitFor } from "../lab/wait.ts";
import { findServer, openReader, pollOnce } from "./haproxy-reader.suite.ts";
import { type RealHaproxy, startRealHaproxy } from "./haproxy-reader-process.ts";
import { changeOnce, describeHaproxyWriter, openWriter } from "./haproxy-writer.suite.ts";

const ENGINES: readonly HaproxyEngineName[] = ["haproxy-2.6", "haproxy-3.0", "haproxy-3.2"];
const DRAIN = { kind: "server-state", state: "drain" } as const;

describeHaproxyWriter("the simulator", async () => {
  const simulator = await startSimulator({ incidents: false });
  const [lb1] = simulator.haproxies;
  if (lb1 === undefined) throw new Error("the simulator has no HAProxy");
  return {
    location: { kind: "unix", path: lb1.socketPath },
    version: "2.6.12",
    level: "admin",
    healthyServer: "read_nodes/db3",
    lowerLevels: [
      { level: "operator", location: { kind: "unix", path: lb1.operatorSocketPath } },
      { level: "user", location: { kind: "unix", path: lb1.userSocketPath } },
    ],
    command: (line) => sendCommand(lb1.socketPath, line),
    stop: () => simulator.stop(),
  };
});

for (const engine of ENGINES) {
  describeEngine(engine, `writing to a real ${engine}`, () => {
    describeHaproxyWriter(`a real ${engine}`, () => startRealHaproxy(engine));
    describe(`HAProxy writer and the life of a real ${engine}`, () => testLife(engine));
  });
}

/** Real ones only: the simulated HAProxy has no process of its own to reload or stop, no socket over TCP, and only backends whose weights change. */
function testLife(engine: HaproxyEngineName): void {
  let haproxy: RealHaproxy;
  beforeAll(async () => {
    haproxy = await startRealHaproxy(engine);
  });
  afterAll(() => haproxy?.stop());

  const read = async (name: string) => findServer(await pollOnce(openReader(haproxy.location)), name);
  const path = () => (haproxy.location.kind === "unix" ? haproxy.location.path : "");

  test("sessions of a server are shut down: its client is cut off", async () => {
    const client = connect({ host: "127.0.0.1", port: haproxy.clientPort });
    const gone = new Promise((resolve) => client.once("close", resolve));
    client.on("error", () => {}).resume();
    const holder = await waitFor("a session", async () => {
      const { servers } = await pollOnce(openReader(haproxy.location));
      return servers.find(({ backend, sessions }) => backend === "use" && sessions === 1);
    });
    const name = `use/${holder.server}`;
    expect(await changeOnce(openWriter(haproxy.location), name, { kind: "shutdown-sessions" })).toMatchObject({
      command: `shutdown sessions server ${name}`,
      refusal: null,
    });
    await gone;
    await waitFor("no session", async () => (await read(name)).sessions === 0);
  });

  test("a change is in effect in show stat within 150 ms", async () => {
    const startedAt = performance.now();
    await changeOnce(openWriter(haproxy.location), "use/healthy", DRAIN);
    expect((await read("use/healthy")).state).toBe("drain");
    expect(performance.now() - startedAt).toBeLessThan(150);
    await changeOnce(openWriter(haproxy.location), "use/healthy", { kind: "server-state", state: "ready" });
  });

  test("the backend that is disabled refuses: Proxy is disabled.", async () => {
    const result = await changeOnce(openWriter(haproxy.location), "hidden/unseen", DRAIN);
    expect(result).toMatchObject({
      refusal: "Proxy is disabled.",
      failure: { kind: "rejected", advice: expect.stringContaining("old worker") },
    });
    expect(result.servers).toMatchObject([{ server: "unseen", state: "ready" }]);
  });

  test("a backend with a static algorithm refuses a weight, in one line of text", async () => {
    const result = await changeOnce(openWriter(haproxy.location), "fixed/steady", { kind: "server-weight", weight: 7 });
    expect(result.refusal).toMatch(/^Backend is using a static LB algorithm/);
    expect(result.failure?.advice).toContain("balance");
    expect(result.servers).toMatchObject([{ server: "steady", weight: 1 }]);
  });

  test("ready of a server that follows another one is accepted and is not in effect", async () => {
    const ready = { kind: "server-state", state: "ready" } as const;
    const result = await changeOnce(openWriter(haproxy.location), "use/follower", ready);
    const follower = result.servers.find(({ server }) => server === "follower");
    expect(result.refusal).toBeNull();
    expect(follower).toMatchObject({ state: "maint", adminReasons: ["maint-inherited"] });
  });

  test("the socket over TCP takes changes too", async () => {
    const result = await changeOnce(openWriter(haproxy.tcp), "use/spare", DRAIN);
    expect(result.servers.find(({ server }) => server === "spare")).toMatchObject({ state: "drain" });
  });

  test("a reload since the plan is told and nothing is sent", async () => {
    const pid = await haproxy.workerPid();
    await haproxy.reload();
    const result = await changeOnce(openWriter(haproxy.location), "use/healthy", DRAIN, pid);
    expect(result).toMatchObject({ sent: false, pidChanged: true, servers: [] });
    expect(result.process.pid).not.toBe(pid);
    expect((await read("use/healthy")).state).toBe("up");
  });

  test("a reload between the question and the change is told with what the new process says", async () => {
    const pid = await haproxy.workerPid();
    const open = createUnixOpener(path(), "lb1");
    let opened = 0;
    const openStream: StreamOpener = async (signal) => {
      opened += 1;
      if (opened === 2) await haproxy.reload();
      return open(signal);
    };
    const writer = createHaproxyWriter({ name: "lb1", location: haproxy.location }, { openStream });
    const result = await changeOnce(writer, "use/healthy", DRAIN, pid, 10_000);
    expect(result).toMatchObject({ sent: true, pidChanged: true, refusal: null });
    expect(result.process.pid).not.toBe(pid);
    expect(result.servers.find(({ server }) => server === "healthy")).toMatchObject({ state: "drain" });
    expect((await read("use/healthy")).state).toBe("drain");
  });

  test("an old worker, which connections from before a reload still reach, is never sent a change", async () => {
    const pid = await haproxy.workerPid();
    const openReal = createUnixOpener(path(), "lb1");
    const kept = [await openReal(never()), await openReal(never())];
    await waitFor("both connections to be taken", async () => {
      const sessions = await haproxy.command("show sess");
      // The one that asks is listed too.
      return sessions.split("\n").filter((line) => line.includes("fe=GLOBAL")).length > kept.length;
    });
    await haproxy.reload();
    const openStream: StreamOpener = async () => kept.shift() ?? openReal(never());
    const writer = createHaproxyWriter({ name: "lb1", location: haproxy.location }, { openStream });
    await expect(changeOnce(writer, "use/healthy", DRAIN, pid)).rejects.toMatchObject({
      kind: "unreachable",
      message: expect.stringContaining(`pid ${pid}) is stopping`),
    });
    expect((await read("use/healthy")).state).toBe("up");
  });

  test("a stopped process ends a change as timeout before, and as unknown after the line was sent", async () => {
    const pid = await haproxy.workerPid();
    const open = createUnixOpener(path(), "lb1");
    let opened = 0;
    const openStream: StreamOpener = async (signal) => {
      opened += 1;
      if (opened === 2) await stopThreads(pid);
      return open(signal);
    };
    const writer = createHaproxyWriter({ name: "lb1", location: haproxy.location }, { openStream });
    try {
      await expect(changeOnce(writer, "use/healthy", DRAIN, pid, 500)).rejects.toMatchObject({
        kind: "unknown-outcome",
        operation: "set server use/healthy state drain",
      });
      await expect(changeOnce(openWriter(haproxy.location), "use/spare", DRAIN, pid, 300)).rejects.toMatchObject({
        kind: "timeout",
      });
    } finally {
      haproxy.signalWorker(pid, "SIGCONT");
    }
    // The unknown outcome is resolved by reading: this one had arrived.
    await waitFor("the drain that had been sent", async () => (await read("use/healthy")).state === "drain");
  });

  test("a process that dies is unreachable, and nothing is unknown", async () => {
    await haproxy.kill();
    await waitFor("nobody to listen", () =>
      createTcpOpener(
        "127.0.0.1",
        haproxy.clientPort,
        "lb1",
      )(never()).then(
        (stream) => {
          stream.destroy();
          return false;
        },
        () => true,
      ),
    );
    await expect(changeOnce(openWriter(haproxy.location), "use/healthy", DRAIN)).rejects.toMatchObject({
      kind: "unreachable",
    });
  });
}

function never(): AbortSignal {
  return new AbortController().signal;
}
