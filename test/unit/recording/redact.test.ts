import { describe, expect, it } from "vitest";
import type { ClientSession } from "../../../src/model/mysql.ts";
import type { ClusterSnapshot } from "../../../src/model/snapshot.ts";
import { buildGuard, buildPlan, buildProgress, buildPromotionProgress } from "../../support/plans.ts";
import { buildRequest } from "../../support/requests.ts";
import { buildAlert, buildChannel, buildNode, fresh, START } from "../../support/snapshots.ts";
import { at, readAll, record, seen, type Told } from "./support.ts";

const CANARY = "SELECT canary FROM secrets";
const SQL_ERROR = `Error 'Duplicate entry' on query. Default database: 'shop'. Query: '${CANARY} WHERE a="b\\"c"'`;

const session: ClientSession = {
  id: 7,
  user: "app",
  host: "10.0.0.9:51000",
  database: "shop",
  command: "Query",
  seconds: 3,
  state: "executing",
  query: CANARY,
  system: false,
};

const cluster: Partial<ClusterSnapshot> = {
  nodes: [buildNode("db2", { channels: [buildChannel("db1", { sqlError: { code: 1062, message: SQL_ERROR } })] })],
  alerts: [buildAlert({ message: `db2: ${SQL_ERROR}` })],
};

const longWork = (text: string) =>
  `On db1, session 7 of app@10.0.0.9 (shop) has been running a statement for 35 s (12 rows not committed): ${text}`;

const plan = buildPlan(buildRequest({ command: "promote", targets: ["db2"] }), {
  cluster: "shop",
  guards: [buildGuard({ guard: "long-work", message: longWork(CANARY) })],
});
const blocker = { node: "db1", sessionId: 7, account: "app@10.0.0.9", seconds: 3, query: CANARY };
const progress = buildProgress(plan, {
  promotion: buildPromotionProgress({ blockers: [blocker] }),
  summary: longWork(CANARY),
});

const events: readonly (Told | ReturnType<typeof seen>)[] = [
  seen(at(0, cluster)),
  {
    now: 1,
    event: { type: "sessions", report: { cluster: "shop", node: "db1", reading: fresh([session], "db1") } },
  },
  { now: 2, event: { type: "operation", progress } },
  { now: 3, event: { type: "log", at: START + 3_000, line: `db2: ${SQL_ERROR}` } },
  seen(at(4, cluster, { changes: [{ ...changed(), after: SQL_ERROR }] })),
];

function changed() {
  return { at: START, cluster: "shop", kind: "replication", severity: "warning", subject: "db2", before: "" } as const;
}

async function tellAll(withQueries: boolean): Promise<string> {
  const recording = await record(events, withQueries);
  const groups = await Promise.all(recording.groups.map((group) => recording.readGroup(group)));
  const sessions = groups.flat().map((frame) => frame.sessions);
  return JSON.stringify([await readAll(recording), sessions, recording.notes]);
}

describe("values of rows that servers quote in errors of appliers", () => {
  // Words of MariaDB 10.11 and MySQL 9.7; what stands around a value has to stay.
  it.each([
    [
      "Could not execute Write_rows_v1 event on table shop.users; Duplicate entry 'canary@x' for key 'email', Error_code: 1062; handler error HA_ERR_FOUND_DUPP_KEY; the event's master log mysql-bin.000001, end_log_pos 547",
      "Could not execute Write_rows_v1 event on table shop.users; Duplicate entry '(left out)' for key 'email', Error_code: 1062; handler error HA_ERR_FOUND_DUPP_KEY; the event's master log mysql-bin.000001, end_log_pos 547",
    ],
    [
      "Error 'Duplicate entry 'it's \"canary' for key 'a-canary' for key 'users.email'' on query. Default database: 'shop'.",
      "Error 'Duplicate entry '(left out)' for key 'users.email'' on query. Default database: 'shop'.",
    ],
    ["Duplicate entry 'canary that is cut o", "Duplicate entry '(left out)"],
    [
      "Error 'Incorrect integer value: 'canary' for column `shop`.`orders`.`seq` at row 1' on query.",
      "Error 'Incorrect integer value: '(left out)' for column `shop`.`orders`.`seq` at row 1' on query.",
    ],
    [
      "Truncated incorrect DOUBLE value: 'canary', Error_code: 1292",
      "Truncated incorrect DOUBLE value: '(left out)', Error_code: 1292",
    ],
    [
      "Error 'You have an error in your SQL syntax; check the manual for the right syntax to use near 'VALUES ('canary')' at line 1' on query.",
      "Error 'You have an error in your SQL syntax; check the manual for the right syntax to use near '(left out)' at line 1' on query.",
    ],
    [
      "Error 'BIGINT UNSIGNED value is out of range in '(`shop`.`orders`.`seq` - canary)'' on query. Default database: 'shop'.",
      "Error 'BIGINT UNSIGNED value is out of range in '(left out)'' on query. Default database: 'shop'.",
    ],
    [
      "Foreign key constraint for table 'orders', record 'canary-1' would lead to a duplicate entry in table 'lines', key 'PRIMARY'",
      "Foreign key constraint for table 'orders', record '(left out)' would lead to a duplicate entry in table 'lines', key 'PRIMARY'",
    ],
    [
      "Table has no partition for value canary, Error_code: 1526",
      "Table has no partition for value (left out), Error_code: 1526",
    ],
    ["Can't find record in 'orders', Error_code: 1032", "Can't find record in 'orders', Error_code: 1032"],
  ])("%s", async (said, told) => {
    const message = `db2: the applier is stopped. Error 1: ${said}`;
    const about = { ...cluster, alerts: [buildAlert({ message })] };
    const change = { ...changed(), after: message };
    const all = [seen(at(0, about)), seen(at(1, about, { changes: [change] }))];
    const recording = await record(all, false);
    const text = JSON.stringify([await readAll(recording), recording.notes]);
    expect(text).not.toContain("canary");
    expect(recording.notes.changes[0]?.value.after).toBe(`db2: the applier is stopped. Error 1: ${told}`);
    const whole = await record(all, true);
    expect(whole.notes.changes[0]?.value.after).toBe(message);
  });
});

describe("texts of statements", () => {
  it("are left out of sessions, errors of appliers, guards, summaries, blockers, changes and the log", async () => {
    const told = await tellAll(false);
    expect(told).not.toContain("canary");
    // What is around them stays, to the end of the text and no further.
    expect(told).toContain("Default database: 'shop'. Query: (left out)");
    expect(told).toContain("(12 rows not committed): (statement left out)");
    expect(told).toContain('"account":"app@10.0.0.9"');
    expect(told).toContain("executing");
  });

  it("are there when they are asked for", async () => {
    const told = await tellAll(true);
    expect(told.split("canary").length - 1).toBeGreaterThanOrEqual(7);
  });
});
