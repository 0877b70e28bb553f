import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeEngine } from "../lab/describe-engine.ts";
import { type Lab, startLab } from "../lab/index.ts";
import { ensureBuilt, type RunningProgram, startProgram } from "../support/program.ts";

const RUN_MS = 30_000;

describeEngine(["mariadb-10.11", "haproxy-2.6"], "promotion from the console on a real R1", () => {
  let lab: Lab;
  let program: RunningProgram;
  let stateDir: string;

  const readOnlyOf = async (node: string): Promise<unknown> =>
    Object.values((await lab.node(node).query("SELECT @@GLOBAL.read_only"))[0] ?? {})[0];

  /** The row of the node as it is on screen, with its role. */
  const shows = (node: string, role: string) => (screen: readonly string[]) =>
    screen.some((line) => new RegExp(`\\b${node}\\b.*\\b${role}\\b`).test(line));

  /** On its row in the Nodes pane. */
  async function select(node: string): Promise<void> {
    program.type("1");
    await program.waitFor("[Nodes]");
    program.type(`/${node}\r`);
    await program.waitFor((screen) => screen.some((line) => new RegExp(`^▶.*\\b${node}\\b`).test(line)));
  }

  /** Esc, and the panel is gone: a key right behind the Esc would be taken for Alt with that key. */
  async function leave(): Promise<void> {
    program.type("\u001b");
    await program.waitFor((screen) => !/^(plan|operation) /.test(screen[2] ?? ""));
    program.type("\u001b");
    await program.waitFor((screen) => ["db1", "db2", "db3", "db4"].every((node) => screen.join("\n").includes(node)));
  }

  /** P, the name, Enter; resolves with the screen of the result. */
  async function promote(from: string, to: string): Promise<readonly string[]> {
    await select(to);
    program.type("P");
    await program.waitFor(`Type ${to} and press Enter`);
    const plan = (await program.waitFor("no guard objects")).join("\n");
    expect(plan).toContain(`${from} → ${to}`);
    expect(plan).toContain("Afterwards");
    expect(await readOnlyOf(from)).toBe(0);
    program.type(to);
    await program.waitFor(`> ${to}`, 3_000);
    expect(await readOnlyOf(from)).toBe(0);
    program.type("\r");
    const result = await program.waitFor(/^ {2}(DONE|ROLLED BACK|UNFINISHED|REFUSED)/m, RUN_MS);
    expect(result.join("\n")).toMatch(/^ {2}DONE/m);
    return result;
  }

  beforeAll(async () => {
    ensureBuilt();
    stateDir = mkdtempSync(join(tmpdir(), "sb-promote-"));
    lab = await startLab({ topology: "r1" });
    const env = { SIGNALBOX_STATE_DIR: stateDir };
    program = startProgram({ args: ["-c", lab.configPath], columns: 80, rows: 24, env });
    await program.waitFor("no alerts");
  });
  afterAll(async () => {
    program?.kill();
    await program?.exited;
    await lab?.stop();
    rmSync(stateDir, { recursive: true, force: true });
  });

  it("leaves everything as it is when the name is not typed", async () => {
    await select("db2");
    program.type("P");
    await program.waitFor("Type db2 and press Enter");
    await program.waitFor("no guard objects");
    program.type("y\r");
    await program.waitFor("type db2 and press Enter; Esc leaves");
    await leave();
    expect(await readOnlyOf("db1")).toBe(0);
    expect(await readOnlyOf("db2")).toBe(1);
  });

  it("db2 becomes primary by P, its name and Enter, shows the write gap, and the roles change by themselves", async () => {
    const result = (await promote("db1", "db2")).join("\n");
    expect(result).toMatch(/they stood still for \d+\.\d ms of \d+ s/);
    expect(result).toContain("End state, read back");
    expect(await readOnlyOf("db1")).toBe(1);
    expect(await readOnlyOf("db2")).toBe(0);
    await leave();
    await program.waitFor(shows("db2", "source"));
    await program.waitFor(shows("db1", "replica"));
    program.type("5");
    await program.waitFor(/DONE +Promote db2 .*\d+\.\d ms/);
  });

  it("refuses to promote the primary of now, in words", async () => {
    await select("db2");
    program.type("P");
    await program.waitFor(/Refused/);
    await leave();
    expect(await readOnlyOf("db2")).toBe(0);
  });

  it("goes back with P on db1", async () => {
    await promote("db2", "db1");
    expect(await readOnlyOf("db1")).toBe(0);
    expect(await readOnlyOf("db2")).toBe(1);
    await leave();
    await program.waitFor(shows("db1", "source"));
    // On an idle MariaDB threads that sent the binary log to db3 and db4 stay until there is something to send: db2 counts as a relay until then.
    await program.waitFor(shows("db2", "(replica|relay)"));
    await program.waitFor(shows("db2", "Yes/Yes  RO"));
  });
});
