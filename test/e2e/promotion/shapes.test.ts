import { expect, it } from "vitest";
import { describeEngine } from "../../lab/describe-engine.ts";
import { findViolations, hasMore, type Lab, type LabOptions, startLab, waitFor } from "../../lab/index.ts";
import { labStatements } from "../../lab/statements.ts";
import { Actor, adminState } from "../act-runner.ts";
import { succeed, underLoad } from "./under-load.ts";

const servers = [
  { engine: "mariadb-10.11", haproxyEngine: "haproxy-2.6" },
  { engine: "mysql-9.7", haproxyEngine: "haproxy-3.2" },
] as const;

for (const server of servers) {
  describeEngine([server.engine, server.haproxyEngine], `promotion of other shapes on ${server.engine}`, () => {
    async function withLab(options: LabOptions, work: (lab: Lab, actor: Actor) => Promise<void>): Promise<void> {
      const lab = await startLab({ ...server, ...options });
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

    // The same on both, and the proof takes its time.
    if (server.engine === "mariadb-10.11")
      it("a primary that hangs is no dead one: refused, --force or not, until its replicas have noticed", {
        timeout: 180_000,
      }, async () => {
        await withLab({ topology: "r1" }, async (lab, actor) => {
          const [db1, ...replicas] = lab.nodes;
          if (db1 === undefined) throw new Error("R1 has no nodes");
          const failover = ["promote", "db2", "--failover", "--yes"];
          await db1.freeze();
          const early = await actor.run([...failover, "--force"]);
          expect(early.out).toMatch(/BLOCK +death-proof, db1: .*accepted.*said nothing/);
          expect(early.exitCode, early.out).toBe(4);
          db1.thaw();
          // R1 never takes a server back by itself.
          await lab.haproxy("lb1").command("set server write_nodes/db1 health up");
          // The default of a minute is too long to wait for here.
          await Promise.all(replicas.map((node) => node.setNetTimeout(2)));
          let frozenAtMs = 0;
          const summary = await underLoad(lab, async () => {
            await db1.freeze();
            frozenAtMs = Date.now();
            await waitFor("every replica to notice", async () => {
              const statuses = await Promise.all(replicas.map((node) => node.replicaStatus()));
              return statuses.every(
                (status, index) => status?.[labStatements[replicas[index]?.flavor ?? "mysql"].columns.io] !== "Yes",
              );
            });
            await succeed(actor, ...failover.slice(0, 3), "--force");
          });
          const expected = { primary: "db2", gone: ["db1"], killedAtMs: frozenAtMs };
          expect(await findViolations(lab, expected, summary)).toEqual([]);
          db1.thaw();
          // It is writable as ever, and nobody is led to it.
          const later = await underLoad(lab, async () => {});
          expect(await findViolations(lab, expected, later)).toEqual([]);
          expect(await adminState(lab, "lb1", "write_nodes/db1")).toBe("maint");
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
}
