import { describe, expect, it } from "vitest";
import { formatPlan } from "../../../../src/cli/change/format-plan.ts";
import type { PromotionPlan } from "../../../../src/model/operation.ts";
import { buildPromotion, buildPromotionPlan } from "../../../support/plans.ts";
import { buildTestPlan } from "./support.ts";

const request = {
  ...buildTestPlan().request,
  command: "promote",
  targets: ["db2"],
  reason: "db1 needs a new disk",
  promotion: { failover: false, acceptLoss: false },
} as const;

const plain = (text: string) => text;

function format(width = 120, promotion: Partial<PromotionPlan> = {}) {
  const plan = buildPromotionPlan(request, { promotion: buildPromotion(promotion) });
  return formatPlan(plan, plain, width);
}

describe("the plan of a promotion", () => {
  it("is told whole: roles, budget, loss, sections, point of no return, way back, guards, what is left by hand", () => {
    expect(format().join("\n")).toMatchInlineSnapshot(`
      "Promote db2  (cluster shop, disruptive)
      Reason: db1 needs a new disk
      Planned switchover (MySQL GTIDs): db1 → db2, writer backend write_nodes
        Now                          Afterwards
        db1  primary, writable       db2  primary, writable
        ├─db2  replica, read-only    ├─db4  replica
        │ └─db4  replica             ├─db3  replica, read-only
        └─db3  replica, read-only    └─db1  replica, read-only
      Writes stop for at most 30 s; what takes longer is taken back up to the point of no return.
      Known loss: none.
        step  on   at most  if it fails        found                   command
      Before the write stop  (order: 1, then 2+3; those joined by + at the same time)
        1     db2  30 s     all is taken back                          SELECT WAIT_FOR_EXECUTED_GTID_SET('3e11fa47-71ca-11e1-9e33-c80aa9429562:1-4711', 30)
        2     lb1           all is taken back  ready                   set server write_nodes/db2 state maint
        3     lb2           all is taken back  ready                   set server write_nodes/db2 state maint
      Write stop: at most 30 s  (order: 4, then 5+6, then 7, then 8, then 9+10; those joined by + at the same time)
        4     db1  5 s      all is taken back  writable                SET GLOBAL super_read_only = 1
        5     lb1           all is taken back  ready                   set server write_nodes/db1 state maint
        6     lb2           all is taken back  ready                   set server write_nodes/db1 state maint
        7     db2  10 s     all is taken back                          SELECT WAIT_FOR_EXECUTED_GTID_SET('<stop>', 10)
        - - - point of no return: from here on nothing is taken back, the new primary may accept writes - - -
        8     db2           stops there        super_read_only         SET GLOBAL read_only = 0
        9     lb1           stops there        maint                   set server write_nodes/db2 state ready
        10    lb2           stops there        maint                   set server write_nodes/db2 state ready
      After it, writes flow again  (order: 11+12; those joined by + at the same time)
        11    db3  15 s     run goes on        follows 10.0.0.11:3306  CHANGE REPLICATION SOURCE TO SOURCE_HOST = '10.0.0.12', SOURCE_PORT = 3306, SOURCE_AUTO_POSITION = 1
              if it fails: lb1 set server read_nodes/db3 state maint
        12    db1  15 s     run goes on        follows 10.0.0.11:3306  CHANGE REPLICATION SOURCE TO SOURCE_HOST = '10.0.0.12', SOURCE_PORT = 3306, SOURCE_AUTO_POSITION = 1
              if it fails: lb1 set server read_nodes/db1 state maint
      Taken back when it fails, before step 8: what was done of these, in this order
        step  on   command
        4     db1  SET GLOBAL read_only = 0
        5     lb1  set server write_nodes/db1 state ready
        6     lb2  set server write_nodes/db1 state ready
        2     lb1  set server write_nodes/db2 state ready
        3     lb2  set server write_nodes/db2 state ready
      Guards
        WARN    newer-major, db2: db2 is MySQL 9.7, db1 is 8.4
                db1 cannot return as a replica.
        pass    one-primary, errant-transactions
      Left to do by hand
        lb1: its configuration still has db1 as the active server of write_nodes; a reload would bring it back
            server db2 10.0.0.12:3306 check
            server db1 10.0.0.11:3306 check backup"
    `);
  });

  it("has the trees one below the other where there is no room for both", () => {
    const lines = format(50);
    expect(lines.slice(lines.indexOf("  Now"), lines.indexOf("  Afterwards") + 3)).toEqual([
      "  Now",
      "  db1  primary, writable",
      "  ├─db2  replica, read-only",
      "  │ └─db4  replica",
      "  └─db3  replica, read-only",
      "  Afterwards",
      "  db2  primary, writable",
      "  ├─db4  replica",
    ]);
  });

  it("of a failover says what is lost, and that the old primary is dead", () => {
    const told = format(120, { mode: "failover", knownLoss: "4 transactions of db1 (…:4708-4711)\u001b[2J" }).join(
      "\n",
    );
    expect(told).toContain("FAILOVER, the old primary is dead (MySQL GTIDs): db1 → db2, writer backend write_nodes\n");
    expect(told).toContain("KNOWN LOSS: 4 transactions of db1 (…:4708-4711)\\e[2J\n");
  });

  it("of a rejoin says who follows whom, and nothing of a loss", () => {
    const told = format(120, { mode: "rejoin", from: "db1", to: "db2", writerBackend: null }).join("\n");
    expect(told).toContain("Rejoin (MySQL GTIDs): db1 follows db2\n");
    expect(told).not.toContain("loss");
  });

  it("of a cluster without a primary says so", () => {
    expect(format(120, { from: null, rolesBefore: [] }).join("\n")).toContain("nobody → db2");
  });

  it("prints nothing of a server as it came", () => {
    const hostile = "\u001b[2J\u202e\nserver";
    const promotion = buildPromotion({
      rolesAfter: [{ node: hostile, label: hostile, children: [] }],
      byHand: [{ code: "other", subject: hostile, message: hostile, lines: [hostile] }],
    });
    const plan = buildPromotionPlan(request, { promotion });
    for (const line of formatPlan(plan, plain, 120)) expect(line).not.toMatch(/[\u001b\u202e\n]/);
  });
});
