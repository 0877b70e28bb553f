import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createWorkerEngine } from "../../../src/engine/host.ts";
import type { Engine, EngineEvent } from "../../../src/engine/protocol.ts";
import { isEngineLost } from "../../../src/model/reading.ts";
import type { Snapshot } from "../../../src/model/snapshot.ts";
import { waitFor } from "../../lab/wait.ts";
import { buildNodeSettings, buildSettings } from "../monitor/support/settings.ts";

let folder = "";
let workerUrl = new URL("file:///");
const engines: Engine[] = [];
const servers: Server[] = [];

/** The real worker, bundled as the build does it, so that it runs without a loader. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "signalbox-engine-"));
  const outfile = join(folder, "engine.mjs");
  await build({
    entryPoints: [fileURLToPath(new URL("../../../src/engine/entry.ts", import.meta.url))],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    external: ["*.node"],
    logLevel: "error",
    // The three names that CommonJS packages expect.
    banner: {
      js: [
        'import { createRequire } from "node:module";',
        "const require = createRequire(import.meta.url);",
        "const __filename = import.meta.filename ?? new URL(import.meta.url).pathname;",
        'const __dirname = new URL(".", import.meta.url).pathname;',
      ].join("\n"),
    },
  });
  workerUrl = pathToFileURL(outfile);
});

afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.stop()));
  for (const server of servers.splice(0)) server.close();
});

afterAll(async () => rm(folder, { recursive: true, force: true }));

/** A port that takes connections and never says a word, with the number of connections it got. */
async function startSilentServer(): Promise<{ readonly port: number; connections: number }> {
  const sockets = new Set<Socket>();
  const seen = { port: 0, connections: 0 };
  const server = createServer((socket) => {
    seen.connections += 1;
    sockets.add(socket);
    socket.on("error", () => undefined);
  });
  server.on("close", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  servers.push(server);
  const address = server.address();
  return Object.assign(seen, { port: typeof address === "object" && address !== null ? address.port : 0 });
}

function start(url: URL, port: number, intervalMs = 250) {
  const node = { ...buildNodeSettings("db1", "127.0.0.1"), port };
  const missing = { name: "lb1", location: { kind: "unix", path: join(folder, "missing.sock") } } as const;
  const engine = createWorkerEngine(buildSettings({ nodes: [node], haproxies: [missing] }, intervalMs), url);
  const events: EngineEvent[] = [];
  engine.subscribe((event) => events.push(event));
  engines.push(engine);
  const snapshots = () => events.flatMap((event): Snapshot[] => (event.type === "snapshot" ? [event.snapshot] : []));
  const lines = () => events.flatMap((event) => (event.type === "log" ? [event.line] : []));
  return { engine, events, snapshots, lines };
}

function expectRising(snapshots: readonly Snapshot[]): void {
  const numbers = snapshots.map(({ seq }) => seq);
  expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
}

describe("engine in its worker", { timeout: 20_000 }, () => {
  it("publishes snapshots in which a missing HAProxy is unreachable and a silent server is not yet known", async () => {
    const { port } = await startSilentServer();
    const { snapshots } = start(workerUrl, port);
    const cluster = await waitFor("three snapshots", () => snapshots()[2]?.clusters[0]);
    expect(cluster.haproxies[0]?.reading).toMatchObject({ state: "failed", failure: { kind: "unreachable" } });
    expect(cluster.nodes[0]?.reading.state).toBe("never");
    expectRising(snapshots());
  });

  it("runs from its sources as well, with the loader that development uses", async () => {
    const { snapshots, lines } = start(new URL("../../../src/engine/entry.ts", import.meta.url), 1);
    const reading = await waitFor("an answer of the port that nobody listens on", () => {
      const latest = snapshots().at(-1)?.clusters[0]?.nodes[0]?.reading;
      // While the loader is still busy the engine is not heard, which is told in the same place.
      return latest?.state === "failed" && !isEngineLost(latest) && latest;
    });
    expect(reading.failure.target).toBe("db1 127.0.0.1:1");
    expect(lines().join("\n")).not.toContain("engine:");
  });

  it("answers requests: sessions of a node are told, with the reason when they cannot be had", async () => {
    const { engine, events } = start(workerUrl, 1);
    engine.send({ type: "watch-sessions", cluster: "shop", node: "nobody" });
    const event = await waitFor("a report of sessions", () => events.find(({ type }) => type === "sessions"));
    expect(event).toMatchObject({ report: { node: "nobody", reading: { state: "failed" } } });
  });

  it("goes on polling while this thread is blocked, and then sends few snapshots, not all that were missed", async () => {
    const silent = await startSilentServer();
    const { snapshots } = start(workerUrl, silent.port);
    await waitFor("the first snapshots", () => snapshots().length >= 3);
    const before = snapshots().length;
    const seqBefore = snapshots().at(-1)?.seq ?? 0;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_500);
    await waitFor("snapshots after the block", () => (snapshots().at(-1)?.seq ?? 0) >= seqBefore + 9);
    expect(snapshots().length - before).toBeLessThanOrEqual(6);
    expectRising(snapshots());
  });

  it("marks everything as failed when the worker cannot run, tells why, and tries again", async () => {
    const broken = join(folder, "broken.mjs");
    await writeFile(broken, 'throw new Error("cannot load");');
    const { lines, snapshots } = start(pathToFileURL(broken), 1);
    await waitFor("two attempts", () => lines().filter((line) => line.includes("ended with code")).length >= 2);
    expect(lines().join("\n")).toContain("cannot load");
    expect(snapshots()[0]?.clusters[0]).toMatchObject({
      health: "unknown",
      haproxies: [{ name: "lb1", reading: { state: "failed", last: null } }],
      nodes: [{ name: "db1", reading: { state: "failed", failure: { target: "signalbox engine" } } }],
    });
  });

  it("starts the worker again when it dies, with numbers that keep rising and a picture marked as past between", async () => {
    const dying = join(folder, "dying.mjs");
    await writeFile(dying, `setTimeout(() => process.exit(7), 900);\nawait import(${JSON.stringify(workerUrl.href)});`);
    const { snapshots, lines } = start(pathToFileURL(dying), 1);
    const lost = await waitFor("the worker to be missed", () =>
      snapshots().find(({ clusters }) => {
        const reading = clusters[0]?.nodes[0]?.reading;
        return reading?.state === "failed" && reading.failure.target === "signalbox engine";
      }),
    );
    expect(lost.clusters[0]).toMatchObject({ health: "unknown", alerts: [] });
    await waitFor("a snapshot of the next worker", () =>
      snapshots().find(({ seq, clusters }) => {
        const reading = clusters[0]?.haproxies[0]?.reading;
        return seq > lost.seq && reading?.state === "failed" && reading.failure.target !== "signalbox engine";
      }),
    );
    expect(lines().join("\n")).toContain("ended with code 7");
    expectRising(snapshots());
  });

  it("does not leave a picture looking fresh when the worker hangs, and can still be stopped", async () => {
    const hanging = join(folder, "hanging.mjs");
    await writeFile(hanging, "for (;;);");
    const { engine, snapshots } = start(pathToFileURL(hanging), 1);
    const lost = await waitFor("the silence to be noticed", () => snapshots()[0]?.clusters[0]);
    expect(lost.nodes[0]?.reading).toMatchObject({
      state: "failed",
      failure: { message: "nothing heard from the engine of signalbox for 5000 ms" },
    });
    await engine.stop();
  });

  it("stops within two seconds also while a poll hangs, and says so once", async () => {
    const { port } = await startSilentServer();
    const { engine, events, snapshots } = start(workerUrl, port);
    await waitFor("a snapshot", () => snapshots().length > 0);
    const startedMs = performance.now();
    await Promise.all([engine.stop(), engine.stop()]);
    expect(performance.now() - startedMs).toBeLessThan(2_500);
    expect(events.filter(({ type }) => type === "stopped")).toHaveLength(1);
  });
});
