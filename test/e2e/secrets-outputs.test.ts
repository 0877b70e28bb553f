/** Canary passwords looked for in what the program hands to others: findings, drafts, recordings, reports, metrics, alert hooks, crash reports. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { stringify } from "yaml";
import { extendDictionary, unpackChunk } from "../../src/recording/chunk.ts";
import { FIRST_LINE, HEADER_BYTES, parseHeader } from "../../src/recording/file-format.ts";
import { describeEngine } from "../lab/describe-engine.ts";
import { type Lab, startLab, waitFor } from "../lab/index.ts";
import { findFreePorts } from "../lab/ports.ts";
import { ensureBuilt, startProgram } from "../support/program.ts";
import { runSignalbox } from "./status-runner.ts";

const CANARIES = { mysql: "canary-mysql-9b2e", replication: "canary-repl-44d0", stats: "canary-stats-c07f" };
const USER = "canaryless_ops";

/** The canaries as they are, in base64 and in hexadecimal digits. */
const TRACES = Object.values(CANARIES).flatMap((canary) => [
  canary,
  Buffer.from(canary).toString("base64").slice(0, -4),
  Buffer.from(canary).toString("hex"),
]);
const findTraces = (text: string) => TRACES.filter((trace) => text.includes(trace));

/** Every text in a recording, which is packed on disk. */
function unpackRecording(file: string): string {
  const bytes = readFileSync(file);
  const texts: string[] = [];
  let dictionary: Buffer | null = null;
  for (let at = FIRST_LINE.length; at < bytes.length; ) {
    const header = parseHeader(bytes.subarray(at));
    if (header === null) throw new Error(`no chunk at ${at} of ${file}`);
    const end = at + HEADER_BYTES + header.packedBytes;
    const isFrames = header.kind === "frames";
    const text = unpackChunk(
      header,
      bytes.subarray(at + HEADER_BYTES, end),
      isFrames && !header.startsGroup ? dictionary : null,
    );
    if (isFrames) dictionary = extendDictionary(header.startsGroup ? null : dictionary, text);
    texts.push(text.toString("utf8"));
    at = end;
  }
  return texts.join("\n");
}

