import { beforeEach, describe, expect, it } from "vitest";
import type { Change, OperationProgress, Plan } from "../../../../src/model/operation.ts";
import { selectChangeSubject } from "../../../../src/model/plan-subject.ts";
import { buildJournalFacts } from "../../../../src/operations/journal/entry.ts";
import { parseJournal } from "../../../../src/operations/journal/journal.ts";
import { buildRecord, needsAttention } from "../../../../src/operations/journal/record.ts";
import { buildServer, fresh } from "../../../support/model-builders.ts";
import type { Desk, FakeWorld, Fault } from "../support/fake-world.ts";
import { buildSwitchPlan, stepNumber, titleOf } from "../support/promotion-plan.ts";
import { keepSwitchDesk } from "../support/switch-desk.ts";

const ID = "20261120T153102-promote-db2-0000";
const OPEN = "read-only off db2";
const REFUSED: Fault = { kind: "error", failure: "rejected" };

describe("From the opening on", () => {
  let desk: Desk;
  let world: FakeWorld;

  const made = keepSwitchDesk(ID);
  const { run } = made;
  beforeEach(() => {
    ({ desk, world } = made);
  });

  /** The faults come one after the other, at changes of that title, on that target when one is given. */
  function faultAt(title: string, faults: readonly Fault[], target?: string): void {
    const left = [...faults];
    world.faultOf = (change: Change) => {
      const at = selectChangeSubject(change);
      return titleOf(change) === title && (target === undefined || target === at) ? left.shift() : undefined;
    };
  }

  const outcomeOf = ({ steps, plan }: OperationProgress, title: string) =>
    steps.find(({ number }) => number === stepNumber(plan, title))?.outcome;
  const codes = ({ promotion }: OperationProgress) =>
    promotion?.byHand.map(({ code, subject }) => `${code} ${subject}`);
  const undone = () => world.sent.filter((line) => line.startsWith("db1: read-only off"));

  describe("the opening itself", () => {
    it("is taken back when its server refuses it for certain and still reads as read-only", async () => {
      faultAt(OPEN, [REFUSED]);
      const progress = await run();
      expect(progress).toMatchObject({ state: "rolled-back", promotion: { pastNoReturn: false } });
      expect(world.scene.report("db1").readOnly).toBe(false);
    });

    it("is found to be done when its answer was lost", async () => {
      faultAt(OPEN, [{ kind: "lost", done: true }]);
      expect((await run()).state).toBe("done");
    });

    it("is sent again when its answer was lost and it was not done: nothing is taken back any more", async () => {
      faultAt(OPEN, [{ kind: "lost", done: false }]);
      expect((await run()).state).toBe("done");
      expect(world.sent.filter((line) => line === `db2: ${OPEN}`)).toHaveLength(2);
      expect(undone()).toEqual([]);
    });

    it.each([true, false])(
      "leaves the old primary read-only when it cannot be known whether it was done (%s)",
      async (done) => {
        faultAt(OPEN, [{ kind: "lost-and-silent", done }]);
        const progress = await run();
        expect(progress).toMatchObject({ state: "unfinished", promotion: { pastNoReturn: true, gapMs: null } });
        expect(progress.summary).toContain("It is not known whether db2 takes writes");
        expect(progress.summary).toContain("db1 stays read-only.");
        expect(world.scene.report("db1").readOnly).toBe(true);
        expect(undone()).toEqual([]);
        const last = world.sent.at(-1);
        expect(last).toBe(`db2: ${OPEN}`);
        const record = await desk.journal.show(ID);
        expect(record?.phases.get(stepNumber(progress.plan, OPEN))).toBe("intent");
      },
    );

    it("goes on when the node can be read again within the time", async () => {
      faultAt(OPEN, [{ kind: "lost-and-silent" }]);
      const report = world.scene.report("db2");
      let looks = 0;
      world.beforeLook = () => {
        if (world.scene.nodes.get("db2")?.reading.state !== "failed") return;
        looks += 1;
        const channels = report.channels?.map((each) => ({ ...each, io: "no" as const, sql: "no" as const })) ?? null;
        if (looks === 9) world.scene.readNode("db2", fresh({ ...report, readOnly: false, channels }));
      };
      expect((await run()).state).toBe("done");
    });

    it("is not stopped any more once it is sent", async () => {
      const abort = new AbortController();
      world.afterSend = (command) => {
        if (command === OPEN) abort.abort();
      };
      const progress = await run({ signal: abort.signal });
      expect(progress.state).toBe("unfinished");
      for (const lb of ["lb1", "lb2"]) expect(world.server(lb, "write_nodes/db2")?.state).toBe("up");
      expect(progress.summary).toMatch(/Stopped; 8 steps are left.*signalbox resume/);
      expect(undone()).toEqual([]);
    });
  });

  it("tries a route again, and tells the HAProxy that did not take it", async () => {
    faultAt(
      "server-state ready write_nodes/db2",
      [1, 2, 3, 4].map(() => REFUSED),
      "lb2",
    );
    const progress = await run();
    expect(world.sent.filter((line) => line === "lb2: server-state ready write_nodes/db2")).toHaveLength(4);
    expect(progress.state).toBe("unfinished");
    expect(codes(progress)).toEqual(["haproxy-not-changed lb2"]);
    expect(progress.promotion?.gapMs).not.toBeNull();
    expect(outcomeOf(progress, OPEN)).toBe("done");
  });

  it("goes on trying a route for as long as writes may stand still, while there is no other", async () => {
    const startMs = world.clock.monotonicMs();
    const isRefused = () => world.clock.monotonicMs() < startMs + 2_500;
    world.faultOf = (change) =>
      titleOf(change) === "server-state ready write_nodes/db2" && isRefused() ? REFUSED : undefined;
    const progress = await run();
    expect(progress).toMatchObject({ state: "done", promotion: { byHand: [] } });
    expect(progress.promotion?.gapMs).toBeGreaterThanOrEqual(2_400);
  });

  it("gives a route up at the end of that time, and tells it", async () => {
    world.faultOf = (change) => (titleOf(change) === "server-state ready write_nodes/db2" ? REFUSED : undefined);
    const progress = await run();
    expect(progress).toMatchObject({ state: "unfinished", promotion: { gapMs: null } });
    expect(codes(progress)?.sort()).toEqual(["haproxy-not-changed lb1", "haproxy-not-changed lb2"]);
    const { stoppedAt = null, budgetMs = 0 } = progress.promotion ?? {};
    const routes = progress.plan.steps.filter(({ change }) => titleOf(change) === "server-state ready write_nodes/db2");
    const ends = routes.map(({ number }) => progress.steps.find((step) => step.number === number)?.endedAt ?? 0);
    expect(Math.max(...ends) - (stoppedAt ?? 0)).toBeLessThan(budgetMs + 1_000);
  });

  it("does not fail for a route that is taken at the second attempt", async () => {
    faultAt("server-state ready write_nodes/db2", [REFUSED], "lb1");
    expect(await run()).toMatchObject({ state: "done", promotion: { gapMs: 200, byHand: [] } });
  });

  it("goes on without a HAProxy that does not let the old primary go, and tells it", async () => {
    faultAt(
      "server-state maint write_nodes/db1",
      [1, 2, 3, 4].map(() => REFUSED),
      "lb1",
    );
    const progress = await run();
    expect(progress.state).toBe("unfinished");
    expect(codes(progress)).toEqual(["haproxy-not-changed lb1"]);
    expect(world.scene.report("db2").readOnly).toBe(false);
  });

  it("tells a HAProxy that is reloaded right after the opening everything again, and goes on", async () => {
    world.afterSend = (command) => {
      if (command === OPEN) world.reload("lb1", 4711);
    };
    const progress = await run();
    expect(progress).toMatchObject({ state: "done", promotion: { byHand: [] } });
    expect(progress.promotion?.gapMs).toBeLessThan(1_000);
    expect(world.sent.filter((line) => line.startsWith("lb1:")).slice(-3)).toEqual([
      "lb1: server-state maint write_nodes/db1",
      "lb1: shutdown-sessions write_nodes/db1",
      "lb1: server-state ready write_nodes/db2",
    ]);
    for (const lb of ["lb1", "lb2"]) {
      expect(world.server(lb, "write_nodes/db1")?.state).toBe("maint");
      expect(world.server(lb, "write_nodes/db2")?.state).toBe("up");
    }
  });

  describe("with a third server of the writer backend, that was out from the start", () => {
    beforeEach(() => {
      const third = buildServer("write_nodes/db3", "10.0.0.13:3306", { backup: true, active: false });
      const servers = world.scene.haproxyReport("lb1").servers;
      world.scene.addHaproxy("lb1", [third, ...servers]).state("lb1", "write_nodes/db3", "maint");
    });

    it("keeps it out of a HAProxy that is reloaded right after the opening", async () => {
      world.afterSend = (command) => {
        if (command === OPEN) world.reload("lb1", 4711);
      };
      expect(await run()).toMatchObject({ state: "done", promotion: { byHand: [] } });
      expect(world.server("lb1", "write_nodes/db3")?.state).toBe("maint");
      expect(world.sent.filter((line) => line.startsWith("lb1:")).slice(-2)).toEqual([
        "lb1: set server write_nodes/db3 state maint",
        "lb1: server-state ready write_nodes/db2",
      ]);
      const { lines = [], phases } = (await desk.journal.show(ID)) ?? {};
      expect(lines.map(({ command }) => command)).toContain("set server write_nodes/db3 state maint");
      const isRoute = (plan: Plan) => stepNumber(plan, "server-state ready write_nodes/db2");
      expect(phases?.get(isRoute(buildSwitchPlan(world)))).toBe("done");
    });

    it("is not done when HAProxy sends the writes there in the end", async () => {
      world.afterSend = (command) => {
        if (command.startsWith("reset-replication")) world.scene.state("lb1", "write_nodes/db3", "up");
      };
      const progress = await run();
      expect(progress.state).toBe("unfinished");
      expect(progress.summary).toContain("lb1 sends writes to write_nodes/db3 (db3) and not to db2 alone");
      expect(progress.promotion?.byHand).toEqual([
        expect.objectContaining({ code: "haproxy-not-changed", lines: ["set server write_nodes/db3 state maint"] }),
      ]);
    });
  });

  it("is taken back where no HAProxy lets the old primary go: no client would come to the new one", async () => {
    world.faultOf = (change) => (titleOf(change) === "server-state maint write_nodes/db1" ? REFUSED : undefined);
    const progress = await run();
    expect(progress.state).toBe("rolled-back");
    expect(progress.summary).toContain("no HAProxy would send writes to db2");
    expect(world.sent).not.toContain(`db2: ${OPEN}`);
    expect(world.scene.report("db1").readOnly).toBe(false);
  });

  it("opens while sessions of the old primary linger at a HAProxy, and is done only when they are seen to be gone", async () => {
    faultAt("shutdown-sessions write_nodes/db1", [{ kind: "no-effect" }], "lb1");
    world.scene.server("lb1", "write_nodes/db1", { sessions: 3 });
    const left: (number | null | undefined)[] = [];
    world.afterSend = (command) => {
      if (command === OPEN) left.push(world.server("lb1", "write_nodes/db1")?.sessions);
      if (command === "server-state ready write_nodes/db2")
        world.scene.server("lb1", "write_nodes/db1", { sessions: 0 });
    };
    const progress = await run();
    expect(left).toEqual([3]);
    expect(progress.state).toBe("done");
    expect(outcomeOf(progress, "shutdown-sessions write_nodes/db1")).toBe("done");
  });

  it("tells sessions that stay, and is not done", async () => {
    faultAt("shutdown-sessions write_nodes/db1", [{ kind: "no-effect" }], "lb1");
    world.scene.server("lb1", "write_nodes/db1", { sessions: 3 });
    const progress = await run();
    expect(progress.state).toBe("unfinished");
    expect(codes(progress)).toEqual(["haproxy-not-changed lb1"]);
    expect(progress.promotion?.gapMs).toBeLessThan(100);
  });

  it("finds at the end that a reload has brought the old primary's server back", async () => {
    world.afterSend = (command) => {
      if (command.startsWith("reset-replication")) world.scene.state("lb1", "write_nodes/db1", "up");
    };
    const progress = await run();
    expect(progress.state).toBe("unfinished");
    expect(progress.summary).toContain("write_nodes/db1 is ready on lb1");
  });

  it.each([
    ["db2", true, "db2 is read-only and must be writable"],
    ["db3", false, "db3 is writable and must not be"],
  ])("finds at the end that %s has the wrong flag", async (node, readOnly, words) => {
    world.afterSend = (command) => {
      if (command.startsWith("reset-replication")) world.scene.node(node, { readOnly });
    };
    const progress = await run();
    expect(progress.state).toBe("unfinished");
    expect(progress.summary).toContain(words);
  });

  it.each(["reset-replication db2", "probe-writer db2"])(
    "is done although %s fails, and leaves it to people",
    async (title) => {
      faultAt(title, [REFUSED]);
      if (title.startsWith("probe")) world.routesTo = "db1";
      const progress = await run();
      expect(progress.state).toBe("done");
      expect(codes(progress)).toEqual(["other db2"]);
      expect(progress.summary).toContain("1 thing is left to be done by hand");
    },
  );

  describe("a node that cannot follow", () => {
    it("is skipped, leaves the readers, and keeps the operation open", async () => {
      faultAt("change-source db3", [REFUSED]);
      const progress = await run();
      expect(progress.state).toBe("unfinished");
      expect(outcomeOf(progress, "replication start db3")).toBe("skipped");
      expect(outcomeOf(progress, "replication start db4")).toBe("done");
      for (const lb of ["lb1", "lb2"]) expect(world.server(lb, "read_nodes/db3")?.state).toBe("maint");
      expect(codes(progress)?.sort()).toEqual(["node-not-following db3", "reader-out lb1", "reader-out lb2"]);
      const record = await desk.journal.show(ID);
      if (record === null) throw new Error("no record");
      expect(needsAttention(record)).toBe(true);
      const { takenOut } = buildJournalFacts([record]);
      expect(takenOut.map(({ haproxy, backend, server }) => `${haproxy} ${backend}/${server}`)).toEqual(
        expect.arrayContaining(["lb1 read_nodes/db3", "lb2 read_nodes/db3"]),
      );
    });

    it("stays in where it is the last usable server, and that is told", async () => {
      for (const name of ["db2", "db4"]) world.scene.state("lb1", `read_nodes/${name}`, "down");
      faultAt("change-source db3", [REFUSED]);
      const progress = await run();
      expect(world.server("lb1", "read_nodes/db3")?.state).toBe("up");
      expect(world.server("lb2", "read_nodes/db3")?.state).toBe("maint");
      expect(progress.promotion?.byHand.map(({ message }) => message).join(" ")).toContain(
        "last usable server of read_nodes",
      );
    });

    it("never takes the last two readers out at once", async () => {
      for (const lb of ["lb1", "lb2"]) world.scene.state(lb, "read_nodes/db2", "down");
      world.faultOf = (change: Change) => (/^change-source db[34]$/.test(titleOf(change)) ? REFUSED : undefined);
      await run();
      for (const lb of ["lb1", "lb2"]) {
        const states = ["db3", "db4"].map((name) => world.server(lb, `read_nodes/${name}`)?.state);
        expect(states.sort()).toEqual(["maint", "up"]);
      }
    });
  });

  it("does not send what was planned with a position that nobody has read", async () => {
    const plan = buildSwitchPlan(world);
    const steps = plan.steps.filter(({ title }) => title !== "read-position db1" && title !== "confirm-position db1");
    const progress = await run({ plan: { ...plan, steps } });
    expect(progress.state).toBe("rolled-back");
    expect(progress.summary).toContain('The position "stop" has not been read');
    expect(world.sent.some((line) => line.includes("WAIT"))).toBe(false);
  });

  it("carries on past the opening with the positions of the earlier run, forward only", async () => {
    const plan = buildSwitchPlan(world);
    const opening = stepNumber(plan, OPEN);
    world.scene
      .node("db1", { readOnly: true })
      .node("db2", { readOnly: false })
      .channel("db2", { io: "no", sql: "no" });
    for (const lb of ["lb1", "lb2"]) {
      world.scene.state(lb, "write_nodes/db1", "maint").state(lb, "write_nodes/db2", "maint");
    }
    const doneBefore = plan.steps.map(({ number }) => number).filter((number) => number <= opening);
    faultAt(
      "server-state ready write_nodes/db2",
      [1, 2, 3, 4].map(() => REFUSED),
      "lb2",
    );
    const progress = await run({ plan: { ...plan, carriesOn: true, doneBefore } });
    expect(progress).toMatchObject({
      state: "unfinished",
      promotion: { pastNoReturn: true, stoppedAt: null, gapMs: null },
    });
    expect(undone()).toEqual([]);
  });

  it("cut off after any line, the journal tells what was begun, what is done, and the positions", async () => {
    const { plan } = await run();
    const text = await import("node:fs").then(({ readFileSync }) => readFileSync(`${desk.dir}/${ID}.jsonl`, "utf8"));
    const lines = parseJournal(text);
    for (let count = 1; count < lines.length; count += 1) {
      const seen = lines.slice(0, count);
      const record = buildRecord(seen, "bastion", () => false);
      expect(record?.state).toBe("interrupted");
      for (const { number } of plan.steps) {
        const phase = seen.some((line) => line.step === number && line.phase === "done")
          ? "done"
          : seen.some((line) => line.step === number)
            ? "intent"
            : undefined;
        expect(record?.phases.get(number)).toBe(phase);
      }
      const hasRead = record?.phases.get(stepNumber(plan, "read-position db1")) === "done";
      expect(record?.positions).toEqual(hasRead ? { stop: { gtid: "0-1-100", file: "bin.000001", pos: 1000 } } : {});
    }
  });
});
