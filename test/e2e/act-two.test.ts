import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { describeEngine } from "../lab/describe-engine.ts";
import { type Lab, sendCommand, startLab, waitFor } from "../lab/index.ts";
import { type ProgramOptions, type RunningProgram, startProgram } from "../support/program.ts";
import { Actor, adminStates, resetStates, untilServersUp } from "./act-runner.ts";
import { type GateMode, SocketGate, writeConfigWith } from "./socket-gate.ts";

const DB2 = "read_nodes/db2";

describeEngine(["mariadb-10.11", "haproxy-2.6"], "changing commands over two HAProxies", () => {
  let lab: Lab;
  let actor: Actor;
  let gate: SocketGate;
  let gated: string;

  beforeAll(async () => {
    lab = await startLab({ topology: "r1", haproxies: 2 });
    actor = new Actor(lab);
    gate = await SocketGate.open(join(lab.dir, "gate.sock"), lab.haproxy("lb2"));
    gated = writeConfigWith(lab, "gated.yaml", "lb2", gate.path);
  });
  afterEach(async () => {
    gate.mode = "open";
    gate.held = 0;
    await resetStates(lab);
    await untilServersUp(lab);
  });
  afterAll(async () => {
    await gate?.close();
    await lab?.stop();
  });

  const states = () => adminStates(lab, DB2);

  it("drains on both at once, and undo gives both back", async () => {
    const { exitCode, events } = await actor.events(["drain", DB2, "--wait", "--yes"]);
    expect(exitCode).toBe(0);
    expect(events.at(-1)).toMatchObject({ type: "end", exitCode: 0, state: "done" });
    expect(await states()).toEqual(["drain", "drain"]);
    expect((await actor.run(["undo", "--yes"])).exitCode).toBe(0);
    expect(await states()).toEqual(["ready", "ready"]);
  });

  it("undo gives each back what it had: drain here, ready there", async () => {
    await sendCommand(lab.haproxy("lb1").socketPath, `set server ${DB2} state drain`);
    expect((await actor.run(["maint", DB2, "--yes"])).exitCode).toBe(0);
    expect(await states()).toEqual(["maint", "maint"]);
    expect((await actor.run(["undo", "--yes"])).exitCode).toBe(0);
    expect(await states()).toEqual(["drain", "ready"]);
  });

  it("a socket below admin is seen before anything is sent: exit code 4", async () => {
    const config = writeConfigWith(lab, "operator.yaml", "lb2", lab.haproxy("lb2").operatorSocketPath);
    const { exitCode, out } = await actor.run(["drain", DB2, "--yes"], config);
    expect(exitCode).toBe(4);
    expect(out).toMatch(/BLOCK {3}level, lb2/);
    expect(await states()).toEqual(["ready", "ready"]);
  });

  it("one that cannot be read is refused, with a way round it; none that can is told as that: exit code 4", async () => {
    const config = writeConfigWith(lab, "half.yaml", "lb2", join(lab.dir, "none.sock"));
    const half = await actor.run(["drain", DB2, "--yes"], config);
    expect(half.exitCode).toBe(4);
    expect(half.out).toContain("UNKNOWN haproxy-readable, lb2: lb2 cannot be read");
    const blind = await actor.run(["drain", DB2, "--haproxy", "lb2", "--yes"], config);
    expect(blind.exitCode).toBe(4);
    expect(blind.out).toMatch(
      /^lb2 cannot be read \(.*\): which servers "read_nodes\/db2" means cannot be told\. Nothing/,
    );
    expect((await actor.run(["drain", DB2, "--haproxy", "lb1", "--yes"], config)).exitCode).toBe(0);
    expect(await states()).toEqual(["drain", "ready"]);
  });

  it("one that refuses the change: exit code 5, its own words, and the other is taken back", async () => {
    await sendCommand(lab.haproxy("lb1").socketPath, `set server ${DB2} state drain`);
    gate.mode = "refuse";
    const { exitCode, events } = await actor.events(["maint", DB2, "--yes"], gated);
    expect(exitCode).toBe(5);
    const steps = events.flatMap((event) =>
      event.type === "step" ? [[event.target, event.outcome, event.message]] : [],
    );
    expect(steps).toContainEqual(["lb1", "done", expect.any(String)]);
    expect(steps).toContainEqual(["lb2", "failed", expect.stringContaining("Permission denied")]);
    expect(steps).toContainEqual(["lb1", "undone", expect.any(String)]);
    expect(events.at(-1)).toMatchObject({ type: "end", exitCode: 5, state: "rolled-back", undo: null, resume: null });
    expect(await states()).toEqual(["drain", "ready"]);
  });

  it("one that does not take the change: exit code 5, told per HAProxy, and the other is taken back", async () => {
    gate.mode = "hold-request";
    const { exitCode, out } = await actor.run(["drain", DB2, "--yes"], gated);
    expect(exitCode).toBe(5);
    expect(out).toMatch(/1 lb1 drain read_nodes\/db2 {2}done in \d+ ms/);
    expect(out).toMatch(/2 lb2 drain read_nodes\/db2 {2}FAILED/);
    expect(out).toMatch(/1 lb1 drain read_nodes\/db2 {2}taken back/);
    expect(out).toContain("Everything that was done has been taken back.");
    expect(await states()).toEqual(["ready", "ready"]);
  });

  it("an answer that is lost is found out by reading: exit code 0", async () => {
    gate.mode = "hold-answer";
    const { exitCode, out } = await actor.run(["drain", DB2, "--yes"], gated);
    expect({ exitCode, out }).toMatchObject({ exitCode: 0 });
    expect(await states()).toEqual(["drain", "drain"]);
  });

  it("Ctrl-C in the middle of a step finishes it, takes back what was done and says so: 130", async () => {
    gate.mode = "hold-answer";
    const running = actor.start(["maint", DB2, "read_nodes/db3", "--yes"], gated);
    await waitFor("a change on its way to lb2", () => gate.held > 0);
    running.kill("SIGINT");
    await waitFor("word of it", () => running.out().includes("Stopping at the next safe point"));
    running.kill("SIGINT");
    const { exitCode, out } = await running.exit;
    expect(exitCode).toBe(130);
    expect(out).toContain("Still stopping. A change that is under way is never cut");
    expect(out).toMatch(/Interrupted\. Stopped between two steps\. .*\(Without the interruption: exit code \d, /);
    expect(out).toContain("Not sent: 3 lb1 maint read_nodes/db3; 4 lb2 maint read_nodes/db3");
    await expect.poll(states).toEqual(["ready", "ready"]);
    expect(await adminStates(lab, "read_nodes/db3")).toEqual(["ready", "ready"]);
  });

  it.each(["hold-request", "hold-answer"] satisfies GateMode[])(
    "SIGKILL between two steps (%s), then undo restores both",
    async (mode) => {
      await sendCommand(lab.haproxy("lb1").socketPath, `set server ${DB2} state drain`);
      gate.mode = mode;
      const running = actor.start(["maint", DB2, "--yes"], gated);
      await waitFor("lb1 done and lb2 under way", () => gate.held > 0 && /1 lb1 .* {2}done in/.test(running.out()));
      running.kill("SIGKILL");
      expect((await running.exit).signal).toBe("SIGKILL");
      gate.mode = "open";
      expect(await states()).toEqual(["maint", mode === "hold-request" ? "ready" : "maint"]);
      const list = await actor.run(["operations"]);
      expect(list.out).toMatch(/interrupted ! .*Maintenance of read_nodes\/db2/);
      const { exitCode, out } = await actor.run(["undo", "--yes"], gated);
      expect({ exitCode, out }).toMatchObject({ exitCode: 0 });
      expect(await states()).toEqual(["drain", "ready"]);
    },
  );

  it("SIGKILL between two steps, then resume finishes both", async () => {
    gate.mode = "hold-request";
    const running = actor.start(["maint", DB2, "--yes"], gated);
    await waitFor("lb1 done and lb2 under way", () => gate.held > 0 && /1 lb1 .* {2}done in/.test(running.out()));
    running.kill("SIGKILL");
    await running.exit;
    gate.mode = "open";
    const { exitCode, out } = await actor.run(["resume", "--yes"], gated);
    expect({ exitCode, out }).toMatchObject({
      exitCode: 0,
      out: expect.stringContaining("done before, not sent again"),
    });
    expect(await states()).toEqual(["maint", "maint"]);
  });

  it("the journal holds no password, and is readable by its owner only", async () => {
    await actor.run(["drain", DB2, "--yes"]);
    const files = readdirSync(actor.stateDir);
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) expect(readFileSync(join(actor.stateDir, file), "utf8")).not.toMatch(/lab-ops|password/i);
  });

  function startOnTerminal(args: readonly string[], more: Partial<ProgramOptions> = {}): RunningProgram {
    const env = { SIGNALBOX_STATE_DIR: actor.stateDir, NO_COLOR: "1" };
    return startProgram({ args: [...args, "-c", lab.configPath], columns: 160, rows: 40, env, ...more });
  }

  it("on a terminal: y drains, and what was typed before does not", async () => {
    const early = startOnTerminal(["drain", DB2]);
    early.type("y\r");
    await early.waitFor("Run it? y runs it, n leaves:");
    early.type("n");
    expect((await early.exited).exitCode).toBe(130);
    expect(await states()).toEqual(["ready", "ready"]);
    const program = startOnTerminal(["drain", DB2]);
    await program.waitFor("Run it? y runs it, n leaves:");
    program.type("y");
    expect((await program.exited).exitCode).toBe(0);
    expect(await states()).toEqual(["drain", "drain"]);
  });

  it("on a terminal: undo wants the name, a paste of it is none", async () => {
    expect((await actor.run(["drain", DB2, "--yes"])).exitCode).toBe(0);
    const pasted = startOnTerminal(["undo"]);
    await pasted.waitFor("type db2 and press Enter");
    pasted.type("\u001b[200~db2\u001b[201~\r");
    expect((await pasted.exited).exitCode).toBe(130);
    expect(await states()).toEqual(["drain", "drain"]);
    const program = startOnTerminal(["undo"]);
    await program.waitFor("type db2 and press Enter");
    for (const key of "db2") program.type(key);
    program.type("\r");
    expect((await program.exited).exitCode).toBe(0);
    expect(await states()).toEqual(["ready", "ready"]);
  });

  it("on a terminal: a partial failure asks what to do, r tries again", async () => {
    gate.mode = "hold-request";
    const program = startOnTerminal(["drain", DB2], {
      args: ["drain", DB2, "-c", gated],
    });
    await program.waitFor("Run it?");
    program.type("y");
    await program.waitFor("What now? r tries again", 20_000);
    gate.mode = "open";
    program.type("r");
    expect((await program.exited).exitCode).toBe(0);
    expect(await states()).toEqual(["drain", "drain"]);
  });
});
