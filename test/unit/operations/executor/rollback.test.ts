import { beforeEach, describe, expect, it } from "vitest";
import type { Change } from "../../../../src/model/operation.ts";
import { fresh } from "../../../support/model-builders.ts";
import type { Desk, FakeWorld, Fault } from "../support/fake-world.ts";
import { buildSwitchPlan, buildSwitchWorld, runSwitch, SWITCH_ROLES, titleOf } from "../support/promotion-plan.ts";
import { keepSwitchDesk } from "../support/switch-desk.ts";

const ID = "20261120T153102-promote-db2-0000";

/** Every step that must not fail before the candidate is opened. */
const NEEDED = [
  "server-state maint write_nodes/db2",
  "event-scheduler off db1",
  "read-only on db1",
  "clear-sessions db1",
  "read-position db1",
  "wait-position db2",
  "replication stop db2",
  "confirm-position db1",
];
const CHANGING = NEEDED.filter((title) => !/clear-sessions|position/.test(title));

describe("Rollback before the candidate is opened", () => {
  let desk: Desk;
  let world: FakeWorld;

  const made = keepSwitchDesk(ID);
  const { run } = made;
  beforeEach(() => {
    ({ desk, world } = made);
  });

  /** The fault comes once, at the change of that title. */
  function faultAt(title: string, fault: Fault): void {
    let once = true;
    world.faultOf = (change: Change) => {
      if (!once || titleOf(change) !== title) return undefined;
      once = false;
      return fault;
    };
  }

  function expectAsBefore(): void {
    const { scene, besides } = world;
    expect({
      readOnly: [scene.report("db1").readOnly, scene.report("db2").readOnly],
      replication: scene.report("db2").channels?.map(({ io, sql, sourceHost }) => `${sourceHost} ${io} ${sql}`),
      scheduler: besides.schedulers.get("db1"),
      servers: ["lb1", "lb2"].flatMap((lb) =>
        ["db1", "db2"].map((name) => world.server(lb, `write_nodes/${name}`)?.state),
      ),
    }).toEqual({
      readOnly: [false, true],
      replication: ["10.0.0.11 yes yes"],
      scheduler: true,
      servers: ["up", "up", "up", "up"],
    });
  }

  const refused: Fault = { kind: "error", failure: "rejected" };

  it.each(NEEDED)("brings everything back when %s is refused", async (title) => {
    faultAt(title, refused);
    const progress = await run();
    expect(progress.state).toBe("rolled-back");
    expectAsBefore();
    const record = await desk.journal.show(ID);
    expect(record?.state).toBe("rolled-back");
    expect([...(record?.phases.values() ?? [])].filter((phase) => phase === "intent")).toEqual([]);
    expect(await desk.journal.lastUndoable("shop")).toBeNull();
  });

  it("leaves nothing by hand of an end that was not reached", async () => {
    const task = {
      code: "config-names-old-primary",
      subject: "lb1",
      message: "A reload brings db1 back.",
      lines: [],
    } as const;
    const plan = buildSwitchPlan(world);
    faultAt(NEEDED[0] ?? "", refused);
    const progress = await run({ plan: { ...plan, promotion: { ...SWITCH_ROLES, byHand: [task] } } });
    expect(progress.state).toBe("rolled-back");
    expect(progress.promotion?.byHand).toEqual([]);
    expect((await desk.journal.show(ID))?.byHand).toEqual([]);
  });

  it.each(NEEDED)("brings everything back when %s is lost and was not done", async (title) => {
    faultAt(title, { kind: "lost", done: false });
    expect((await run()).state).toBe("rolled-back");
    expectAsBefore();
  });

  it.each(CHANGING)("goes on when %s is lost and is read back to be done", async (title) => {
    faultAt(title, { kind: "lost", done: true });
    expect((await run()).state).toBe("done");
  });

  it.each(CHANGING)("brings everything back when %s is accepted and has no effect", async (title) => {
    faultAt(title, { kind: "no-effect" });
    expect((await run()).state).toBe("rolled-back");
    expectAsBefore();
  });

  it("brings everything back when a node that was lost with a statement can be read again", async () => {
    faultAt("replication stop db2", { kind: "lost-and-silent" });
    const { scene, clock } = world;
    const report = scene.report("db2");
    const channels = report.channels?.map((each) => ({ ...each, io: "no" as const, sql: "no" as const })) ?? null;
    const { beforeLook } = world;
    let silentLooks = 0;
    world.beforeLook = (scope) => {
      beforeLook(scope);
      if (scene.nodes.get("db2")?.reading.state !== "failed") return;
      silentLooks += 1;
      if (silentLooks === 1) clock.after(9000, () => scene.readNode("db2", fresh({ ...report, channels })));
    };
    expect((await run()).state).toBe("rolled-back");
    expectAsBefore();
  });

  it("takes back in the order of the ranks, the candidate's replication first and HAProxy last", async () => {
    faultAt("confirm-position db1", refused);
    const from = world.sent.length;
    await run();
    const back = world.sent.slice(from).slice(-7);
    expect(back).toEqual([
      "db2: replication start db2",
      "db1: read-only off db1",
      "db1: event-scheduler on db1",
      "lb1: server-state ready write_nodes/db1",
      "lb2: server-state ready write_nodes/db1",
      "lb1: server-state ready write_nodes/db2",
      "lb2: server-state ready write_nodes/db2",
    ]);
  });

  it("gives writes back although the disk is full, and says that the journal is not whole", async () => {
    faultAt("wait-position db2", refused);
    const { file } = made;
    let full = false;
    world.afterSend = (command) => {
      if (command === "read-only on db1") full = true;
    };
    const append: typeof file.append = (lines) => (full ? Promise.reject(new Error("ENOSPC")) : file.append(lines));
    const progress = await run({}, { ...file, append });
    expectAsBefore();
    expect(progress.state).toBe("rolled-back");
    expect(progress.summary).toContain("ENOSPC");
  });

  it("measures how long writes stood still until they were given back", async () => {
    world.fault("db2", { kind: "waits", ms: 60_000 });
    const progress = await run();
    expect(progress).toMatchObject({ state: "rolled-back", promotion: { gapMs: 10_500, pastNoReturn: false } });
    expect(world.calls).toContain("interrupt db2");
  });

  it("does not open the old primary while the candidate is writable, and says what is left", async () => {
    faultAt("confirm-position db1", refused);
    world.afterSend = (command) => {
      if (command === "replication stop db2") world.scene.node("db2", { readOnly: false });
    };
    const progress = await run();
    expect(progress.state).toBe("unfinished");
    expect(world.scene.report("db1").readOnly).toBe(true);
    expect(world.sent).not.toContain("db1: read-only off db1");
    expect(progress.summary).toContain("Not as long as db2 is writable: db1: read-only off db1.");
    expect(progress.summary).not.toContain("By hand");
    expect(progress.promotion?.gapMs).toBeNull();
  });

  it.each([
    ["both HAProxies", ["lb1", "lb2"]],
    ["one of two HAProxies", ["lb1"]],
  ])("tells how long writes stood still only where they are possible again: %s cannot be reached", async (_, gone) => {
    world.fault("db2", { kind: "error", failure: "rejected" });
    world.afterSend = (command) => {
      if (command === "read-only on db1") for (const haproxy of gone) world.silence(haproxy);
    };
    const progress = await run();
    expect(progress.state).toBe("unfinished");
    expect(world.scene.report("db1").readOnly).toBe(false);
    expect(progress.promotion?.gapMs === null).toBe(gone.length === 2);
  });

  describe("because of time, people and others", () => {
    it("ends the freeze that waits at its bound", async () => {
      faultAt("read-only on db1", { kind: "waits", ms: 60_000 });
      const progress = await run();
      expect(progress).toMatchObject({ state: "rolled-back", promotion: { gapMs: 5500 } });
      expect(world.calls).toContain("interrupt db1");
      expectAsBefore();
    });

    it("keeps the budget of the whole write stop, whatever the bounds of its steps", async () => {
      faultAt("read-only on db1", { kind: "waits", ms: 4000 });
      world.fault("db2", { kind: "waits", ms: 9000 });
      const plan = buildSwitchPlan(world);
      const promotion = { ...(plan.promotion as NonNullable<typeof plan.promotion>), budgetMs: 6000 };
      const progress = await run({ plan: { ...plan, promotion } });
      expect(progress).toMatchObject({ state: "rolled-back", promotion: { gapMs: 6000 } });
      expect(progress.summary).toContain("Writes stood still for the 6 s they may.");
      expectAsBefore();
    });

    it("stops when somebody makes the old primary writable again", async () => {
      faultAt("wait-position db2", { kind: "waits", ms: 9000 });
      let flips = 0;
      world.beforeLook = (scope) => {
        if (scope !== "all" && scope.nodes.join() === "db1" && world.scene.report("db1").readOnly === true) {
          flips += 1;
          if (flips === 2) world.scene.node("db1", { readOnly: false });
        }
      };
      const progress = await run();
      expect(progress.state).toBe("rolled-back");
      expect(progress.summary).toContain("Somebody has made db1 writable again.");
      expectAsBefore();
    });

    it("sees by the old primary's own answer that it was made writable, before the candidate is opened", async () => {
      world.afterSend = (command) => {
        if (command === "replication stop db2") world.scene.node("db1", { readOnly: false });
      };
      expect((await run()).state).toBe("rolled-back");
      expect(world.sent).not.toContain("db2: read-only off db2");
      expectAsBefore();
    });

    it.each([
      [false, "Somebody has made db1 writable again."],
      [null, "whether db1 is read-only cannot be read"],
    ])("asks the old primary right before the opening when it has not told: read_only %s", async (readOnly, words) => {
      world.besides.tellsFlags = false;
      world.afterSend = (command) => {
        if (command === "replication stop db2") world.scene.node("db1", { readOnly });
        if (command === "replication start db2") world.scene.node("db1", { readOnly: readOnly ?? true });
      };
      const progress = await run();
      expect(progress.state).toBe("rolled-back");
      expect(progress.summary).toContain(words);
      expect(world.sent).not.toContain("db2: read-only off db2");
      expectAsBefore();
    });

    it("fails when somebody wrote to the old primary since its position was read", async () => {
      world.afterSend = (command) => {
        if (command !== "replication stop db2") return;
        const { gtid } = world.scene.report("db1");
        world.scene.node("db1", { gtid: { ...gtid, executed: "0-1-101" } });
      };
      const progress = await run();
      expect(progress.state).toBe("rolled-back");
      expect(progress.summary).toContain("somebody wrote to db1: 0-1-100 is now 0-1-101");
    });

    it("ends the freeze at once when it is stopped while it waits", async () => {
      faultAt("read-only on db1", { kind: "waits", ms: 4000 });
      const abort = new AbortController();
      world.clock.after(60_000, () => {});
      const onProgress = ({ promotion }: { promotion?: { waitingFor: string | null } }) => {
        if (promotion?.waitingFor != null) abort.abort();
      };
      const progress = await run({ signal: abort.signal, onProgress });
      expect(progress.state).toBe("rolled-back");
      expect(progress.summary).toContain("Stopped before the new primary was opened.");
      expect(progress.promotion?.gapMs).toBeLessThan(1000);
      expectAsBefore();
    });
  });

  it("can be stopped after every change: taken back before the opening, never after it", async () => {
    const ends = new Map<number, string>();
    for (let at = 1; at < 40; at += 1) {
      world = buildSwitchWorld();
      const abort = new AbortController();
      let count = 0;
      let opened = false;
      world.afterSend = (command) => {
        made.watch(world);
        count += 1;
        opened ||= command === "read-only off db2";
        if (count === at) abort.abort();
      };
      const file = await desk.journal.open(`20261120T153102-promote-db2-${1000 + at}`);
      const progress = await runSwitch(world, file, { signal: abort.signal });
      await file.close();
      ends.set(at, progress.state);
      if (progress.state === "rolled-back") expectAsBefore();
      else {
        expect(opened).toBe(true);
        for (const lb of ["lb1", "lb2"]) expect(world.server(lb, "write_nodes/db2")?.state).toBe("up");
      }
      if (count < at) break;
    }
    const states = [...ends.values()];
    const first = states.indexOf("unfinished");
    expect(new Set(states.slice(0, first))).toEqual(new Set(["rolled-back"]));
    expect(states.slice(first)).not.toContain("rolled-back");
    expect(states.at(-1)).toBe("done");
  });
});
