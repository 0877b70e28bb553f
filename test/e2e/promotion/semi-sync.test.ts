import { expect, it } from "vitest";
import { describeEngine } from "../../lab/describe-engine.ts";
import { findViolations, type LabNode, startLab } from "../../lab/index.ts";
import { Actor } from "../act-runner.ts";
import { succeed, underLoad } from "./under-load.ts";

/** Both sides as the node has them: does it wait for acknowledgements, and does it give them. */
async function sidesOf(node: LabNode) {
  const [row] = await node.query(
    "SELECT @@GLOBAL.rpl_semi_sync_master_enabled AS source, @@GLOBAL.rpl_semi_sync_slave_enabled AS replica",
  );
  return { source: Number(row?.source) === 1, replica: Number(row?.replica) === 1 };
}

async function countOf(node: LabNode, counter: string): Promise<number> {
  const [row] = await node.query(`SHOW GLOBAL STATUS LIKE '${counter}'`);
  return Number(row?.Value);
}

describeEngine(["mariadb-10.11", "haproxy-2.6"], "promotion with semi-synchronous replication", () => {
  it("moves the writes while every commit waits for a replica, and the waiting with them", async () => {
    const lab = await startLab({ topology: "r1", engine: "mariadb-10.11", haproxyEngine: "haproxy-2.6" });
    try {
      for (const node of lab.nodes) {
        await node.query("SET GLOBAL rpl_semi_sync_slave_enabled=1");
        // Whoever waited in vain would wait for ever.
        await node.query("SET GLOBAL rpl_semi_sync_master_timeout=3600000");
      }
      // A receiver asks for it when it connects.
      for (const node of lab.nodes.slice(1)) {
        await node.stopReceiver();
        await node.startReceiver();
      }
      const [db1, db2] = [lab.node("db1"), lab.node("db2")];
      await db1.query("SET GLOBAL rpl_semi_sync_master_enabled=1");
      const summary = await underLoad(lab, async () => {
        await succeed(new Actor(lab), "promote", "db2");
      });
      expect(await findViolations(lab, { primary: "db2" }, summary)).toEqual([]);
      expect(await sidesOf(db2)).toEqual({ source: true, replica: true });
      expect(await sidesOf(db1)).toEqual({ source: false, replica: true });
      for (const node of [db1, db2]) {
        expect(await countOf(node, "Rpl_semi_sync_master_yes_tx")).toBeGreaterThan(0);
        expect(await countOf(node, "Rpl_semi_sync_master_no_tx")).toBe(0);
      }
    } finally {
      await lab.stop();
    }
  });
});
