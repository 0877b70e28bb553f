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
  seen(at(4, cluster, { changes: [{ ...change(), after: SQL_ERROR }] })),
];

function change() {
  return { at: START, cluster: "shop", kind: "replication", severity: "warning", subject: "db2", before: "" } as const;
}

async function tellAll(withQueries: boolean): Promise<string> {
  const recording = await record(events, withQueries);
  const groups = await Promise.all(recording.groups.map((group) => recording.readGroup(group)));
  const sessions = groups.flat().map((frame) => frame.sessions);
  return JSON.stringify([await readAll(recording), sessions, recording.notes]);
}

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
