/** Recordings of real servers: a promotion that is replayed step by step, a recorder that is killed, and what must not be in the file. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openRecording } from "../../src/recording/file-reader.ts";
import { connectByPort } from "../lab/connection.ts";
import { describeEngine } from "../lab/describe-engine.ts";
import { type Lab, startLab, waitFor } from "../lab/index.ts";
import { ensureBuilt, PROGRAM, type RunningProgram, startProgram } from "../support/program.ts";
import { readRecordingText } from "../support/recording-text.ts";
import { recordPromotion, shows } from "./recorded-promotion.ts";

/** A machine with other things to do starts a program slowly. */
const START_MS = 30_000;
const QUERY = "SELECT SLEEP(0.2), 'canary-query-91d4'";

describeEngine(["mariadb-10.11", "haproxy-2.6"], "recordings of a real R1", () => {
  let lab: Lab;
  let dir: string;
  let recording: string;

  beforeAll(async () => {
    ensureBuilt();
    dir = mkdtempSync(join(tmpdir(), "sb-record-"));
    lab = await startLab({ topology: "r1" });
    recording = await recordPromotion(lab, join(dir, "state"));
  });
  afterAll(async () => {
    await lab?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  const environment = () => ({ ...process.env, SIGNALBOX_STATE_DIR: join(dir, "state") });
  const run = (...args: readonly string[]) =>
    spawnSync(process.execPath, [PROGRAM, ...args], { encoding: "utf8", env: environment() });

  /** RW or RO as its row says. */
  const modeOf = (screen: readonly string[], node: string): string | undefined =>
    screen.map((line) => new RegExp(`\\b${node}\\b.*\\b(RW|RO)\\b`).exec(line)?.[1]).find((mode) => mode !== undefined);

  /** Presses a key and waits for another moment, or for the word that there is none. */
  async function press(program: RunningProgram, key: string): Promise<readonly string[]> {
    const momentOf = (screen: readonly string[]) => /REPLAY [\d-]+ [\d:.]+/.exec(screen[0] ?? "")?.[0];
    const before = momentOf(program.screen());
    program.type(key);
    return program.waitFor(
      (screen) => momentOf(screen) !== before || /nothing changes after this|this is the end/.test(screen.join("\n")),
    );
  }

  it("replays the promotion change by change, from one primary to the other", async () => {
    const program = startProgram({ args: ["replay", recording], columns: 120, rows: 30 });
    try {
      await program.waitFor(shows("db1", "source"), START_MS);
      await program.waitFor(/REPLAY . paused .*change 0\/\d+/);
      const begun = await press(program, "n");
      expect(begun[0]).toContain("RUNS Promote db2");
      expect(modeOf(begun, "db1")).toBe("RW");
      let last = begun;
      while (!last.join("\n").includes("nothing changes after this")) last = await press(program, "n");
      expect([modeOf(last, "db1"), modeOf(last, "db2")]).toEqual(["RO", "RW"]);
      expect(program.screen().some((line) => shows("db2", "source")([line]))).toBe(true);
      program.type("5");
      await program.waitFor(/DONE +Promote db2 .*\d+\.\d ms/);
      program.type("4");
      await program.waitFor("[Timeline]");
      program.type("/read_only\r");
      await program.waitFor(/db2 +read_only ON . read_only OFF/);
      await program.waitFor(/db1 +read_only OFF . read_only ON/);
      program.type("0");
      await program.waitFor("No state had changed up to this moment of the recording.");
      program.type("1");
      await program.waitFor(shows("db1", "source"));
    } finally {
      program.kill();
      await program.exited;
    }
  });

  it("replays every step of the promotion: one primary closes before the other opens", async () => {
    const program = startProgram({ args: ["replay", recording], columns: 120, rows: 50 });
    try {
      await program.waitFor(shows("db1", "source"), START_MS);
      await press(program, "n");
      program.type("5");
      await program.waitFor(/^▶.*RUNNING +Promote db2/m);
      program.type("\r");
      const states = new Map<string, number>();
      let screen: readonly string[] = await program.waitFor("operation  Promote db2");
      for (let moment = 0; !/^ {2}DONE/m.test(screen.join("\n")); moment += 1) {
        for (const [, step = ""] of screen.join("\n").matchAll(/^ {2}● +\d+ (.*?) {2}done/gm)) {
          if (!states.has(step)) states.set(step, moment);
        }
        screen = await press(program, "\u001b[C");
      }
      const closed = states.get("stop writes on db1") ?? Number.NaN;
      const opened = states.get("open db2 for writes") ?? Number.NaN;
      // What the engine told within the same millisecond is one moment.
      expect(closed).toBeLessThanOrEqual(opened);
      expect(screen.join("\n")).toMatch(/they stood still for \d+\.\d ms of 30 s/);
    } finally {
      program.kill();
      await program.exited;
    }
  });

  it("is reported with what changed, the alerts, the commands and how long writes stood still", () => {
    const markdown = run("report", recording);
    expect(markdown.stderr).toBe("");
    expect(markdown.stdout).toMatch(/^# What happened: all clusters\n/);
    expect(markdown.stdout).toMatch(/- Writes stopped for \d+\.\d ms: `\d{8}T\d{6}-promote-db2-\w+`/);
    expect(markdown.stdout).toContain("| lab | db2 | read\\_only ON | read\\_only OFF |");
    expect(markdown.stdout).toMatch(/## Alerts\n[^#]*orphan-replica/);
    expect(markdown.stdout).toContain("`SET GLOBAL read_only=1`");
    expect(markdown.stdout).toContain("ann on ");
    const { stdout } = run("report", recording, "--json");
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ schema: 1, journal: null, complete: true, writeGaps: [{ cluster: "lab" }] });
    expect(report.operations).toHaveLength(1);
    expect(report.operations[0]).toMatchObject({ state: "done", operator: "ann", promotion: { to: "db2" } });
    expect(report.stateChanges.length).toBeGreaterThan(5);
    expect(report.alerts.length).toBeGreaterThan(0);
  });

  it("is whole up to the last chunk when the recorder is killed, and refuses to write over it", async () => {
    const path = join(dir, "killed.sbrec");
    const args = [PROGRAM, "record", path, "-c", lab.configPath, "--interval", "250ms"];
    const child = spawn(process.execPath, args, { env: environment(), stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    const ended = new Promise((resolve) => child.on("close", resolve));
    await waitFor("two chunks of pictures", async () => {
      const recording = await openRecording(path).catch(() => null);
      const chunks = recording?.groups.flatMap((group) => group.chunks) ?? [];
      await recording?.close();
      return chunks.length >= 2;
    });
    child.kill("SIGKILL");
    await ended;
    expect(said).toMatch(/^signalbox: recording lab every 250ms, without texts of queries, into .* until Ctrl-C\n$/);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const killed = await openRecording(path);
    expect(killed).toMatchObject({ isCutOff: true, damaged: 0 });
    const [group] = killed.groups;
    const frames = group === undefined ? [] : await killed.readGroup(group);
    expect(frames.length).toBeGreaterThanOrEqual(20);
    expect(frames.at(-1)?.snapshot().clusters[0]?.nodes).toHaveLength(4);
    await killed.close();
    const again = run("record", path, "-c", lab.configPath);
    expect([again.status, again.stderr]).toEqual([64, `signalbox: ${path} is there already; --force replaces it\n`]);
    const program = startProgram({ args: ["replay", path], columns: 120, rows: 30 });
    try {
      await program.waitFor("cut off: it was not ended on purpose", START_MS);
      // In the first picture nobody has answered yet.
      program.type("$");
      await program.waitFor(shows("db2", "source"));
    } finally {
      program.kill();
      await program.exited;
    }
  });

  it("has no password in it, and the text of a query only when that was asked for", async () => {
    const db2 = lab.node("db2");
    const client = await connectByPort(db2.port, lab.accounts.admin, "shop");
    let isRunning = true;
    const queries = (async () => {
      while (isRunning) await client.query(QUERY);
    })();
    const [plain, asked] = await (async () => {
      try {
        // In other processes, so that the client goes on.
        return [await recordApart("plain.sbrec"), await recordApart("asked.sbrec", "--with-queries")];
      } finally {
        isRunning = false;
        await queries;
        await client.end();
      }
    })();
    async function recordApart(name: string, ...more: readonly string[]): Promise<string> {
      const path = join(dir, name);
      const args = [PROGRAM, "record", path, "-c", lab.configPath, "--for", "3s", "--interval", "250ms", ...more];
      const child = spawn(process.execPath, args, { env: environment(), stdio: "ignore" });
      expect(await new Promise((resolve) => child.on("close", resolve))).toBe(0);
      return readRecordingText(path);
    }
    expect(plain).toContain("db2");
    expect(plain).not.toContain("canary-query");
    expect(asked).toContain("canary-query-91d4");
    const passwords = Object.values(lab.accounts).flatMap(({ password }) => (password === "" ? [] : [password]));
    expect(passwords.length).toBeGreaterThan(1);
    const traces = passwords.flatMap((password) => [password, Buffer.from(password).toString("base64").slice(0, -4)]);
    for (const text of [plain, asked, readRecordingText(recording), readFileSync(recording, "latin1")]) {
      expect(traces.filter((trace) => text.includes(trace))).toEqual([]);
    }
  });
});
