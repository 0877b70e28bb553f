import { afterAll, beforeAll, expect, it } from "vitest";
import { describeEngine } from "../../lab/describe-engine.ts";
import {
  findViolations,
  hasMore,
  type Lab,
  type LabOptions,
  type Positioning,
  type ServerEngineName,
  startLab,
  startTraffic,
  type TrafficSummary,
  waitFor,
} from "../../lab/index.ts";
import { Actor, adminState } from "../act-runner.ts";
import { findJournalViolations, listOperations } from "./journal-check.ts";
import { findTraces } from "./silent.ts";

/** Writes through HAProxy while `work` runs, and some rows before and after it. */
async function underLoad(lab: Lab, work: () => Promise<void>): Promise<TrafficSummary> {
  const traffic = startTraffic({ port: lab.writePort, writers: 4, rate: 200 });
  try {
    await waitFor("rows before it", () => traffic.summary().acknowledged.length > 50);
    await work();
    const { length } = traffic.summary().acknowledged;
    await waitFor("rows after it", () => traffic.summary().acknowledged.length > length + 50);
  } finally {
    await traffic.stop();
  }
  return traffic.summary();
}

const succeed = async (actor: Actor, ...args: string[]) => {
  const outcome = await actor.run([...args, "--yes"]);
  expect(outcome.exitCode, `${args.join(" ")}: ${outcome.out}${outcome.err}`).toBe(0);
  return outcome;
};

interface Variant {
  readonly engine: ServerEngineName;
  readonly haproxy: "haproxy-2.6" | "haproxy-3.0" | "haproxy-3.2";
  readonly positioning: Positioning;
  /** The primary is killed, too: not everywhere, since the proof of its death takes five seconds. */
  readonly failover: boolean;
}

const variants: readonly Variant[] = [
  { engine: "mariadb-10.11", haproxy: "haproxy-2.6", positioning: "gtid", failover: true },
  { engine: "mariadb-10.11", haproxy: "haproxy-2.6", positioning: "file", failover: true },
  { engine: "mysql-9.7", haproxy: "haproxy-3.2", positioning: "gtid", failover: true },
  { engine: "mysql-9.7", haproxy: "haproxy-3.2", positioning: "file", failover: true },
  { engine: "mariadb-11.8", haproxy: "haproxy-3.0", positioning: "gtid", failover: false },
  { engine: "mysql-5.6", haproxy: "haproxy-2.6", positioning: "gtid", failover: true },
  { engine: "mysql-5.6", haproxy: "haproxy-2.6", positioning: "file", failover: false },
];

for (const { engine, haproxy, positioning, failover } of variants) {
  describeEngine([engine, haproxy], `promotion on R1 by ${positioning}`, () => {
    let lab: Lab;
    let actor: Actor;
    const options: LabOptions = { topology: "r1", engine, haproxyEngine: haproxy, positioning };

    beforeAll(async () => {
      lab = await startLab({ ...options, writerBackups: ["db2", "db3"] });
      actor = new Actor(lab);
    });
    afterAll(() => lab?.stop());

    it("--dry-run shows the whole plan and changes nothing", async () => {
      const traces = await findTraces(lab, async () => {
        const { exitCode, out } = await actor.run(["promote", "db2", "--dry-run"]);
        expect(out).toMatch(/read_only/);
        expect(out).toContain("set server write_nodes/db1 state maint");
        expect(out).toContain("set server write_nodes/db2 state ready");
        expect(exitCode, out).toBe(0);
      });
      expect(traces).toEqual([]);
    });

    it("moves the writes there and back under load: nothing lost, one writer, everybody follows", async () => {
      const away = await underLoad(lab, async () => {
        const { out } = await succeed(actor, "promote", "db2", "--json");
        const events = out
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line) as Record<string, unknown>);
        expect(JSON.stringify(events.at(-1))).toMatch(/"gapMs":[\d.]+/);
      });
      expect(await findViolations(lab, { primary: "db2" }, away)).toEqual([]);
      expect(await adminState(lab, "lb1", "write_nodes/db1")).toBe("maint");
      // The third server would be first in line if it were left in.
      expect(await adminState(lab, "lb1", "write_nodes/db3")).toBe("maint");
      const back = await underLoad(lab, async () => {
        await succeed(actor, "promote", "db1");
      });
      expect(await findViolations(lab, { primary: "db1" }, back)).toEqual([]);
      const secrets = [lab.accounts.repl.password, lab.accounts.ops.password];
      const journals = listOperations(actor.stateDir);
      expect(journals.flatMap((id) => findJournalViolations(actor.stateDir, id, secrets))).toEqual([]);
    });

    if (!failover) return;
    it("goes on without a primary that was killed, and takes it back as a replica", async () => {
      let killedAtMs = 0;
      const summary = await underLoad(lab, async () => {
        await lab.node("db1").kill();
        killedAtMs = Date.now();
        await succeed(actor, "promote", "db3", "--failover");
      });
      expect(await findViolations(lab, { primary: "db3", gone: ["db1"], killedAtMs }, summary)).toEqual([]);
      expect(await adminState(lab, "lb1", "write_nodes/db2")).toBe("maint");
      // As its supervisor would: writable, as its configuration has it.
      await lab.node("db1").start();
      await lab.node("db1").setReadOnly(false);
      if (await hasMore(lab.node("db1"), lab.node("db3"))) {
        // Replication does not wait for replicas: what was committed in the last instant never left it, and must not be brought back.
        const { exitCode, out } = await actor.run(["rejoin", "db1", "--yes"]);
        expect(out).toMatch(/rejoin-contained/);
        expect(exitCode).toBe(4);
        return;
      }
      await succeed(actor, "rejoin", "db1");
      expect(await findViolations(lab, { primary: "db3", killedAtMs }, summary)).toEqual([]);
    });
  });
}

