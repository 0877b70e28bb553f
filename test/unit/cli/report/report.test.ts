import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { run } from "../../../../src/cli/main.ts";
import type { Plan } from "../../../../src/model/operation.ts";
import { selectTargetName } from "../../../../src/model/plan-subject.ts";
import type { JournalLine } from "../../../../src/operations/journal/line.ts";
import { buildPromotionPlan, HAND_TASK } from "../../../support/plans.ts";
import { buildTestPlan } from "../change/support.ts";
import { createFakeIo } from "../fake-io.ts";

const NOW = Date.parse("2026-11-20T16:00:00.000Z");
const dir = mkdtempSync(join(tmpdir(), "sbx-span-report-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

interface Written {
  readonly id: string;
  readonly plan: Plan;
  readonly startedAt: string;
  readonly cluster?: string;
  /** Absent: cut short after its steps. */
  readonly end?: Partial<JournalLine> & { readonly at: string };
}

function write({ id, plan, startedAt, cluster = "shop", end }: Written): void {
  const common = {
    operation: id,
    cluster,
    operator: "ann",
    host: "jump1",
    kind: plan.request.command,
    before: [],
    after: [],
    error: null,
  };
  const whole = { ...common, step: 0, target: cluster, command: plan.title };
  const steps = plan.steps.map((step) => {
    const target = selectTargetName(step.target);
    return { ...common, step: step.number, target, command: step.command, at: startedAt, phase: "done" };
  });
  const lines = [
    { ...whole, at: startedAt, phase: "intent", plan },
    ...steps,
    ...(end ? [{ ...whole, phase: "done", ...end }] : []),
  ];
  writeFileSync(join(dir, `${id}.jsonl`), lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
}

const drain = buildTestPlan();
const promote = buildPromotionPlan(
  {
    ...drain.request,
    command: "promote",
    targets: ["db2"],
    reason: "disk | @channel",
    promotion: { failover: false, acceptLoss: false },
  },
  { id: "20261120T153102-promote-db2-3f9a" },
);
write({
  id: "20261120T100000-drain-db2-0001",
  plan: drain,
  startedAt: "2026-11-20T10:00:00.000Z",
  end: { at: "2026-11-20T10:00:05.000Z", state: "done" },
});
write({
  id: "20261120T143000-drain-db3-0002",
  plan: drain,
  startedAt: "2026-11-20T14:30:00.000Z",
  end: { at: "2026-11-20T15:10:00.000Z", state: "done", message: "Empty at last." },
});
write({
  id: promote.id,
  plan: promote,
  startedAt: "2026-11-20T15:31:02.000Z",
  end: {
    at: "2026-11-20T15:31:03.000Z",
    state: "done",
    gapMs: 38.4,
    byHand: [HAND_TASK],
    message: "Done and verified.",
  },
});
write({ id: "20261120T155000-drain-st1-0003", plan: drain, startedAt: "2026-11-20T15:50:00.000Z", cluster: "stock" });

// In a cluster of their own: a promotion, the next one that puts it out of date, and one that was taken back.
const moves = { plan: promote, cluster: "moves" };
write({
  ...moves,
  id: "20261120T090000-promote-db2-0004",
  startedAt: "2026-11-20T09:00:00.000Z",
  end: { at: "2026-11-20T09:00:01.000Z", state: "done", byHand: [{ ...HAND_TASK, message: "first" }] },
});
write({
  ...moves,
  id: "20261120T090500-promote-db1-0005",
  startedAt: "2026-11-20T09:05:00.000Z",
  end: { at: "2026-11-20T09:05:01.000Z", state: "done", byHand: [{ ...HAND_TASK, message: "second" }] },
});
write({
  ...moves,
  id: "20261120T091000-promote-db2-0006",
  startedAt: "2026-11-20T09:10:00.000Z",
  end: { at: "2026-11-20T09:10:01.000Z", state: "done", byHand: [{ ...HAND_TASK, message: "third" }], by: "0007" },
});

async function report(...args: readonly string[]) {
  const fake = createFakeIo({ env: { SIGNALBOX_STATE_DIR: dir }, now: NOW });
  return { exitCode: await run(["report", ...args], fake.io), out: fake.out(), err: fake.err() };
}

async function ids(...args: readonly string[]): Promise<readonly string[]> {
  const { out } = await report("--json", ...args);
  return (JSON.parse(out) as { operations: { id: string }[] }).operations.map(({ id }) => id.slice(-4));
}

describe("report", () => {
  it("has what ran in the span, oldest first, also what had begun before it", async () => {
    expect(await ids()).toEqual(["0002", "3f9a", "0003"]);
    expect(await ids("--since", "15m")).toEqual(["0003"]);
    expect(await ids("--since", "24h", "--cluster", "shop")).toEqual(["0001", "0002", "3f9a"]);
    expect(await ids("--cluster", "stock")).toEqual(["0003"]);
  });

  it("tells who did what with which commands, the write stop and what is left, ready to paste", async () => {
    const { exitCode, out, err } = await report();
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
    expect(out.split("## Timeline")[0]?.replace(dir, "DIR")).toBe(`# What was done: all clusters

- From 2026-11-20 15:00:00 UTC to 2026-11-20 16:00:00 UTC
- Operations: 3 (2 done, 1 interrupted)
- Writes stopped for 38.4 ms: \`${promote.id}\`
- Source: journal in \`DIR\`

> The journal has no state changes and no alerts: this tells what was done with signalbox by this user on this machine, not what happened by itself or was done from elsewhere. A recording has them: signalbox report FILE.

`);
    expect(out).toContain(
      "| 2026-11-20 15:31:02 | shop | ann on jump1 | Promote db2 | disk \\| \\@channel | **done**: Done and verified. |",
    );
    expect(out).toContain("`SET GLOBAL super_read_only = 1`");
    expect(out).toContain(
      "- [ ] `20261120T155000-drain-st1-0003` is not finished: `signalbox resume 20261120T155000-drain-st1-0003` or undo",
    );
    expect(out).toContain(`- [ ] lb1: ${HAND_TASK.message.replace("_", "\\_")} (\`${promote.id}\`)`);
  });

  it("asks people for nothing that a later move of the writes, or its being taken back, has put out of date", async () => {
    const { out } = await report("--since", "24h", "--cluster", "moves");
    const open = out.split("## Still to do")[1]?.split("\n## ")[0] ?? "";
    expect(open.match(/first|second|third/g)).toEqual(["second"]);
    // What it had left is told with the operation itself, but not where it was taken back.
    expect(out).toContain("first");
    expect(out).not.toContain("third");
  });

  it("has one heading of the first level, and sections of operations below theirs", async () => {
    const { out } = await report();
    const headings = out.split("\n").filter((line) => /^#+ /.test(line));
    expect(headings.filter((line) => line.startsWith("# "))).toHaveLength(1);
    expect(headings.slice(1, 4)).toEqual(["## Timeline", "## Still to do", `## ${drain.title.replace("_", "\\_")}`]);
    expect(headings).toContain("### Roles as planned");
    expect(headings).toContain("### Steps");
    expect(headings).not.toContain("## Steps");
  });

  it("as JSON says what is not known as null", async () => {
    const view = JSON.parse((await report("--json")).out);
    expect(view).toMatchObject({
      schema: 1,
      from: "2026-11-20T15:00:00.000Z",
      to: "2026-11-20T16:00:00.000Z",
      cluster: null,
      complete: true,
      writeGaps: [{ operation: promote.id, cluster: "shop", gapMs: 38.4 }],
      stateChanges: null,
      alerts: null,
    });
    expect(view.operations[1]).toMatchObject({ operator: "ann", reason: "disk | @channel", byHand: [HAND_TASK] });
    expect(view.operations[1].steps).toHaveLength(promote.steps.length);
  });

  it.each([["report"], ["operations"]])("%s of a journal that cannot be read is no empty one", async (command) => {
    const file = join(dir, "a-file");
    writeFileSync(file, "");
    const fake = createFakeIo({ env: { SIGNALBOX_STATE_DIR: file }, now: NOW });
    expect(await run([command], fake.io)).toBe(64);
    expect(fake.out()).toBe("");
    expect(fake.err()).toBe(`signalbox: The journal in ${file} cannot be read (ENOTDIR).\n`);
  });

  it("of a quiet time says that there was nothing", async () => {
    const { exitCode, out } = await report("--cluster", "nowhere");
    expect(exitCode).toBe(0);
    expect(out).toContain("- Operations: none");
    expect(out).toContain("No operation in this span.");
  });

  it.each([
    ["1", /^signalbox: --since "1" has no unit/],
    ["yesterday", /^signalbox: --since "yesterday" is not a duration/],
    ["1s", /^signalbox: --since "1s" is too short/],
  ])("refuses --since %s", async (since, said) => {
    const { exitCode, err } = await report("--since", since);
    expect(exitCode).toBe(64);
    expect(err).toMatch(said);
  });
});
