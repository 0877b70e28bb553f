import { beforeEach, describe, expect, it } from "vitest";
import type { OperationProgress } from "../../../../src/model/operation.ts";
import type { Guard } from "../../../../src/operations/guards/guard.ts";
import { buildEntry, buildJournalFacts } from "../../../../src/operations/journal/entry.ts";
import type { JournalFile } from "../../../../src/operations/journal/file.ts";
import type { Desk, FakeWorld } from "../support/fake-world.ts";
import { buildSwitchPlan, describeInterlock, stepNumber } from "../support/promotion-plan.ts";
import { keepSwitchDesk } from "../support/switch-desk.ts";

const ID = "20261120T153102-promote-db2-0000";

describe("Switchover without a fault", () => {
  let desk: Desk;
  let world: FakeWorld;

  const made = keepSwitchDesk(ID);
  const { run } = made;
  beforeEach(() => {
    ({ desk, world } = made);
  });

  it("is done, with the candidate alone writable and the old primary following it", async () => {
    const progress = await run();
    expect(progress).toMatchObject({ state: "done", refusals: [] });
    expect(progress.steps.map(({ outcome }) => outcome)).toEqual(progress.steps.map(() => "done"));
    expect([world.scene.report("db1").readOnly, world.scene.report("db2").readOnly]).toEqual([true, false]);
    expect(world.scene.report("db1").channels?.[0]).toMatchObject({ sourceHost: "10.0.0.12", io: "yes", sql: "yes" });
    expect(world.scene.report("db2").channels).toEqual([]);
    for (const lb of ["lb1", "lb2"]) {
      expect(world.server(lb, "write_nodes/db1")?.state).toBe("maint");
      expect(world.server(lb, "write_nodes/db2")?.state).toBe("up");
    }
  });

  it("does not stop writes when the lock of the cluster is somebody else's by then", async () => {
    const taken = {
      guard: "operator-lock",
      verdict: "block",
      subject: "shop",
      message: "Another operation runs on shop.",
      advice: "",
      forceable: false,
    } as const;
    const progress = await run({ keepLock: async () => taken });
    expect(progress.summary).toContain("Another operation runs on shop.");
    expect(world.sent.filter((line) => line.includes("read_only"))).toEqual([]);
    expect(world.scene.report("db1").readOnly).toBe(false);
  });

  it("is not broken off by somebody who looks on and fails", async () => {
    const onProgress = () => {
      throw new Error("the screen has gone");
    };
    expect(await run({ onProgress })).toMatchObject({ state: "done" });
  });

  it("opens its connections on every node before the first change", async () => {
    const before: string[] = [];
    world.afterSend = () => {
      if (before.length === 0) before.push(...world.calls);
    };
    await run();
    expect(before.filter((call) => call.startsWith("prepare")).sort()).toEqual([
      "prepare db1",
      "prepare db2",
      "prepare db3",
      "prepare db4",
    ]);
  });

  it("refuses with nothing changed when a connection cannot be opened", async () => {
    world.closed.add("db2");
    const progress = await run();
    expect(progress).toMatchObject({ state: "refused", refusals: [{ guard: "connections", subject: "db2" }] });
    expect(progress.summary).toContain("Too many connections");
    expect(world.sent).toEqual([]);
  });

  it("has the intents of the whole write stop on disk before its first statement, and none of them after", async () => {
    let atFreeze: readonly string[] = [];
    const { appendSoon, append } = made.file;
    const written: string[] = [];
    const note = (how: string, lines: Parameters<typeof append>[0]) =>
      written.push(...lines.map(({ step, phase }) => `${how} ${step} ${phase}`));
    const file: JournalFile = {
      ...made.file,
      append: async (lines) => {
        await append(lines);
        note("synced", lines);
      },
      appendSoon: (lines) => {
        appendSoon(lines);
        note("soon", lines);
      },
    };
    world.afterSend = (command) => {
      if (command === "read-only on db1") atFreeze = [...written];
    };
    const plan = buildSwitchPlan(world);
    await run({ plan }, file);
    const section = plan.steps.filter((step) => step.section === "write-stop").map(({ number }) => number);
    expect(atFreeze.slice(-section.length)).toEqual(section.map((number) => `synced ${number} intent`));
    const after = written.slice(atFreeze.length);
    expect(after.slice(0, section.length).sort()).toEqual(section.map((number) => `soon ${number} done`).sort());
  });

  it("looks at nothing inside the write stop but at sessions that have to be gone and, beside its last step, at who is fenced", async () => {
    const looks: string[] = [];
    let inside = false;
    world.beforeLook = (scope) => {
      if (inside) looks.push(scope === "all" ? "all" : [...scope.haproxies, ...scope.nodes].join(" "));
    };
    world.afterSend = (command) => {
      if (command === "read-only on db1") inside = true;
      if (command === "server-state ready write_nodes/db2") inside = false;
    };
    await run();
    expect(looks.sort()).toEqual(["db1 db2", "lb1", "lb2"]);
  });

  it("keeps the position it has read, puts it into what needs it, and writes both down", async () => {
    await run();
    const record = await desk.journal.show(ID);
    expect(record?.positions).toEqual({ stop: { gtid: "0-1-100", file: "bin.000001", pos: 1000 } });
    const wait = stepNumber(buildSwitchPlan(world), "wait-position db2");
    const line = record?.lines.findLast(({ step }) => step === wait);
    expect(line?.command).toContain("0-1-100");
  });

  it("tells how long writes stood still, and what is left by hand, in the progress, the journal and its entry", async () => {
    const task = { code: "config-names-old-primary", subject: "lb1", message: "edit it", lines: [] } as const;
    const plan = buildSwitchPlan(world);
    const promotion = { ...(plan.promotion as NonNullable<typeof plan.promotion>), byHand: [task] };
    world.afterSend = (command) => {
      if (command === "confirm-position db1") world.pass(12.34);
    };
    const progress = await run({ plan: { ...plan, promotion } });
    expect(progress.promotion).toMatchObject({ gapMs: 12.3, pastNoReturn: true, waitingFor: null, byHand: [task] });
    expect(progress.summary).toContain("12.3 ms");
    const record = await desk.journal.show(ID);
    if (record === null) throw new Error("no record");
    expect(buildEntry(record)).toMatchObject({ gapMs: 12.3, byHand: [task] });
    expect(buildJournalFacts([record]).byHand).toMatchObject([{ operation: ID, task }]);
  });

  it("says what it waits for and who holds it up", async () => {
    const blocker = { node: "db1", sessionId: 7, account: "app@h", seconds: 3, query: "UPDATE t" };
    world.fault("db1", { kind: "waits", ms: 0 }, { kind: "waits", ms: 400, blockers: [blocker] });
    const told: (OperationProgress["promotion"] | undefined)[] = [];
    const progress = await run({ onProgress: ({ promotion }) => told.push(promotion) });
    expect(progress).toMatchObject({ state: "done", promotion: { gapMs: 400, blockers: [], waitingFor: null } });
    expect(told).toContainEqual(
      expect.objectContaining({ waitingFor: "db1 to finish the writes that run", blockers: [blocker] }),
    );
  });

  it("asks its guards with facts gathered now at the beginning and once more before writes stop, and refuses there", async () => {
    let gathered = 0;
    const asked: string[] = [];
    const guard: Guard = {
      name: "test",
      explains: "",
      applies: () => true,
      evaluate: ({ preflight }, { steps }) => {
        asked.push(`${steps.length} ${preflight === null ? "without" : "with"}`);
        return gathered < 2
          ? []
          : [{ verdict: "block", subject: "db1", message: "A backup runs.", advice: "", forceable: false }];
      },
    };
    const progress = await run({
      guards: [guard],
      refreshPreflight: async () => {
        gathered += 1;
        return { nodes: new Map(), logins: new Map(), death: null, recentFailover: null, lastPromotion: null };
      },
    });
    const all = buildSwitchPlan(world).steps.length;
    expect(asked).toEqual([`${all} with`, `${all - 3} with`]);
    expect(progress).toMatchObject({ state: "rolled-back", promotion: { stoppedAt: null, gapMs: null } });
    expect(progress.summary).toContain("A backup runs.");
    expect(world.sent).not.toContain("db1: read-only on db1");
  });

  it("asks the guards of a plan that stops no writes before its first step", async () => {
    const plan = buildSwitchPlan(world);
    const steps = plan.steps.filter(({ title }) => title.startsWith("change-source"));
    const verdict = { verdict: "block", subject: "db1", message: "No.", advice: "", forceable: false } as const;
    const guard: Guard = { name: "test", explains: "", applies: () => true, evaluate: () => [verdict] };
    const progress = await run({ plan: { ...plan, steps }, guards: [guard] });
    expect(progress.state).toBe("refused");
    expect(world.sent).toEqual([]);
  });

  it("skips what needs a step that is not done", async () => {
    const plan = buildSwitchPlan(world);
    const last = plan.steps.length;
    const steps = plan.steps.map((step) => (step.number === last ? { ...step, needs: [last] } : step));
    const progress = await run({ plan: { ...plan, steps } });
    expect(progress.steps[last - 1]).toMatchObject({ outcome: "skipped", message: `Skipped: step ${last} not done.` });
    expect(world.calls).not.toContain("route");
  });

  it("never has two writable nodes", async () => {
    const wrong = new Set<string>();
    world.afterSend = () => {
      for (const each of describeInterlock(world)) wrong.add(each);
    };
    await run();
    expect([...wrong]).toEqual([]);
  });
});
