import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { describeEngine } from "../lab/describe-engine.ts";
import { type Lab, sendCommand, startLab, startTraffic, waitFor } from "../lab/index.ts";
import { Actor, adminState, openReaders, resetStates, sessionsOf, untilServersUp } from "./act-runner.ts";

describeEngine(["mariadb-10.11", "haproxy-2.6"], "changing commands on a real R1", () => {
  let lab: Lab;
  let actor: Actor;

  beforeAll(async () => {
    lab = await startLab({ topology: "r1" });
    actor = new Actor(lab);
  });
  afterEach(async () => {
    await resetStates(lab);
    await untilServersUp(lab);
  });
  afterAll(() => lab?.stop());

  const DB2 = "read_nodes/db2";
  const stateOf = (name: string) => adminState(lab, "lb1", name);

  it("drains to zero with readers running, says who is left, and ready brings it back", async () => {
    const traffic = startTraffic({ port: lab.writePort });
    const readers = await openReaders(lab, "lb1", 6);
    try {
      expect(await sessionsOf(lab, "lb1", DB2)).toBeGreaterThan(0);
      const running = actor.start(["drain", DB2, "--wait", "--timeout", "30s", "--yes", "--reason", "kernel"]);
      await waitFor("a drain line with clients", () => /draining: 2 sessions.*app@.* x2/.test(running.out()));
      expect(await stateOf(DB2)).toBe("drain");
      for (const reader of readers) reader.destroy();
      const { exitCode, out } = await running.exit;
      expect({ exitCode, left: await sessionsOf(lab, "lb1", DB2) }).toEqual({ exitCode: 0, left: 0 });
      expect(out).toContain("done and verified, no session is left on any HAProxy.");
      const back = await actor.run(["ready", DB2, "--yes"]);
      expect(back.exitCode).toBe(0);
      expect(await stateOf(DB2)).toBe("ready");
      expect((await traffic.stop()).failures).toEqual([]);
      const list = await actor.run(["operations"]);
      expect(list.out).toMatch(/ready-db2.* done .*Enable read_nodes\/db2\n.*drain-db2.* done .*Drain read_nodes\/db2/);
    } finally {
      for (const reader of readers) reader.destroy();
      await traffic.stop();
    }
  });

  it("a wait that ends too early never says drained: exit code 6, everything stays drained, and shutdown-sessions cuts", async () => {
    const readers = await openReaders(lab, "lb1", 3);
    try {
      const { exitCode, out } = await actor.run(["drain", DB2, "--wait", "--timeout", "1s", "--yes"]);
      expect(exitCode).toBe(6);
      expect(out).toContain("After 1 s 1 session is left. Everything stays drained.");
      expect(await stateOf(DB2)).toBe("drain");
      const resumed = await actor.run(["resume", "--wait", "--timeout", "1s", "--yes"]);
      expect({ exitCode: resumed.exitCode, out: resumed.out }).toMatchObject({
        exitCode: 6,
        out: expect.stringContaining("done before, not sent again"),
      });
      const cut = await actor.run(["shutdown-sessions", DB2, "--yes"]);
      expect(cut.exitCode).toBe(0);
      expect(await sessionsOf(lab, "lb1", DB2)).toBe(0);
    } finally {
      for (const reader of readers) reader.destroy();
    }
  });

  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "%s while waiting stops waiting, keeps the drain and says so: 130",
    async (signal) => {
      const readers = await openReaders(lab, "lb1", 3);
      try {
        const running = actor.start(["drain", DB2, "--wait", "--yes"]);
        await waitFor("a drain line", () => running.out().includes("draining: 1 session"));
        running.kill(signal);
        const { exitCode, out } = await running.exit;
        expect(exitCode).toBe(130);
        expect(out).toContain("Stopping at the next safe point");
        expect(out).toContain("Interrupted. Stopped waiting; everything stays drained, 1 session is left.");
        expect(await stateOf(DB2)).toBe("drain");
        expect((await actor.run(["undo", "--yes"])).exitCode).toBe(0);
        expect(await stateOf(DB2)).toBe("ready");
      } finally {
        for (const reader of readers) reader.destroy();
      }
    },
  );

  it("a reader of the output that goes away ends nothing: the operation runs to its end", async () => {
    const readers = await openReaders(lab, "lb1", 3);
    const running = actor.start(["drain", DB2, "--wait", "--yes"]);
    try {
      await waitFor("a drain line", () => running.out().includes("draining: 1 session"));
      running.closeOutput();
    } finally {
      for (const reader of readers) reader.destroy();
    }
    expect((await running.exit).exitCode).toBe(0);
    const { out } = await actor.run(["operations", "--json", "--limit", "1"]);
    expect(JSON.parse(out).operations).toMatchObject([{ kind: "drain", state: "done" }]);
  });

  it("the active writer is refused: exit code 4, and what does it safely", async () => {
    const { exitCode, out } = await actor.run(["drain", "db1", "--yes"]);
    expect(exitCode).toBe(4);
    expect(out).toMatch(/BLOCK {3}writer-drain, lb1 write_nodes\/db2: .*db2 is read-only, every write would fail/);
    expect(out).toContain("signalbox promote db2");
    expect(await stateOf("write_nodes/db1")).toBe("ready");
  });

  it("the last reader is refused: exit code 4; --force overrides, undo brings back", async () => {
    expect((await actor.run(["maint", "read_nodes/db3", "read_nodes/db4", "--yes"])).exitCode).toBe(0);
    const { exitCode, out } = await actor.run(["drain", DB2, "--yes"]);
    expect(exitCode).toBe(4);
    expect(out).toContain("db2 is the last usable server of read_nodes on lb1 (db3 maint, db4 maint)");
    expect(await stateOf(DB2)).toBe("ready");
    expect((await actor.run(["drain", DB2, "--force", "--yes"])).exitCode).toBe(0);
    expect(await stateOf(DB2)).toBe("drain");
    expect((await actor.run(["undo", "--yes"])).exitCode).toBe(0);
    expect(await stateOf(DB2)).toBe("ready");
  });

  it("undo gives the state before, not ready", async () => {
    expect((await actor.run(["drain", DB2, "--yes"])).exitCode).toBe(0);
    expect((await actor.run(["maint", DB2, "--yes"])).exitCode).toBe(0);
    expect(await stateOf(DB2)).toBe("maint");
    expect((await actor.run(["undo", "--yes"])).exitCode).toBe(0);
    expect(await stateOf(DB2)).toBe("drain");
  });

  it("undo leaves alone what somebody else changed since, and says so", async () => {
    expect((await actor.run(["drain", DB2, "--yes"])).exitCode).toBe(0);
    await sendCommand(lab.haproxy().socketPath, `set server ${DB2} state maint`);
    const { exitCode, out } = await actor.run(["undo", "--yes"]);
    expect(exitCode).toBe(4);
    expect(out).toContain("no longer stands");
    expect(await stateOf(DB2)).toBe("maint");
  });

  it("a reload while a drain waits is noticed: exit code 6, and resume drains again", async () => {
    const readers = await openReaders(lab, "lb1", 3);
    try {
      const running = actor.start(["drain", DB2, "--wait", "--yes"]);
      await waitFor("a drain line", () => running.out().includes("draining: 1 session"));
      await lab.haproxy().reload();
      const { exitCode, out } = await running.exit;
      expect(exitCode).toBe(6);
      expect(out).toContain("reload");
      expect(out).toContain("To finish it:    signalbox resume ");
      expect(await stateOf(DB2)).toBe("ready");
      const resumed = await actor.run(["resume", "--yes"]);
      expect(resumed.out).toContain(`set server ${DB2} state drain`);
      expect(resumed.exitCode).toBe(0);
      expect(await stateOf(DB2)).toBe("drain");
    } finally {
      for (const reader of readers) reader.destroy();
    }
  });

  it("replication stops and starts by thread, and undo starts what it stopped", async () => {
    const status = async () => {
      const row = await lab.node("db3").replicaStatus();
      return [row?.Slave_IO_Running, row?.Slave_SQL_Running];
    };
    expect((await actor.run(["replica", "stop", "db3", "--thread", "sql", "--yes"])).exitCode).toBe(0);
    expect(await status()).toEqual(["Yes", "No"]);
    expect((await actor.run(["undo", "--yes"])).exitCode).toBe(0);
    expect(await status()).toEqual(["Yes", "Yes"]);
    expect((await actor.run(["replica", "stop", "db3", "--yes"])).exitCode).toBe(0);
    expect(await status()).toEqual(["No", "No"]);
    expect((await actor.run(["replica", "start", "db3", "--yes"])).exitCode).toBe(0);
    await waitFor("both threads", async () => (await status()).join() === "Yes,Yes");
  });

  it("weight on one HAProxy, and its way back", async () => {
    const weight = async () => (await sendCommand(lab.haproxy().socketPath, `get weight ${DB2}`)).trim();
    const before = await weight();
    const { exitCode, events } = await actor.events(["weight", DB2, "7", "--haproxy", "lb1", "--yes"]);
    expect(exitCode).toBe(0);
    expect(events.map(({ type }) => type)).toEqual(["plan", "step", "step", "end"]);
    expect(await weight()).toMatch(/^7 /);
    expect((await actor.run(["undo", "--yes"])).exitCode).toBe(0);
    expect(await weight()).toBe(before);
  });

  it("--dry-run is silent: MariaDB's general log has nothing but reading, HAProxy's servers are as they were", async () => {
    const db3 = lab.node("db3");
    const log = join(lab.dir, "general.log");
    await db3.query(`SET GLOBAL general_log_file='${log}'`);
    await db3.query("SET GLOBAL general_log=1");
    const state = () => sendCommand(lab.haproxy().socketPath, "show servers state");
    const stable = (text: string) => text.replaceAll(/^((?:\S+ ){9})\S+/gm, "$1-");
    const before = stable(await state());
    try {
      for (const args of [
        ["drain", "db3"],
        ["maint", "db3"],
        ["ready", "db3"],
        ["weight", "db3", "3"],
        ["shutdown-sessions", "db3"],
        ["replica", "stop", "db3"],
        ["read-only", "off", "db3", "--force"],
      ]) {
        const { exitCode, out, err } = await actor.run([...args, "--dry-run"]);
        expect([0, 4], `${args.join(" ")}: ${out}${err}`).toContain(exitCode);
        expect(out).toMatch(/set server|shutdown sessions|STOP SLAVE|SET GLOBAL|nothing|no command/i);
      }
    } finally {
      await db3.query("SET GLOBAL general_log=0");
    }
    const statements = readFileSync(log, "utf8")
      .split("\n")
      .flatMap((line) => /\tQuery\t|\s(?:Query|Execute|Prepare)\s+(.*)$/.exec(line)?.[1] ?? [])
      .filter((statement) => !statement.includes("general_log"));
    expect(statements.length).toBeGreaterThan(5);
    const allowed =
      /^\s*(\/\*.*?\*\/\s*)?(SELECT|SHOW|SET (SESSION|NAMES|@@session)|START TRANSACTION|COMMIT|ROLLBACK)\b/i;
    expect(statements.filter((statement) => !allowed.test(statement))).toEqual([]);
    expect(statements.filter((statement) => /GET_LOCK|FOR UPDATE|GLOBAL\s+read_only/i.test(statement))).toEqual([]);
    expect(stable(await state())).toBe(before);
  });

  it("read_only: true in the configuration refuses every changing command: exit code 64, nothing sent", async () => {
    const file = join(lab.dir, "read-only.yaml");
    writeFileSync(file, `read_only: true\n${readFileSync(lab.configPath, "utf8")}`, { mode: 0o600 });
    for (const args of [
      ["drain", "db2"],
      ["maint", "db2"],
      ["ready", "db2"],
      ["weight", "db2", "3"],
      ["shutdown-sessions", "db2"],
      ["replica", "stop", "db2"],
      ["replica", "start", "db2"],
      ["read-only", "off", "db2"],
      ["read-only", "on", "db1"],
      ["kill-session", "db2", "1"],
      ["undo"],
      ["resume"],
    ]) {
      const { exitCode, out, err } = await actor.run([...args, "--yes", "--force"], file);
      expect({ args, exitCode, out }).toEqual({ args, exitCode: 64, out: "" });
      expect(err).toContain(`read_only is true in ${file}; nothing was sent`);
    }
    expect(await stateOf(DB2)).toBe("ready");
  });

  it.each([
    [["drain", "bd2"], /There is no node "bd2": did you mean db2/],
    [["drain", "read_nodes/db9"], /There is no server "read_nodes\/db9"/],
    [["drain", "db2;disable server read_nodes/db3"], /cannot be a target/],
    [["drain", "db2\nshow info"], /"db2\\nshow info" cannot be a target/],
    [["drain", "db2", "--haproxy", "lb7"], /There is no HAProxy "lb7"/],
    [["replica", "stop", "read_nodes/db2"], /acts on a node: give db2/],
  ])("%j: one clear line, exit code 64", async (args, message) => {
    const { exitCode, out, err } = await actor.run([...args, "--yes"]);
    expect({ exitCode, out }).toEqual({ exitCode: 64, out: "" });
    expect(err.trimEnd()).toMatch(/^signalbox: [^\n]*$/);
    expect(err).toMatch(message);
  });
});
