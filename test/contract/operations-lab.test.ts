import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createConnection } from "mysql2/promise";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { createInProcessEngine } from "../../src/engine/in-process.ts";
import { openJournal, openOperations } from "../../src/engine/operations.ts";
import type { EngineEvent } from "../../src/engine/protocol.ts";
import type { CommandRequest } from "../../src/model/operation.ts";
import type { Settings } from "../../src/model/settings.ts";
import type { Operations, RunOptions } from "../../src/operations/operations.ts";
import { describeEngine } from "../lab/describe-engine.ts";
import { type Lab, startLab, waitFor } from "../lab/index.ts";
import { buildRequest } from "../support/requests.ts";
import { settingsOf } from "./support/lab-settings.ts";

type Ask = Partial<CommandRequest> & Pick<CommandRequest, "command">;

describeEngine(["mariadb-10.11", "haproxy-2.6"], "operations over R1 and two HAProxies on real servers", () => {
  let lab: Lab;
  let stateDir: string;
  let operations: Operations;

  beforeAll(async () => {
    lab = await startLab({ topology: "r1", haproxies: 2 });
  });
  afterAll(() => lab.stop());
  beforeEach(() => {
    stateDir = mkdtempSync(join(tmpdir(), "sbx-ops-"));
    operations = open(settingsOf(lab));
  });
  afterEach(async () => {
    await operations.close();
    rmSync(stateDir, { recursive: true, force: true });
    for (const lb of lab.haproxies) {
      for (const server of [
        "write_nodes/db1",
        "write_nodes/db2",
        "read_nodes/db2",
        "read_nodes/db3",
        "read_nodes/db4",
      ]) {
        await lb.command(`set server ${server} state ready`);
      }
    }
  });

  function open(settings: Settings): Operations {
    const opened = openOperations(settings, { env: { SIGNALBOX_STATE_DIR: stateDir } });
    if (opened === null) throw new Error("operations are missing although not read-only");
    return opened;
  }

  /** Settings in which lb2 is reached by a socket that refuses changes. */
  function withOperatorSocket(): Settings {
    const settings = settingsOf(lab);
    const path = lab.haproxy("lb2").operatorSocketPath;
    const clusters = settings.clusters.map((cluster) => ({
      ...cluster,
      haproxies: cluster.haproxies.map((each) =>
        each.name === "lb2" ? { ...each, location: { kind: "unix", path } as const } : each,
      ),
    }));
    return { ...settings, clusters };
  }

  const statusOf = async (server: string, haproxy = "lb1") => {
    const [backend, name] = server.split("/");
    const stat = await lab.haproxy(haproxy).command("show stat -1 4 -1");
    const rows = stat.split("\n").map((line) => line.split(","));
    return rows.find((fields) => fields[0] === backend && fields[1] === name)?.[17]?.replace(/ \d+\/\d+$/, "");
  };
  const both = async (server: string) => [await statusOf(server, "lb1"), await statusOf(server, "lb2")];
  const run = async (request: Ask, options: RunOptions = {}) =>
    operations.run(await operations.plan(buildRequest(request)), options);

  it("drains on both, keeps it in the journal, and undo brings both back", async () => {
    const drained = await run({ command: "drain", targets: ["read_nodes/db2"] });
    expect(drained).toMatchObject({ state: "done", refusals: [] });
    expect(await both("read_nodes/db2")).toEqual(["DRAIN", "DRAIN"]);
    const undone = await run({ command: "undo", operationId: drained.id });
    expect(undone.state).toBe("done");
    expect(await both("read_nodes/db2")).toEqual(["UP", "UP"]);
    expect((await operations.journal.show(drained.id))?.undoneBy).toBe(undone.id);
  });

  it("undo brings back drain, not ready, where it was drained before", async () => {
    await lab.haproxy("lb1").command("set server read_nodes/db2 state drain");
    const maint = await run({ command: "maint", targets: ["read_nodes/db2"] });
    expect(await both("read_nodes/db2")).toEqual(["MAINT", "MAINT"]);
    await run({ command: "undo", operationId: maint.id });
    expect(await both("read_nodes/db2")).toEqual(["DRAIN", "UP"]);
  });

  it("sets a weight, also of a drained server, and undo brings the old one back", async () => {
    await lab.haproxy("lb1").command("set server read_nodes/db2 state drain");
    const set = await run({ command: "weight", targets: ["read_nodes/db2"], weight: 50 });
    expect(set.state).toBe("done");
    expect(await lab.haproxy("lb1").command("get weight read_nodes/db2")).toContain("50 (initial 1)");
    await run({ command: "undo", operationId: set.id });
    expect(await lab.haproxy("lb1").command("get weight read_nodes/db2")).toContain("1 (initial 1)");
  });

  it("refuses by level before anything is sent when one socket cannot change anything", async () => {
    await operations.close();
    operations = open(withOperatorSocket());
    const refused = await run({ command: "drain", targets: ["read_nodes/db2"] });
    expect(refused).toMatchObject({ state: "refused" });
    expect(refused.refusals.map(({ guard, subject }) => `${guard} ${subject}`)).toEqual(["level lb2"]);
    expect(await both("read_nodes/db2")).toEqual(["UP", "UP"]);
    const one = await run({ command: "drain", targets: ["read_nodes/db2"], haproxy: "lb1" });
    expect(one.state).toBe("done");
    expect(await both("read_nodes/db2")).toEqual(["DRAIN", "UP"]);
  });

  it("refuses the last reader and the active writer with the reason", async () => {
    await run({ command: "drain", targets: ["read_nodes/db2", "read_nodes/db3"] });
    const last = await run({ command: "drain", targets: ["read_nodes/db4"] });
    expect(last.state).toBe("refused");
    expect(last.summary).toContain("db4 is the last usable server of read_nodes on lb1");
    const writer = await run({ command: "drain", targets: ["write_nodes/db1"], force: true });
    expect(writer.state).toBe("refused");
    expect(writer.summary).toContain("db2 is read-only, every write would fail");
    expect(await both("write_nodes/db1")).toEqual(["UP", "UP"]);
  });

  it("counts a HAProxy that hangs as unknown, within its time, and --force leaves it out", async () => {
    await lab.haproxy("lb2").freeze();
    try {
      const started = performance.now();
      const refused = await run({ command: "drain", targets: ["read_nodes/db2"] });
      expect(performance.now() - started).toBeLessThan(6_000);
      expect(refused.refusals.map(({ guard }) => guard)).toEqual(["haproxy-readable"]);
      const forced = await run({ command: "drain", targets: ["read_nodes/db2"], force: true });
      expect(forced.state).toBe("done");
    } finally {
      lab.haproxy("lb2").thaw();
    }
    expect(await both("read_nodes/db2")).toEqual(["DRAIN", "UP"]);
  });

  it("takes back what lb1 took when lb2 dies between the plan and the change", async () => {
    const plan = await operations.plan(buildRequest({ command: "drain", targets: ["read_nodes/db2"] }));
    const progress = await operations.run(plan, {
      onProgress({ steps }) {
        // Frozen after the last look before the change: its outcome cannot be read in time.
        if (steps.some(({ outcome }) => outcome === "running")) void lab.haproxy("lb2").freeze();
      },
    });
    lab.haproxy("lb2").thaw();
    // Either lb2 took it in time or not: never half-way without saying so.
    if (progress.state === "done") expect(await both("read_nodes/db2")).toEqual(["DRAIN", "DRAIN"]);
    else {
      expect(await statusOf("read_nodes/db2", "lb1")).toBe("UP");
      if (progress.state === "unfinished") {
        expect(progress.summary).toContain("read_nodes/db2 on lb2");
        await run({ command: "undo", operationId: progress.id }).catch(() => {});
      }
    }
  });

  it("stops and starts replication, whole and by thread, and reads it back", async () => {
    const status = async () => {
      const [row] = (await lab.node("db4").query("SHOW REPLICA STATUS")) as unknown as Record<string, string>[];
      return [row?.Slave_IO_Running, row?.Slave_SQL_Running];
    };
    const stopped = await run({ command: "replica-stop", targets: ["db4"], thread: "sql" });
    expect(stopped).toMatchObject({ state: "done" });
    expect(await status()).toEqual(["Yes", "No"]);
    const undone = await run({ command: "undo", operationId: stopped.id });
    expect(undone.state).toBe("done");
    expect(await status()).toEqual(["Yes", "Yes"]);
    await run({ command: "replica-stop", targets: ["db4"] });
    await run({ command: "replica-start", targets: ["db4"] });
    expect((await status())[1]).toBe("Yes");
  });

  it("makes a node read-only and opens it again, as read from the server", async () => {
    const isReadOnly = async () => {
      const [row] = (await lab.node("db1").query("SELECT @@global.read_only AS value")) as unknown as {
        value: number;
      }[];
      return Number(row?.value);
    };
    const closed = await run({ command: "read-only-on", targets: ["db1"], force: true });
    expect(closed).toMatchObject({ state: "done" });
    expect(await isReadOnly()).toBe(1);
    const opened = await run({ command: "undo", operationId: closed.id });
    expect(opened).toMatchObject({ state: "done" });
    expect(await isReadOnly()).toBe(0);
  });

  it("kills one client session and leaves the others", async () => {
    const { user, password } = lab.accounts.app;
    const connect = () => createConnection({ host: "127.0.0.1", port: lab.node("db1").port, user, password });
    const [victim, other] = await Promise.all([connect(), connect()]);
    for (const each of [victim, other]) each.on("error", () => {});
    const killed = await run({ command: "kill-session", targets: ["db1"], sessionId: victim.threadId });
    expect(killed).toMatchObject({ state: "done" });
    await expect(victim.query("SELECT 1")).rejects.toThrow();
    await expect(other.query("SELECT 1")).resolves.toBeDefined();
    other.destroy();
    const gone = await run({ command: "kill-session", targets: ["db1"], sessionId: victim.threadId });
    expect(gone.refusals.map(({ guard }) => guard)).toEqual(["client-session"]);
  });

  it("holds the lock of the cluster while a disruptive plan runs; the other one is told who", async () => {
    await run({ command: "drain", targets: ["read_nodes/db2"] });
    const plan = await operations.plan(buildRequest({ command: "undo" }));
    const other = open(settingsOf(lab));
    try {
      let refusal: Promise<string> | null = null;
      await operations.run(plan, {
        onProgress({ steps }) {
          if (refusal !== null || !steps.some(({ outcome }) => outcome === "running")) return;
          refusal = other
            .plan(buildRequest({ command: "shutdown-sessions", targets: ["read_nodes/db3"] }))
            .then((second) => other.run(second))
            .then(({ summary }) => summary);
        },
      });
      expect(refusal).not.toBeNull();
      // It may have come after the release: then it was free to run, and said so.
      expect(await refusal).toMatch(/holds the lock signalbox:shop on db\d|done and verified/);
    } finally {
      await other.close();
    }
  });

  it("waits until every session has left, and cuts them when told to at the deadline", async () => {
    const { user, password } = lab.accounts.app;
    const client = { host: "127.0.0.1", port: lab.readPort, user, password };
    // Round robin: three connections reach all three readers.
    const clients = await Promise.all([1, 2, 3].map(() => createConnection(client)));
    for (const each of clients) each.on("error", () => {});
    const asked: string[] = [];
    const drained = await run(
      { command: "drain", targets: ["read_nodes/db2"], waitMs: 1_000 },
      {
        decide: async ({ kind }) => {
          asked.push(kind);
          return "shutdown-sessions";
        },
      },
    );
    for (const each of clients) each.destroy();
    expect(drained.state).toBe("done");
    expect(drained.drain?.sessions).toBe(0);
    expect(asked).toEqual(["sessions-remain"]);
    expect(drained.steps.map(({ outcome }) => outcome)).toEqual(["done", "done", "done"]);
  });

  it("notices a reload during a drain and re-applies what was lost as one plan", async () => {
    const engine = createInProcessEngine({ ...settingsOf(lab), intervalMs: 300 }, undefined, {
      journal: openJournal({ SIGNALBOX_STATE_DIR: stateDir }),
      open: (settings, base) => openOperations(settings, { env: { SIGNALBOX_STATE_DIR: stateDir }, base }),
    });
    const events: EngineEvent[] = [];
    engine.subscribe((event) => events.push(event));
    const newest = () => events.findLast((event) => event.type === "snapshot");
    const snapshot = () => {
      const event = newest();
      return event?.type === "snapshot" ? event.snapshot.clusters[0] : undefined;
    };
    const answered = async (requestId: string) =>
      waitFor(
        `the plan ${requestId}`,
        () =>
          events.flatMap((event) =>
            event.type === "plan" && event.answer.requestId === requestId ? [event.answer] : [],
          )[0],
      );
    const runPlanned = async (requestId: string, request: Ask) => {
      engine.send({ type: "plan", requestId, request: buildRequest(request) });
      const { plan, refusal } = await answered(requestId);
      expect(refusal).toBeNull();
      engine.send({ type: "run", planId: plan?.id ?? "" });
      return waitFor(
        `the end of ${requestId}`,
        () =>
          events.flatMap((event) =>
            event.type === "operation" && event.progress.id === plan?.id && event.progress.endedAt !== null
              ? [event.progress]
              : [],
          )[0],
      );
    };
    try {
      await waitFor("a fresh picture", () => snapshot()?.nodes.every(({ reading }) => reading.state === "fresh"));
      expect((await runPlanned("p1", { command: "drain", targets: ["read_nodes/db3"] })).state).toBe("done");
      await waitFor("the drain to be seen", () =>
        snapshot()
          ?.nodes.find(({ name }) => name === "db3")
          ?.servers.every(({ server }) => server.state === "drain"),
      );
      await lab.haproxy("lb1").reload();
      const alert = await waitFor("haproxy-reloaded", () =>
        snapshot()?.alerts.find(
          ({ code, message }) => code === "haproxy-reloaded" && message.includes("read_nodes/db3 was drain"),
        ),
      );
      expect(alert.advice).toContain("re-apply");
      expect(await both("read_nodes/db3")).toEqual(["UP", "DRAIN"]);
      expect((await runPlanned("p2", { command: "reapply" })).state).toBe("done");
      expect(await both("read_nodes/db3")).toEqual(["DRAIN", "DRAIN"]);
      const forgotten = await waitFor("who did it", () =>
        snapshot()?.alerts.find(({ code, message }) => code === "forgotten-drain" && message.includes("did it at")),
      );
      expect(forgotten.message).toContain("operation ");
    } finally {
      await engine.stop();
    }
  });

  it("SIGKILL of the program in the middle of a plan over two HAProxies, then undo restores both", async () => {
    const script = join(import.meta.dirname, "support", "run-and-hang.ts");
    const child = spawn(process.execPath, ["--import", "tsx", script, lab.configPath], {
      env: { ...process.env, SIGNALBOX_STATE_DIR: stateDir },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const exited = once(child, "exit");
    await waitFor("the second group to be announced", () => {
      const file = existsSync(stateDir) ? readdirSync(stateDir)[0] : undefined;
      return file !== undefined && readFileSync(join(stateDir, file), "utf8").includes('"step":3,"phase":"intent"');
    });
    child.kill("SIGKILL");
    await exited;
    await operations.close();
    const settings = settingsOf(lab);
    operations = open({ ...settings, clusters: settings.clusters.map((each) => ({ ...each, name: "lab" })) });
    expect(await both("read_nodes/db2")).toEqual(["DRAIN", "DRAIN"]);
    const [record] = await operations.journal.unfinished("lab");
    expect(record?.state).toBe("interrupted");
    const undone = await run({ command: "undo", cluster: "lab" });
    expect(undone.state).toBe("done");
    expect(await both("read_nodes/db2")).toEqual(["UP", "UP"]);
    expect(await operations.journal.unfinished("lab")).toEqual([]);
  });

  it("a plan alone sends nothing to any server", async () => {
    await lab.node("db3").query("SET GLOBAL general_log = ON, GLOBAL log_output = 'TABLE'");
    await lab.node("db3").query("TRUNCATE mysql.general_log");
    await operations.plan(buildRequest({ command: "replica-stop", targets: ["db3"] }));
    await operations.plan(buildRequest({ command: "drain", targets: ["db3"] }));
    const rows = (await lab
      .node("db3")
      .query(
        "SELECT argument FROM mysql.general_log WHERE user_host LIKE '%ops%' AND command_type = 'Query'",
      )) as unknown as {
      argument: string | Buffer;
    }[];
    await lab.node("db3").query("SET GLOBAL general_log = OFF");
    const said = rows.map(({ argument }) => argument.toString());
    expect(said.length).toBeGreaterThan(0);
    expect(said.filter((sql) => !/^(SELECT|SHOW|SET (SESSION|NAMES))/i.test(sql))).toEqual([]);
    expect(await both("read_nodes/db3")).toEqual(["UP", "UP"]);
  });
});

describeEngine(["mariadb-10.11", "haproxy-2.6"], "a program started read-only", () => {
  it("has no operations at all", async () => {
    const lab = await startLab({ topology: "single" });
    try {
      expect(openOperations({ ...settingsOf(lab), readOnly: true })).toBeNull();
    } finally {
      await lab.stop();
    }
  });
});
