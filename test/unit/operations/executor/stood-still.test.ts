import { beforeEach, describe, expect, it } from "vitest";
import type { FakeWorld } from "../support/fake-world.ts";
import { keepSwitchDesk } from "../support/switch-desk.ts";

const ID = "20261120T153102-promote-db2-0000";
/** The last answer before the candidate is opened. */
const LAST = "confirm-position db1";

describe("A program that stood still inside the write stop (SIGSTOP, a suspended machine)", () => {
  let world: FakeWorld;

  const made = keepSwitchDesk(ID);
  const { run } = made;
  beforeEach(() => {
    ({ world } = made);
  });

  /** What colleagues do while it stands still, right after the answer to that command. */
  function meanwhile(command: string, ms: number, others: () => void): void {
    let once = true;
    world.afterSend = (sent) => {
      if (!once || sent !== command) return;
      once = false;
      world.pass(ms);
      others();
    };
  }

  const writable = () => ["db1", "db2", "db3", "db4"].filter((node) => world.scene.report(node).readOnly === false);

  it("does not open the candidate when the old primary has been given the writes back since it was asked", async () => {
    meanwhile(LAST, 10_000, () => {
      world.scene.node("db1", { readOnly: false });
      world.scene.state("lb1", "write_nodes/db1", "up");
    });
    const progress = await run();
    expect(progress.state).toBe("rolled-back");
    expect(progress.summary).toContain("Somebody has made db1 writable again.");
    expect(world.sent).not.toContain("db2: read-only off db2");
    expect(writable()).toEqual(["db1"]);
  });

  it("does not open the candidate when somebody has written to the old primary in between", async () => {
    meanwhile(LAST, 10_000, () => {
      world.scene.node("db1", { gtid: { ...world.scene.report("db1").gtid, executed: "0-1-101" } });
    });
    const progress = await run();
    expect(progress).toMatchObject({ state: "rolled-back" });
    expect(progress.summary).toContain("somebody wrote to db1");
    expect(writable()).toEqual(["db1"]);
  });

  it("opens it when all is as it was", async () => {
    meanwhile(LAST, 10_000, () => {});
    expect(await run()).toMatchObject({ state: "done" });
    expect(world.sent.filter((line) => line === `db1: ${LAST}`)).toHaveLength(2);
    expect(writable()).toEqual(["db2"]);
  });

  it("does not open it any more once writes stood still for as long as they may", async () => {
    meanwhile(LAST, 30_001, () => {});
    const progress = await run();
    expect(progress.state).toBe("rolled-back");
    expect(progress.summary).toContain("Writes stood still for the 30 s they may.");
    expect(writable()).toEqual(["db1"]);
  });

  it.each([LAST, "replication stop db2", "read-only on db1"])(
    "opens nobody beside a third node that was promoted after %s",
    async (command) => {
      meanwhile(command, 10_000, () => {
        world.scene.node("db3", { readOnly: false });
      });
      const progress = await run();
      expect(progress.state).toBe("unfinished");
      expect(progress.summary).toMatch(/Not as long as db3 is writable: .*db1: read-only off db1/);
      expect(writable()).toEqual(["db3"]);
      for (const lb of ["lb1", "lb2"]) expect(world.server(lb, "write_nodes/db1")?.state).not.toBe("up");
    },
  );

  it("takes all back beside a sibling that does not answer, or that was writable from the start", async () => {
    world.scene.kill("db3");
    world.scene.node("db4", { readOnly: false });
    // Two are writable here whatever the run does.
    world.afterSend = () => {};
    world.faultOf = (change) => (change.kind === "wait-position" ? { kind: "error", failure: "rejected" } : undefined);
    expect(await run()).toMatchObject({ state: "rolled-back" });
    expect(world.scene.report("db1").readOnly).toBe(false);
  });

  it("does not stop the writes on what guards and the lock said before: both are asked again", async () => {
    const asked: number[] = [];
    const lost = {
      guard: "lock",
      verdict: "block",
      subject: "db1",
      message: "ben runs an operation.",
      advice: "Wait.",
      forceable: false,
    } as const;
    const progress = await run({
      keepLock: async () => {
        asked.push(world.clock.monotonicMs());
        if (asked.length > 1) return lost;
        world.pass(60_000);
        return null;
      },
    });
    expect(asked).toHaveLength(2);
    expect(progress.refusals).toEqual([lost]);
    expect(world.sent).not.toContain("db1: read-only on db1");
    expect(writable()).toEqual(["db1"]);
  });
});
