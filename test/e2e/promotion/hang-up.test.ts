import { afterAll, beforeAll, expect, it } from "vitest";
import { describeEngine } from "../../lab/describe-engine.ts";
import { findViolations, findWritable, type Lab, startLab } from "../../lab/index.ts";
import { Actor } from "../act-runner.ts";
import { closeTerminalAt } from "../close-terminal.ts";
import { underLoad } from "./under-load.ts";

describeEngine(["mariadb-10.11", "haproxy-2.6"], "a terminal that is closed under a promotion", () => {
  let lab: Lab;
  let actor: Actor;

  beforeAll(async () => {
    lab = await startLab({ topology: "r1" });
    actor = new Actor(lab);
  });
  afterAll(() => lab?.stop());

  it.each([
    ["before the writes stop", "keep writes from write_nodes/db2"],
    ["while the writes stop", "writes are stopped, for"],
    ["past the point of no return", "point of no return passed"],
    ["while the others are pointed to the new primary", "writes flow again"],
  ])("%s: it ends at a safe point, and says in the journal how to go on", async (_when, text) => {
    const [from] = await findWritable(lab);
    const to = from === "db1" ? "db2" : "db1";
    const line = text.replace("db2", to);
    const summary = await underLoad(lab, async () => {
      expect([0, 130]).toContain(await closeTerminalAt(lab, actor, line, ["promote", to, "--yes"]));
      const { out } = await actor.run(["operations"]);
      const [last = ""] = out.split("\n").filter((row) => row.includes(`promote-${to}-`));
      if (/unfinished/.test(last)) {
        const resumed = await actor.run(["resume", "--yes"]);
        expect(resumed.exitCode, `${resumed.out}${resumed.err}`).toBe(0);
      } else {
        expect(last).toMatch(/done|rolled-back|taken back/);
      }
    });
    const writable = await findWritable(lab);
    expect(writable).toHaveLength(1);
    expect(await findViolations(lab, { primary: writable.join() }, summary)).toEqual([]);
  });
});
