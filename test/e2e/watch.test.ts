/** The wall screen on real servers in a pseudo-terminal, read from the screen as a person would: large letters included. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { drawType, listSizes } from "../../src/ui/wall/big-type.ts";
import { describeEngine } from "../lab/describe-engine.ts";
import { type Lab, startLab, waitFor } from "../lab/index.ts";
import { ensureBuilt, type RunningProgram, startProgram } from "../support/program.ts";

/** Servers that come back are found again with a pause of up to five seconds, and HAProxy checks them before that. */
const RETURN_MS = 30_000;

/** True when the word stands somewhere on the screen in large letters of any size. */
function showsLarge(screen: readonly string[], word: string): boolean {
  return listSizes(true).some((size) => {
    const [first = "", ...rest] = drawType(word, size, "text").map((line) => line.map(({ text }) => text).join(""));
    const isAt = (row: number, column: number, part: string) =>
      (screen[row] ?? "")
        .padEnd(400)
        .slice(column, column + part.length + 1)
        .trimEnd() === part.trimEnd();
    return screen.some((line, row) => {
      for (let column = 0; column <= line.length; column++) {
        if (isAt(row, column, first) && rest.every((part, index) => isAt(row + index + 1, column, part))) return true;
      }
      return false;
    });
  });
}