describeEngine(["mariadb-10.11", "haproxy-2.6"], "promotion of other shapes", () => {
  async function withLab(options: LabOptions, work: (lab: Lab, actor: Actor) => Promise<void>): Promise<void> {
    const lab = await startLab(options);
    try {
      await work(lab, new Actor(lab));
    } finally {
      await lab.stop();
    }
  }

  it.each(["gtid", "file"] as const)(
    "R3 by %s: there and back, the passive side writable at first",
    async (positioning) => {
      await withLab({ topology: "r3", positioning }, async (lab, actor) => {
        for (const to of ["db2", "db1"]) {
          const summary = await underLoad(lab, async () => {
            await succeed(actor, "promote", to);
          });
          const other = to === "db1" ? "db2" : "db1";
          // The new primary follows the old one still; only the other is asked for.
          expect(await findViolations(lab, { primary: to, below: { [other]: to } }, summary)).toEqual([]);
        }
      });
    },
  );

  it("R4: takes one side out of the writes and back in", async () => {
    await withLab({ topology: "r4" }, async (lab, actor) => {
      const out = await underLoad(lab, async () => {
        await succeed(actor, "promote", "db2");
      });
      expect(await findViolations(lab, { primary: "db2" }, out)).toEqual([]);
      await succeed(actor, "rejoin", "db1");
      const summary = await underLoad(lab, async () => {});
      expect(summary.acknowledged.length).toBeGreaterThan(50);
      for (const { name } of lab.haproxies) {
        expect(await adminState(lab, name, "mysql_cluster/db1")).toBe("ready");
        expect(await adminState(lab, name, "mysql_cluster/db2")).toBe("ready");
      }
    });
  });

  it.each(["gtid", "file"] as const)(
    "R3 by %s without the active side, which comes back and follows",
    async (positioning) => {
      await withLab({ topology: "r3", positioning }, async (lab, actor) => {
        let killedAtMs = 0;
        const summary = await underLoad(lab, async () => {
          await lab.node("db1").kill();
          killedAtMs = Date.now();
          await succeed(actor, "promote", "db2", "--failover");
        });
        expect(await findViolations(lab, { primary: "db2", gone: ["db1"], killedAtMs }, summary)).toEqual([]);
        await lab.node("db1").start();
        if (await hasMore(lab.node("db1"), lab.node("db2"))) {
          expect((await actor.run(["rejoin", "db1", "--yes"])).exitCode).toBe(4);
          return;
        }
        await succeed(actor, "rejoin", "db1");
        expect(await findViolations(lab, { primary: "db2", killedAtMs }, summary)).toEqual([]);
      });
    },
  );

  it("a failover fetches from the replica that has received most what the candidate lacks", async () => {
    await withLab({ topology: "r1", writerBackups: ["db2", "db3"] }, async (lab, actor) => {
      const [db1, db2, db3] = [lab.node("db1"), lab.node("db2"), lab.node("db3")];
      await db2.stopReceiver();
      await db1.query("INSERT INTO shop.orders (writer, seq) VALUES (77, 1)");
      const has = async (node: typeof db2) =>
        (await node.query("SELECT 1 FROM shop.orders WHERE writer=77")).length > 0;
      await waitFor("db3 to have the row", () => has(db3));
      await db1.kill();
      await succeed(actor, "promote", "db2", "--failover");
      expect(await has(db2)).toBe(true);
      expect(await findViolations(lab, { primary: "db2", gone: ["db1"] }, { acknowledged: [] })).toEqual([]);
    });
  });

  it("a primary that hangs is no dead one: refused, and with --force fenced by HAProxy first", async () => {
    await withLab({ topology: "r1" }, async (lab, actor) => {
      await lab.node("db1").freeze();
      const { exitCode, out, err } = await actor.run(["promote", "db2", "--failover", "--yes"]);
      expect(`${out}${err}`).toMatch(/db1.*(hang|says nothing|accepts)/i);
      expect(exitCode).toBe(4);
      lab.node("db1").thaw();
    });
  });

  it("a tree: the relay becomes primary and keeps its leaves", async () => {
    await withLab({ topology: "tier" }, async (lab, actor) => {
      const summary = await underLoad(lab, async () => {
        await succeed(actor, "promote", "db2");
      });
      expect(await findViolations(lab, { primary: "db2" }, summary)).toEqual([]);
    });
  });

  it("two HAProxies are changed alike", async () => {
    await withLab({ topology: "r1", haproxies: 2 }, async (lab, actor) => {
      const summary = await underLoad(lab, async () => {
        await succeed(actor, "promote", "db2");
      });
      expect(await findViolations(lab, { primary: "db2" }, summary)).toEqual([]);
    });
  });
});