describeEngine(["mariadb-10.11", "haproxy-2.6"], "Secrets in what is handed to others", () => {
  let lab: Lab;
  let dir: string;
  let config: string;
  beforeAll(async () => {
    ensureBuilt();
    lab = await startLab({ topology: "r1" });
    dir = join(lab.dir, "outputs");
    mkdirSync(dir, { mode: 0o700 });
    await lab.node("db1").query(`CREATE USER ${USER}@'%' IDENTIFIED BY '${CANARIES.mysql}'`);
    await lab.node("db1").query(`GRANT ALL ON *.* TO ${USER}@'%' WITH GRANT OPTION`);
    await waitFor("the account on every node", async () => {
      const rows = await Promise.all(
        lab.nodes.map((node) => node.query(`SELECT 1 FROM mysql.user WHERE user='${USER}'`)),
      );
      return rows.every(({ length }) => length === 1);
    });
    config = join(dir, "signalbox.yaml");
    const { socketPath } = lab.haproxy();
    const cluster = {
      name: "lab",
      haproxy: [
        { name: "lb1", socket: `unix://${socketPath}` },
        { name: "page", stats: `http://admin:${CANARIES.stats}@127.0.0.1:1/stats` },
      ],
      nodes: lab.nodes.map(({ name, host, port }) => ({ name, address: `${host}:${port}` })),
      writer: { backend: "write_nodes", address: `127.0.0.1:${lab.writePort}` },
      readers: [{ backend: "read_nodes", address: `127.0.0.1:${lab.readPort}` }],
      replication: { user: "nobody_there", password_env: "REPL_PASSWORD" },
      hooks: {
        alert: `cat >> ${dir}/hook.stdin; env > ${dir}/hook.env; tr '\\0' ' ' < /proc/$PPID/cmdline > ${dir}/hook.parent`,
      },
    };
    const file = { mysql: { user: USER, password_env: "OPS_PASSWORD" }, clusters: [cluster] };
    writeFileSync(config, stringify(file), { mode: 0o600 });
  });
  afterAll(() => lab?.stop());

  const environment = () => ({
    OPS_PASSWORD: CANARIES.mysql,
    REPL_PASSWORD: CANARIES.replication,
    SIGNALBOX_STATE_DIR: join(dir, "state"),
    SIGNALBOX_DEBUG: "1",
  });

  it.each<readonly [string, readonly string[], RegExp]>([
    ["doctor", ["doctor"], /replication-login/],
    ["doctor --json", ["doctor", "--json"], /"replication-login"/],
    ["status with a reader that is asked too", ["status", "--json"], /"probed": "db[234]"/],
    ["report", ["report"], /./],
  ])("%s", async (_name, args, told) => {
    const { out, err } = await runSignalbox([...args, "-c", config], environment());
    expect(out, err).toMatch(told);
    expect(findTraces(out + err)).toEqual([]);
  });

  it("init with passwords in the environment, and a URL of a stats page with one", async () => {
    const urls = [
      "--haproxy",
      `unix://${lab.haproxy().socketPath}`,
      "--haproxy",
      `http://admin:${CANARIES.stats}@127.0.0.1:1/s`,
    ];
    const { out, err, exitCode } = await runSignalbox(["init", ...urls], {
      SIGNALBOX_MYSQL_USER: USER,
      SIGNALBOX_MYSQL_PASSWORD: CANARIES.mysql,
      SIGNALBOX_REPL_PASSWORD: CANARIES.replication,
    });
    expect(exitCode, err).toBe(0);
    expect(out).toContain("password_env: SIGNALBOX_MYSQL_PASSWORD");
    expect(findTraces(out + err)).toEqual([]);
  });

  it("a recording", async () => {
    const file = join(dir, "night.rec");
    const { err, exitCode } = await runSignalbox(
      ["record", file, "--for", "2s", "--with-queries", "-c", config],
      environment(),
    );
    expect(exitCode, err).toBe(0);
    const text = unpackRecording(file);
    expect(text).toContain("write_nodes");
    expect(findTraces(text + err)).toEqual([]);
  });

  it("metrics, an alert hook with its environment, the log, and what Node reports of a crash", async () => {
    const [port = 0] = await findFreePorts(1);
    const program = startProgram({
      args: ["-c", config, "--metrics", `127.0.0.1:${port}`, "--log", join(dir, "log")],
      columns: 120,
      rows: 40,
      env: { ...environment(), NODE_OPTIONS: `--report-on-signal --report-directory=${dir}` },
    });
    try {
      await program.waitFor(/db1.*UP/, 20_000);
      await lab.node("db4").stopApplier();
      await waitFor("the hook", () => /replica-sql-stopped/.test(readFileSync(join(dir, "hook.stdin"), "utf8")));
      const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      expect(metrics).toContain("signalbox_route_probe_success");
      // The report of a crash is the one that this signal asks for.
      process.kill(program.pid, "SIGUSR2");
      const report = await waitFor("the report", () => {
        const name = readdirSync(dir).find((entry) => /^report.*\.json$/.test(entry));
        return name !== undefined && JSON.parse(readFileSync(join(dir, name), "utf8"));
      });
      expect(report.environmentVariables.SIGNALBOX_STATE_DIR).toBe(join(dir, "state"));
      const written = readdirSync(dir, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !entry.name.endsWith(".rec"))
        .map(({ parentPath, name }) => readFileSync(join(parentPath, name), "utf8"))
        .filter((text) => !text.includes("password_env: OPS_PASSWORD"));
      expect(written.length).toBeGreaterThanOrEqual(5);
      for (const text of [metrics, program.raw(), ...written]) expect(findTraces(text)).toEqual([]);
    } finally {
      program.kill();
      await program.exited;
      await lab.node("db4").startApplier();
    }
  });
});