describeEngine(["mariadb-10.11", "haproxy-2.6"], "the wall screen on a real R1", () => {
  let lab: Lab;
  let program: RunningProgram;
  let raw = "";
  const dir = mkdtempSync(join(tmpdir(), "sbx-watch-"));
  const stateDir = join(dir, "state");
  /** Two clusters: the lab, and one that is nowhere. */
  const configPath = () => join(dirname(lab.configPath), "watch.yaml");
  const start = (args: readonly string[], columns: number, rows: number, config = lab.configPath) => {
    program = startProgram({
      args: ["watch", "-c", config, ...args],
      columns,
      rows,
      env: { SIGNALBOX_STATE_DIR: stateDir },
    });
  };
  const isCalm = (screen: readonly string[]) => showsLarge(screen, "OK") && showsLarge(screen, "DB1");
  const told = () =>
    existsSync(join(dir, "told"))
      ? readFileSync(join(dir, "told"), "utf8")
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line) as { change: string; alert: { code: string; node: string | null } })
      : [];

  /** Backend, server, administrative state, weight. */
  const adminStates = async () =>
    (await lab.haproxy().command("show servers state"))
      .split("\n")
      .map((line) => line.split(" "))
      .filter((fields) => fields.length > 10 && fields[0] !== "#")
      .map((fields) => [fields[1], fields[3], fields[6], fields[7]].join(" "));

  beforeAll(async () => {
    ensureBuilt();
    lab = await startLab({ topology: "r1", engine: "mariadb-10.11" });
    const config = parse(readFileSync(lab.configPath, "utf8"));
    config.clusters[0].hooks = { alert: `cat >> ${dir}/told` };
    writeFileSync(lab.configPath, stringify(config), { mode: 0o600 });
    const gone = {
      name: "nowhere",
      haproxy: [{ name: "lb1", socket: `unix://${dir}/none.sock` }],
      nodes: [{ name: "db1", address: "127.0.0.1:1" }],
      writer: "write_nodes",
    };
    writeFileSync(configPath(), stringify({ ...config, clusters: [config.clusters[0], gone] }), { mode: 0o600 });
    start(["--bell"], 80, 24);
    await program.waitFor(isCalm, RETURN_MS);
    await program.waitFor((screen) => showsLarge(screen, "0s"), RETURN_MS);
  });
  afterAll(async () => {
    program?.kill();
    await program?.exited;
    await lab?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  it("shows health, writer, lag, a clock and the age of the data", () => {
    const screen = program.screen();
    expect(screen[0]).toMatch(/data <1s +\d\d:\d\d:\d\d$/);
    expect(screen.join("\n")).toMatch(/4\/4 nodes . 1\/1 HAProxy/);
  });

  it("shows a replica that dies, with its lag as not known, and its return", async () => {
    await lab.node("db4").kill();
    await program.waitFor((screen) => !showsLarge(screen, "OK") && showsLarge(screen, "0s+?"), RETURN_MS);
    await program.waitFor(/3\/4 nodes.*silent: db4/);
    await program.waitFor(/◆ \d+s .*db4/);
    await lab.node("db4").start();
    await program.waitFor((screen) => isCalm(screen) && showsLarge(screen, "0s"), RETURN_MS);
    await program.waitFor(/4\/4 nodes/);
  });

  it("tells the hook of it and of its end, and rings for it without going on and on", async () => {
    const ofDb4 = (change: string) => told().filter((line) => line.change === change && line.alert.node === "db4");
    await waitFor("what is raised and cleared", () => {
      const raised = ofDb4("raised").map(({ alert }) => alert.code);
      const cleared = ofDb4("cleared").map(({ alert }) => alert.code);
      return raised.length > 0 && raised.every((code) => cleared.includes(code));
    });
    raw = program.raw();
    expect(raw.split("\u0007").length - 1).toBeGreaterThanOrEqual(1);
    expect(raw.split("\u0007").length - 1).toBeLessThanOrEqual(3);
  });

  it("shows a node that hangs as silent while the rest stays in sight", async () => {
    await lab.node("db3").freeze();
    try {
      await program.waitFor(/silent: db3 \d+s/, RETURN_MS);
      expect(showsLarge(program.screen(), "OK")).toBe(false);
      expect(showsLarge(program.screen(), "DB1")).toBe(true);
    } finally {
      lab.node("db3").thaw();
    }
    await program.waitFor(isCalm, RETURN_MS);
  });

  it("never names a writer when HAProxy is dead, and does again when it is back", async () => {
    await lab.haproxy().kill();
    await program.waitFor((screen) => showsLarge(screen, "?") && !showsLarge(screen, "DB1"), RETURN_MS);
    await program.waitFor(/0\/1 HAProxy/);
    expect(showsLarge(program.screen(), "OK")).toBe(false);
    await lab.haproxy().start();
    await program.waitFor(isCalm, RETURN_MS);
  });

  it("no key of the console does anything, and nothing of it is left behind", async () => {
    const before = await adminStates();
    program.type("DMEWXSPURy\r");
    program.resize(160, 48);
    await program.waitFor(/only shows. q or Ctrl-C ends it/);
    expect(await adminStates()).toEqual(before);
    expect(existsSync(stateDir)).toBe(false);
  });

  it("is readable at every size, down to a few lines", async () => {
    for (const [columns, rows] of [
      [320, 100],
      [160, 48],
      [80, 24],
    ] as const) {
      program.resize(columns, rows);
      await program.waitFor((screen) => isCalm(screen) && screen.length === rows && showsLarge(screen, "0s"));
    }
    program.resize(20, 5);
    await program.waitFor(
      (screen) => screen[0]?.startsWith("● OK lab") === true && /writer db1/.test(screen.join("\n")),
    );
    program.resize(80, 24);
    await program.waitFor(isCalm);
  });

  it("goes on after it was stopped, and after a terminal that did not read for a while", async () => {
    const clock = () => /\d\d:\d\d:\d\d/.exec(program.screen()[0] ?? "")?.[0];
    process.kill(program.pid, "SIGSTOP");
    await waitFor("it to stand still", () => / T /.test(readFileSync(`/proc/${program.pid}/stat`, "utf8")));
    const before = clock();
    process.kill(program.pid, "SIGCONT");
    await program.waitFor((screen) => clock() !== before && isCalm(screen));
    program.stopReading();
    await lab.node("db4").kill();
    program.resumeReading();
    await program.waitFor(/silent: db4/, RETURN_MS);
    await lab.node("db4").start();
    await program.waitFor(isCalm, RETURN_MS);
  });

  it("ends with Ctrl-C and leaves the terminal as it was", async () => {
    program.type("\u0003");
    expect((await program.exited).exitCode).toBe(0);
    raw = program.raw();
    expect(raw.lastIndexOf("\u001b[?1049l")).toBeGreaterThan(raw.lastIndexOf("\u001b[?1049h"));
    expect(raw.lastIndexOf("\u001b[?25h")).toBeGreaterThan(raw.lastIndexOf("\u001b[?25l"));
  });

  it("a cluster nobody reaches is unknown beside one that is well, and the worst comes first in a rotation", async () => {
    start([], 80, 24, configPath());
    await program.waitFor((screen) => showsLarge(screen, "UNKNOWN") && showsLarge(screen, "OK"), RETURN_MS);
    expect(program.screen().join("\n")).toMatch(/1 UNKNOWN +1 OK/);
    program.type("q");
    expect((await program.exited).exitCode).toBe(0);
    start(["--rotate", "2s"], 80, 24, configPath());
    await program.waitFor((screen) => showsLarge(screen, "UNKNOWN") && !showsLarge(screen, "OK"), RETURN_MS);
    await program.waitFor((screen) => showsLarge(screen, "OK") && !showsLarge(screen, "UNKNOWN"), RETURN_MS);
    await program.waitFor(/cluster 2 of 2, worst first, every 2 s/);
  });

  it("ends on SIGTERM also when its terminal does not read", async () => {
    start([], 320, 100);
    await program.waitFor(isCalm, RETURN_MS);
    program.stopReading();
    let resizes = 0;
    const drawAnew = () => {
      resizes += 1;
      program.resize(resizes % 2 === 0 ? 320 : 300, 100);
      return resizes >= 50;
    };
    await waitFor("frames until nothing more is taken", drawAnew, { intervalMs: 100 });
    process.kill(program.pid, "SIGTERM");
    await waitFor("its end", () => !isAlive(program.pid), { timeoutMs: 15_000 });
  });
});

/** False for one that has ended and was not collected yet. */
function isAlive(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
