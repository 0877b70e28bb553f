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
  waitFor,
} from "../../lab/index.ts";
import { Actor, adminState } from "../act-runner.ts";
import { findJournalViolations, listOperations } from "./journal-check.ts";
import { findTraces } from "./silent.ts";
import { succeed, underLoad } from "./under-load.ts";

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

/** Nothing can be fetched from another replica without GTIDs: a failover to one of them is for when all have received the same. */
async function settle(lab: Lab): Promise<void> {
  const [primary, ...replicas] = lab.nodes;
  if (primary === undefined) throw new Error("R1 has no nodes");
  await primary.setReadOnly(true);
  await waitFor("every replica to have what the primary wrote", async () => {
    const lacking = await Promise.all(replicas.map((node) => hasMore(primary, node)));
    return !lacking.includes(true);
  });
}

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
        // What is left to people, in the words of the file this HAProxy runs with.
        expect(out).toMatch(/- (server db1 .+)\n +\+ \1 backup\n/);
        expect(out).toMatch(/- (server db2 .+) backup\n +\+ \1\n/);
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
        if (positioning === "file") await settle(lab);
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
