import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { describeEngine } from "../lab/describe-engine.ts";
import { defaultHaproxyFor } from "../lab/engines.ts";
import { type Lab, startLab } from "../lab/index.ts";
import { ensureBuilt, type RunningProgram, startProgram } from "../support/program.ts";

/** The row of a node in the Nodes pane. */
function rowOf(screen: readonly string[], node: string): string {
  return screen.find((line) => new RegExp(`(^|[─▶ ])${node}\\b.*(source|replica|unknown|\\?)`).test(line)) ?? "";
}

/** `version` as the Nodes pane shows it, `readOnly` its word for a replica that takes no writes. */
const PAGE_DOWN = "\u001b[6~";

const ENGINES = [
  { engine: "mariadb-10.11", version: /MariaDB 10\.11\.\d+/, readOnly: "RO" },
  { engine: "mysql-9.7", version: /MySQL 9\.7\.\d+/, readOnly: "SRO" },
] as const;

for (const { engine, version, readOnly } of ENGINES) {
  describeEngine([engine, defaultHaproxyFor(engine)], `the console on a real R1 of ${engine}`, () =>
    testConsole(engine, version, readOnly),
  );
}

function testConsole(engine: (typeof ENGINES)[number]["engine"], version: RegExp, readOnly: string): void {
  let lab: Lab;
  let program: RunningProgram;

  beforeAll(async () => {
    ensureBuilt();
    lab = await startLab({ topology: "r1", engine });
  });
  afterAll(() => lab?.stop());

  beforeEach(async () => {
    program = startProgram({ args: ["-c", lab.configPath], columns: 80, rows: 24 });
    await program.waitFor((screen) => ["db1", "db2", "db3", "db4"].every((node) => /UP/.test(rowOf(screen, node))));
    await program.waitFor("no alerts");
  });
  afterEach(async () => {
    program.kill();
    await program.exited;
  });

  it("joins HAProxy and replication in one row per node, the source first", async () => {
    const screen = await program.waitFor((rows) => /0s/.test(rowOf(rows, "db4")));
    const nodes = screen.map((line) => /\b(db\d)\b +(source|replica)/.exec(line)).filter((match) => match !== null);
    expect(nodes.map((match) => `${match[1]} ${match[2]}`)).toEqual([
      "db1 source",
      "db2 replica",
      "db3 replica",
      "db4 replica",
    ]);
    expect(rowOf(screen, "db1")).toMatch(/W.UP.*RW/);
    expect(rowOf(screen, "db2")).toMatch(new RegExp(`W.UP/bk R.UP +Yes/Yes +${readOnly}`));
    expect(screen[0]).toMatch(/^signalbox +lab . OK/);
  });

  it("shows a killed replica as gone, with the alert, and its return", async () => {
    await lab.node("db4").kill();
    await program.waitFor(/node-unreachable.*db4/);
    await program.waitFor((screen) => /R.DOWN/.test(rowOf(screen, "db4")));
    expect(rowOf(program.screen(), "db4")).not.toMatch(new RegExp(`Yes/Yes +${readOnly} +\\d`));
    await lab.node("db4").start();
    await program.waitFor((screen) => /R.UP.*Yes\/Yes/.test(rowOf(screen, "db4")), 20_000);
    await program.waitFor("no alerts", 20_000);
  });

  it("shows a stopped applier that still serves reads as a contradiction", async () => {
    await lab.node("db3").stopApplier();
    const screen = await program.waitFor(/reader-stopped/);
    expect(rowOf(screen, "db3")).toMatch(/Yes\/No/i);
    expect(rowOf(screen, "db3")).not.toMatch(/ 0s /);
    await lab.node("db3").startApplier();
    await program.waitFor("no alerts");
  });

  it("shows a drain made by hand, and in the timeline what changed", async () => {
    await lab.haproxy().command("set server read_nodes/db2 state drain");
    await program.waitFor((screen) => /R.DRAIN/.test(rowOf(screen, "db2")));
    await program.waitFor(/forgotten-drain/);
    program.type("4");
    await program.waitFor(/lb1 read_nodes\/db2.*DRAIN/);
    await lab.haproxy().command("set server read_nodes/db2 state ready");
    program.type("1");
    await program.waitFor("no alerts");
  });

  it("names what an HAProxy reload took back", async () => {
    await lab.haproxy().command("set server read_nodes/db3 state maint");
    await program.waitFor((screen) => /R.MAINT/.test(rowOf(screen, "db3")));
    await lab.haproxy().reload();
    await program.waitFor(/haproxy-reloaded/);
    program.type("a");
    await program.waitFor(/read_nodes\/db3 was maint/);
  });

  it("shows a hanging primary as stale while the others go on", async () => {
    await lab.node("db1").freeze();
    try {
      const screen = await program.waitFor(/node-unreachable.*db1/, 15_000);
      expect(rowOf(screen, "db1")).toMatch(/~|\?|timeout/i);
      expect(rowOf(screen, "db3")).toMatch(new RegExp(`Yes/Yes +${readOnly}`));
      expect(screen[0]).toMatch(/CRITICAL/);
    } finally {
      await lab.node("db1").thaw();
    }
    await program.waitFor((rows) => /W.UP/.test(rowOf(rows, "db1")) && /source/.test(rowOf(rows, "db1")), 20_000);
  });

  // Pictures of what was read: the same whatever the engine.
  if (engine === "mariadb-10.11")
    it("draws the lag of a replica, with a gap while it hangs", async () => {
      program.resize(100, 50);
      program.type("jj\r");
      await program.waitFor(/nodes → db3[\s\S]*lag 0s {2}highest/);
      await program.waitFor(/read_nodes\/db3 .*check time +[▁-█]+/);
      await lab.node("db3").freeze();
      try {
        await program.waitFor(/lag \? {2}highest \d+s {2}none for [3-9]s/, 15_000);
        await program.waitFor(/└ *[─░]*─░+ {2}/);
      } finally {
        lab.node("db3").thaw();
      }
      await program.waitFor(/lag \d+s {2}highest \d+s {2} /, 20_000);
      // The gap stays where it was, between what was known before and after.
      await program.waitFor(/└ *[─░]*─░+─+ {2}/);
    });

  it("uses the room it gets, and says so when there is too little", async () => {
    program.resize(200, 60);
    await program.waitFor(version);
    program.resize(30, 8);
    await program.waitFor(/small|at least/i);
    program.resize(80, 24);
    await program.waitFor((screen) => /W.UP/.test(rowOf(screen, "db1")));
  });

  it("walks through every pane and shows the clients of a node", async () => {
    for (const [key, text] of [
      ["2", "read_nodes"],
      ["3", "SOURCE"],
      ["4", "Timeline"],
      ["5", "Operations"],
    ] as const) {
      program.type(key);
      await program.waitFor(text);
    }
    program.type("6");
    await program.waitFor(/repl .*Binlog Dum/);
    program.type("?");
    await program.waitFor("type to search");
    program.type("refresh");
    await program.waitFor(/Ctrl-R +refresh/i);
    program.type("\u001b");
    await program.waitFor((screen) => !screen.join("\n").includes("type to search"));
    program.type("1");
    await program.waitFor((screen) => rowOf(screen, "db1") !== "");
    program.type("jj\r");
    await program.waitFor("nodes → db3");
    program.type(PAGE_DOWN);
    await program.waitFor(/read_nodes\/db3/);
  });

  it("says of the small twin of an action key which key acts", async () => {
    program.type("p");
    await program.waitFor(/\bP\b.*promote/i);
  });

  it("leaves the terminal as it was found", async () => {
    program.type("q");
    expect((await program.exited).exitCode).toBe(0);
    const raw = program.raw();
    expect(raw.lastIndexOf("\u001b[?1049l")).toBeGreaterThan(raw.lastIndexOf("\u001b[?1049h"));
    expect(raw.lastIndexOf("\u001b[?25h")).toBeGreaterThan(raw.lastIndexOf("\u001b[?25l"));
    expect(raw.lastIndexOf("\u001b[?2004l")).toBeGreaterThan(raw.lastIndexOf("\u001b[?2004h"));
  });
}
