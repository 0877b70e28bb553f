import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { run } from "../../../../src/cli/main.ts";
import { formatOperation } from "../../../../src/cli/operations/format-operations.ts";
import { formatReport } from "../../../../src/cli/operations/format-report.ts";
import type { OperationEntry, Plan } from "../../../../src/model/operation.ts";
import { selectTargetName } from "../../../../src/model/plan-subject.ts";
import { buildEntry } from "../../../../src/operations/journal/entry.ts";
import type { JournalLine } from "../../../../src/operations/journal/line.ts";
import { buildRecord } from "../../../../src/operations/journal/record.ts";
import { buildPromotion, buildPromotionPlan, HAND_TASK } from "../../../support/plans.ts";
import { buildTestPlan } from "../change/support.ts";
import { createFakeIo } from "../fake-io.ts";

const ID = "20261120T153102-promote-db2-3f9a";
const dir = mkdtempSync(join(tmpdir(), "sbx-report-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const plan = buildPromotionPlan(
  {
    ...buildTestPlan().request,
    command: "promote",
    targets: ["db2"],
    reason: "disk of db1 | @channel\u001b[2J",
    promotion: { failover: false, acceptLoss: false },
  },
  { id: ID },
);

const at = (ms: number) => `2026-11-20T15:31:02.${String(ms).padStart(3, "0")}Z`;

function buildLines(from: Plan, until: number, end: Partial<JournalLine> | null): JournalLine[] {
  const common = {
    operation: ID,
    cluster: "shop",
    operator: "ann",
    host: "jump1",
    kind: "promote",
    before: [],
    after: [],
    error: null,
  } as const;
  const whole = { ...common, step: 0, target: "shop", command: from.title };
  const steps = from.steps.slice(0, until).flatMap((step): JournalLine[] => {
    const about = {
      ...common,
      step: step.number,
      target: selectTargetName(step.target),
      command: step.command,
    };
    return [
      { ...about, at: at(step.number * 10), phase: "intent" },
      { ...about, at: at(step.number * 10 + 4), phase: "done", message: "it is | so `now`" },
    ];
  });
  const last = end === null ? [] : [{ ...whole, at: at(500), phase: "done", ...end } satisfies JournalLine];
  return [{ ...whole, at: at(0), phase: "intent", plan: from }, ...steps, ...last];
}

function build(lines: readonly JournalLine[], patch: Partial<OperationEntry> = {}) {
  const record = buildRecord(lines, "jump1", () => false);
  if (record === null) throw new Error("no record");
  return { record, entry: { ...buildEntry(record), ...patch } };
}

const done = buildLines(plan, 12, { state: "done", message: "Promote db2: done and verified.", byHand: [HAND_TASK] });
const MOVED: Partial<OperationEntry> = {
  gapMs: 38.4,
  positions: { stop: { gtid: "3e11fa47:1-4711", file: "binlog.000002", pos: 157 } },
};

describe("the report for an incident channel", () => {
  it("has who, when, where, why, the result, roles, guards, steps and what is left", () => {
    const { entry, record } = build(done, MOVED);
    expect(formatReport(entry, record)).toMatchInlineSnapshot(`
      "# Promote db2

      - Operation: \`20261120T153102-promote-db2-3f9a\`
      - Cluster: \`shop\`
      - By: \`ann\` on \`jump1\`
      - Reason: disk of db1 \\| \\@channel\\\\e\\[2J
      - Started: 2026-11-20 15:31:02 UTC
      - Ended: 2026-11-20 15:31:02 UTC (0.5 s)
      - Result: **done**: Promote db2: done and verified.
      - Move: Planned switchover (MySQL GTIDs): db1 → db2, writer backend write\\_nodes
      - Writes stopped for: 38.4 ms

      ## Roles as planned

      \`\`\`
      Now                          Afterwards
      db1  primary, writable       db2  primary, writable
      ├─db2  replica, read-only    ├─db4  replica
      │ └─db4  replica             ├─db3  replica, read-only
      └─db3  replica, read-only    └─db1  replica, read-only
      \`\`\`

      ## Guards that spoke

      - WARN \`newer-major\`, db2: db2 is MySQL 9.7, db1 is 8.4. db1 cannot return as a replica.

      ## Steps

      | # | UTC | on | command | outcome |
      | --- | --- | --- | --- | --- |
      | 1 | 15:31:02.014 (4 ms) | \`db2\` | \`SELECT WAIT_FOR_EXECUTED_GTID_SET('3e11fa47-71ca-11e1-9e33-c80aa9429562:1-4711', 30)\` | done: it is \\| so \\\`now\\\` |
      | 2 | 15:31:02.024 (4 ms) | \`lb1\` | \`set server write_nodes/db2 state maint\` | done: it is \\| so \\\`now\\\` |
      | 3 | 15:31:02.034 (4 ms) | \`lb2\` | \`set server write_nodes/db2 state maint\` | done: it is \\| so \\\`now\\\` |
      | 4 | 15:31:02.044 | \`db1\` | \`SET GLOBAL super_read_only = 1\` | done: it is \\| so \\\`now\\\` |
      | 5 | 15:31:02.054 | \`lb1\` | \`set server write_nodes/db1 state maint\` | done: it is \\| so \\\`now\\\` |
      | 6 | 15:31:02.064 | \`lb2\` | \`set server write_nodes/db1 state maint\` | done: it is \\| so \\\`now\\\` |
      | 7 | 15:31:02.074 | \`db2\` | \`SELECT WAIT_FOR_EXECUTED_GTID_SET('<stop>', 10)\` | done: it is \\| so \\\`now\\\` |
      | 8 | 15:31:02.084 | \`db2\` | \`SET GLOBAL read_only = 0\` | done: it is \\| so \\\`now\\\` |
      | 9 | 15:31:02.094 | \`lb1\` | \`set server write_nodes/db2 state ready\` | done: it is \\| so \\\`now\\\` |
      | 10 | 15:31:02.104 | \`lb2\` | \`set server write_nodes/db2 state ready\` | done: it is \\| so \\\`now\\\` |
      | 11 | 15:31:02.114 (4 ms) | \`db3\` | \`CHANGE REPLICATION SOURCE TO SOURCE_HOST = '10.0.0.12', SOURCE_PORT = 3306, SOURCE_AUTO_POSITION = 1\` | done: it is \\| so \\\`now\\\` |
      | 12 | 15:31:02.124 (4 ms) | \`db1\` | \`CHANGE REPLICATION SOURCE TO SOURCE_HOST = '10.0.0.12', SOURCE_PORT = 3306, SOURCE_AUTO_POSITION = 1\` | done: it is \\| so \\\`now\\\` |

      ## Positions

      - old primary after its writes were stopped: \`3e11fa47:1-4711, binlog.000002:157\`

      ## Left to do by hand

      - [ ] lb1: its configuration still has db1 as the active server of write\\_nodes; a reload would bring it back

        \`\`\`
        server db2 10.0.0.12:3306 check
        server db1 10.0.0.11:3306 check backup
        \`\`\`

      ## Ways on

      - signalbox undo 20261120T153102-promote-db2-3f9a moves the writes back to db1.
      "
    `);
  });

  it("of a promotion that was cut short past the point of no return offers no way back", () => {
    const { entry, record } = build(buildLines(plan, 9, null));
    const report = formatReport(entry, record);
    expect(report).toContain("- Result: **interrupted**: Cut short: 9 of 12 steps done.\n");
    expect(report).toContain("- Writes stopped for: not known\n");
    expect(report).toContain(`- signalbox resume ${ID} finishes it. It is past the point of no return`);
    expect(report).not.toContain("signalbox undo");
    expect(report).toContain("| 12 | - | `db1` |");
    expect(report).toContain("| never sent |");
    expect(report).not.toContain("Left to do by hand");
  });

  it("of one that was cut short before it offers both ways", () => {
    const { entry, record } = build(buildLines(plan, 5, null));
    expect(formatReport(entry, record)).toContain(`signalbox resume ${ID} finishes it, signalbox undo ${ID} takes`);
  });

  it("of a failover says what was lost, and offers no way back to a dead primary", () => {
    const failover = {
      ...plan,
      promotion: buildPromotion({ mode: "failover", knownLoss: "4 transactions", byHand: [] }),
    };
    const { entry, record } = build(buildLines(failover, 12, { state: "done", message: "Done." }));
    const report = formatReport(entry, record);
    expect(report).toContain("- Known loss: 4 transactions\n");
    expect(report).not.toContain("Ways on");
  });

  it("of another operation has no roles and no gap", () => {
    const { entry, record } = build(buildLines(buildTestPlan({ id: ID }), 2, { state: "done", message: "Done." }));
    const report = formatReport(entry, record);
    expect(report).not.toMatch(/Roles|Writes stopped|by hand|Positions/);
    expect(report).toContain(`- signalbox undo ${ID} takes it back.\n`);
  });

  it("lets no text of a server or an operator be more than text", () => {
    const hostile = "x\n# owned | [a](http://e) `c` @channel <b>\u001b[2J\u202e";
    const evil: Plan = {
      ...plan,
      title: hostile,
      steps: plan.steps.map((step) => ({ ...step, command: hostile })),
      guards: plan.guards.map((guard) => ({
        ...guard,
        verdict: "warn",
        message: hostile,
        advice: hostile,
        subject: hostile,
      })),
      promotion: buildPromotion({
        knownLoss: hostile,
        rolesAfter: [{ node: `\`\`\`${hostile}`, label: hostile, children: [] }],
        byHand: [{ code: "other", subject: hostile, message: hostile, lines: ["```", hostile] }],
      }),
    };
    const lines = buildLines(evil, 12, { state: "done", message: hostile, byHand: evil.promotion?.byHand ?? [] });
    const { entry, record } = build(lines.map((line) => ({ ...line, error: hostile, operator: hostile })));
    const report = formatReport(entry, record);
    expect(report).not.toMatch(/[\u001b\u202e]/);
    const own = new Set([
      "Roles as planned",
      "Guards that spoke",
      "Steps",
      "Positions",
      "Left to do by hand",
      "Ways on",
    ]);
    const titles = report.split("\n").filter((line) => /^\s*#/.test(line));
    expect(titles.slice(1).every((line) => own.has(line.replace(/^## /, "")))).toBe(true);
    for (const line of report.split("\n").filter((each) => each.startsWith("| "))) {
      expect(line.replace(/\\\|/g, "").split("|")).toHaveLength(7);
    }
  });
});

describe("operations show of a promotion", () => {
  const file = () => writeFileSync(join(dir, `${ID}.jsonl`), done.map((line) => `${JSON.stringify(line)}\n`).join(""));

  async function show(...more: readonly string[]) {
    file();
    const fake = createFakeIo({ env: { SIGNALBOX_STATE_DIR: dir } });
    const exitCode = await run(["operations", "show", ID, ...more], fake.io);
    return { exitCode, out: fake.out(), err: fake.err() };
  }

  it("tells people roles, gap, positions, tasks and the way back", () => {
    const { entry, record } = build(done, MOVED);
    const told = formatOperation(entry, record, (text) => text, 120);
    expect(told).toContain("Planned switchover (MySQL GTIDs): db1 → db2, writer backend write_nodes\n  Now ");
    expect(told).toContain("writes stopped for: 38.4 ms\n");
    expect(told).toContain(
      "position of the old primary after its writes were stopped: 3e11fa47:1-4711, binlog.000002:157\n",
    );
    expect(told).toContain("Left to do by hand\n  lb1: its configuration still has db1");
    expect(told.trimEnd().split("\n").at(-1)).toBe(`signalbox undo ${ID} moves the writes back to db1.`);
  });

  it("--json has the promotion beside what it had before", async () => {
    const { operation } = JSON.parse((await show("--json")).out);
    expect(operation).toMatchObject({
      id: ID,
      state: "done",
      promotion: plan.promotion,
      byHand: plan.promotion?.byHand,
    });
    expect(operation).toHaveProperty("gapMs");
    expect(operation).toHaveProperty("positions");
    expect(operation.lines).toHaveLength(done.length);
  });

  it("--markdown prints the report", async () => {
    const { exitCode, out, err } = await show("--markdown");
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
    expect(out).toMatch(/^# Promote db2\n/);
    expect(out).not.toContain("\u001b");
  });

  it("--markdown and --json together are exit code 64", async () => {
    const { exitCode, err } = await show("--json", "--markdown");
    expect({ exitCode, err }).toEqual({
      exitCode: 64,
      err: "signalbox: --json and --markdown are two forms; give one of them\n",
    });
  });
});
