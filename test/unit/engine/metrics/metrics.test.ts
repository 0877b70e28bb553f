/** Metrics of a running engine, asked for over HTTP. */
import { type AddressInfo, connect, createServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { withMetrics } from "../../../../src/cli/metrics-address.ts";
import { createInProcessEngine } from "../../../../src/engine/in-process.ts";
import type { Engine } from "../../../../src/engine/protocol.ts";
import type { Settings } from "../../../../src/model/settings.ts";
import { systemClock } from "../../../../src/monitor/clock.ts";
import type { MonitorParts } from "../../../../src/monitor/parts.ts";
import { waitFor } from "../../../lab/wait.ts";
import { parseOpenMetrics } from "../../../support/open-metrics.ts";
import { buildHaproxyReport, buildReport, buildServer } from "../../../support/snapshots.ts";
import { buildHaproxySettings, buildNodeSettings, buildSettings } from "../../monitor/support/settings.ts";

const engines: Engine[] = [];
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.stop()));
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const parts: MonitorParts = {
  clock: systemClock,
  openHaproxy: ({ name }) => ({
    target: `${name} unix:///run/lb1.sock`,
    poll: async () => buildHaproxyReport([buildServer("write_nodes", "db1")]),
    close: async () => undefined,
  }),
  openMysql: ({ name }) => ({
    target: `${name} 10.0.0.11:3306`,
    poll: async () => buildReport({ readOnly: false }),
    sessions: async () => [],
    close: async () => undefined,
  }),
};

async function start(): Promise<{ readonly url: string; readonly port: number; readonly lines: readonly string[] }> {
  const port = await freePort();
  const settings: Settings = {
    ...buildSettings({ haproxies: [buildHaproxySettings("lb1")], nodes: [buildNodeSettings("db1", "10.0.0.11")] }, 250),
    metrics: { host: "127.0.0.1", port },
  };
  const engine = createInProcessEngine(settings, parts);
  engines.push(engine);
  const lines: string[] = [];
  engine.subscribe((event) => event.type === "log" && lines.push(event.line));
  await waitFor("the server", () => lines.some((line) => line.startsWith("metrics: at")));
  return { url: `http://127.0.0.1:${port}/metrics`, port, lines };
}

describe("metrics", () => {
  it("are served as OpenMetrics, with the times of polls", async () => {
    const { url } = await start();
    const samples = await waitFor("a poll", async () => {
      const found = parseOpenMetrics(await (await fetch(url)).text());
      return found.some(({ name }) => name === "signalbox_polls_total") ? found : null;
    });
    const targets = samples
      .filter(({ name }) => name === "signalbox_poll_duration_seconds")
      .map(({ labels }) => labels);
    expect(targets).toEqual([
      { kind: "haproxy", target: "lb1 unix:///run/lb1.sock" },
      { kind: "mysql", target: "db1 10.0.0.11:3306" },
    ]);
    const response = await fetch(url, { method: "HEAD" });
    expect(response.headers.get("content-type")).toBe("application/openmetrics-text; version=1.0.0; charset=utf-8");
    expect((await fetch(url, { method: "POST", body: "x" })).status).toBe(405);
    expect((await fetch(`${url}/../x`)).status).toBe(404);
  });

  it("scrapers that do not read or do not ask delay nobody, and the server ends with the engine", async () => {
    const { url, port } = await start();
    const slow = Array.from({ length: 20 }, (_, index) => {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => undefined).pause();
      socket.write(index % 2 === 0 ? "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n".repeat(200) : "GET /met");
      return socket;
    });
    await Promise.all(slow.map((socket) => new Promise((resolve) => socket.once("connect", resolve))));
    const startedMs = performance.now();
    expect((await fetch(url)).status).toBe(200);
    expect(performance.now() - startedMs).toBeLessThan(5_000);
    await engines[0]?.stop();
    await expect(fetch(url)).rejects.toThrow();
    for (const socket of slow) socket.destroy();
  }, 20_000);

  it("an address that is none, or that is taken, is told before anything starts", async () => {
    const settings = buildSettings({});
    await expect(withMetrics(settings, "nonsense")).rejects.toThrow(/^--metrics "nonsense" .*write HOST:PORT/);
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const { port } = taken.address() as AddressInfo;
    const refusal = `--metrics: cannot listen at 127.0.0.1, port ${port}: the port is in use`;
    await expect(withMetrics(settings, `127.0.0.1:${port}`)).rejects.toThrow(refusal);
    await new Promise((resolve) => taken.close(resolve));
    expect((await withMetrics(settings, `127.0.0.1:${port}`)).metrics).toEqual({ host: "127.0.0.1", port });
    expect(await withMetrics(settings, undefined)).toBe(settings);
  });
});
