/** The console with an alert hook and metrics, on real servers: what a program and a scraper are told of an outage. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { describeEngine } from "../lab/describe-engine.ts";
import { type Lab, labAccounts, startLab, waitFor } from "../lab/index.ts";
import { parseOpenMetrics, type Sample } from "../support/open-metrics.ts";
import { ROOT, type RunningProgram, startProgram } from "../support/program.ts";

const SOURCES = ["--import", `${ROOT}/node_modules/tsx/dist/esm/index.mjs`, join(ROOT, "src/cli/entry.ts")];

interface Told {
  readonly at: string;
  readonly cluster: string;
  readonly change: string;
  readonly alert: Readonly<Record<string, unknown>>;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describeEngine(["mariadb-10.11", "haproxy-2.6"], "the alert hook and metrics of the console", () => {
  let lab: Lab;
  let program: RunningProgram;
  let port: number;
  const dir = mkdtempSync(join(tmpdir(), "sbx-hook-"));
  const text = (name: string) => {
    try {
      return readFileSync(join(dir, name), "utf8");
    } catch {
      return "";
    }
  };
  /** Beside the lab's own, whose files of passwords it names. */
  const configPath = () => join(dirname(lab.configPath), "hook.yaml");
  const told = () =>
    text("told")
      .split("\n")
      .flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Told]));
  const scrape = async (): Promise<readonly Sample[]> =>
    parseOpenMetrics(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text());
  const lagOf = async (node: string) =>
    (await scrape()).find(({ name, labels }) => name === "signalbox_replica_lag_seconds" && labels.node === node)
      ?.value;

  beforeAll(async () => {
    lab = await startLab({ topology: "r1", engine: "mariadb-10.11" });
    port = await freePort();
    const config = parse(readFileSync(lab.configPath, "utf8"));
    config.mysql = { ...config.mysql, user: labAccounts.ops.user, password_env: "HOOK_CANARY" };
    delete config.mysql.password_file;
    config.clusters[0].hooks = { alert: `cat >> ${dir}/told; env > ${dir}/environment` };
    writeFileSync(configPath(), stringify(config), { mode: 0o600 });
    program = startProgram({
      script: SOURCES,
      args: ["-c", configPath(), "--metrics", `127.0.0.1:${port}`, "--log", join(dir, "log")],
      columns: 100,
      rows: 30,
      env: { HOOK_CANARY: labAccounts.ops.password },
    });
    await program.waitFor("no alerts", 30_000);
  });
  afterAll(async () => {
    program?.kill();
    await lab?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  it("tells a stopped applier and its return, one line each, and the lag is absent meanwhile", async () => {
    await waitFor("a lag of zero", async () => (await lagOf("db3")) === 0);
    expect(told()).toEqual([]);
    await lab.node("db3").query("STOP SLAVE SQL_THREAD");
    await waitFor("what is raised", () => told().some(({ alert }) => alert.code === "replica-sql-stopped"));
    await waitFor("no lag", async () => (await lagOf("db3")) === undefined);
    expect(await lagOf("db4")).toBe(0);
    const codes = (await scrape()).filter(({ name }) => name === "signalbox_alerts").map(({ labels }) => labels.code);
    expect(codes).toContain("replica-sql-stopped");
    await waitFor("all of it", () => told().length === codes.length);
    await lab.node("db3").query("START SLAVE SQL_THREAD");
    await waitFor("what is cleared", () => told().length === 2 * codes.length, { timeoutMs: 20_000 });
    const lines = told();
    const of = (change: string) => lines.filter((line) => line.change === change).map(({ alert }) => alert.code);
    expect(of("raised").sort()).toEqual([...codes].sort());
    expect(of("cleared").sort()).toEqual([...codes].sort());
    for (const line of lines) {
      expect(Object.keys(line)).toEqual(["at", "cluster", "change", "alert"]);
      expect(Object.keys(line.alert)).toEqual(["code", "severity", "node", "message", "advice"]);
      expect(new Date(line.at).toISOString()).toBe(line.at);
    }
  });

  it("gives the program no password", () => {
    expect(text("environment")).toContain("PATH=");
    expect(text("environment")).not.toContain("HOOK_CANARY");
    expect(text("environment")).not.toContain(labAccounts.ops.password);
    expect(text("log")).toContain("alert hook of");
  });

  it("a second console at the same address is refused in one line", async () => {
    const args = ["-c", configPath(), "--metrics", `127.0.0.1:${port}`];
    const env = { HOOK_CANARY: labAccounts.ops.password };
    const second = startProgram({ script: SOURCES, args, columns: 100, rows: 30, env });
    const { exitCode } = await second.exited;
    expect(exitCode).toBe(64);
    expect(second.raw()).toContain(
      `signalbox: --metrics: cannot listen at 127.0.0.1, port ${port}: the port is in use`,
    );
  });

  it("ends with the console", async () => {
    program.type("q");
    expect((await program.exited).exitCode).toBe(0);
    await expect(scrape()).rejects.toThrow();
  });
});
