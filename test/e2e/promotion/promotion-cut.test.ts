/**
 * SIGKILL right before and right after every single change of a promotion, under load, on real servers; then `resume` or `undo`. By default the
 * two take turns; SIGNALBOX_EVERY_CUT=1 tries both at every point (about twice as long).
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeEngine } from "../../lab/describe-engine.ts";
import {
  findViolations,
  findWritable,
  type Lab,
  type ServerEngineName,
  startLab,
  startTraffic,
  type Traffic,
} from "../../lab/index.ts";
import { Actor } from "../act-runner.ts";
import { buildCutEntry, type CutEnd, runCut } from "./cut-runner.ts";
import { findJournalViolations, listOperations } from "./journal-check.ts";

type Way = "resume" | "undo";

const everyCut = process.env.SIGNALBOX_EVERY_CUT !== undefined;

const cases = [
  { engine: "mariadb-10.11", haproxy: "haproxy-2.6", positioning: "gtid", stride: 1 },
  { engine: "mariadb-10.11", haproxy: "haproxy-2.6", positioning: "file", stride: 5 },
  { engine: "mysql-9.7", haproxy: "haproxy-3.2", positioning: "gtid", stride: 4 },
] as const;

for (const { engine, haproxy, positioning, stride } of cases) {
  describeEngine([engine, haproxy], `a promotion by ${positioning} that is killed at any change`, () => {
    let lab: Lab;
    let actor: Actor;
    let traffic: Traffic;
    let script: string;

    beforeAll(async () => {
      lab = await startLab({ topology: "r1", engine: engine satisfies ServerEngineName, positioning });
      actor = new Actor(lab);
      script = await buildCutEntry(lab);
      traffic = startTraffic({ port: lab.writePort, writers: 4, rate: 60 });
    });
    afterAll(async () => {
      await traffic?.stop();
      await lab?.stop();
    });

    const promote = (to: string, point: string) =>
      runCut({ script, lab, stateDir: actor.stateDir, request: { command: "promote", targets: [to] }, point });

    /** No change of that number: on the way back fewer servers have to be put out. */
    function judgeWhole(end: CutEnd, to: string, point: string): Promise<readonly string[]> | readonly string[] {
      const isShort = end.state === "done" && end.sent < Number(point.split(":")[1]);
      if (!isShort) return [`it was not killed: ${JSON.stringify(end)}`];
      return findViolations(lab, { primary: to }, traffic.summary());
    }

    async function recover(id: string, way: Way, isUntouched: boolean) {
      const first = await actor.run([way, id, "--yes"]);
      // Past the point of no return an undo asks for the rest to be done first.
      const isOpened = way === "undo" && first.exitCode === 4;
      const last = isOpened ? await actor.run(["resume", id, "--yes"]) : first;
      const hasMoved = way === "resume" || isOpened;
      const failed = last.exitCode === 0 || isUntouched ? [] : [`exit ${last.exitCode}: ${last.out}${last.err}`];
      return { hasMoved: hasMoved && !(isUntouched && last.exitCode !== 0), failed };
    }

    /** Everything that is wrong after the cut and the way out of it. */
    async function cutAndRecover(point: string, way: Way): Promise<readonly string[]> {
      const from = (await findWritable(lab)).join();
      const to = from === "db1" ? "db2" : "db1";
      const known = new Set(listOperations(actor.stateDir));
      const whole = await promote(to, point);
      if (whole !== null) return judgeWhole(whole, to, point);
      const isUntouched = point === "before:1";
      const id = listOperations(actor.stateDir).find((name) => !known.has(name));
      if (id === undefined) return isUntouched ? [] : ["there is no journal"];
      const { hasMoved, failed } = await recover(id, way, isUntouched);
      const primary = (await findWritable(lab)).join();
      const expected = hasMoved ? to : from;
      const secrets = [lab.accounts.repl.password, lab.accounts.ops.password];
      return [
        ...failed,
        ...(primary === expected ? [] : [`${primary || "nobody"} is writable and not ${expected}`]),
        ...(await findViolations(lab, { primary: expected }, traffic.summary())),
        ...(isUntouched ? [] : findJournalViolations(actor.stateDir, id, secrets)),
      ];
    }

    it("reaches a correct end by resume or undo", { timeout: 900_000 }, async () => {
      const whole = await promote("db2", "after:100000");
      expect(whole).toMatchObject({ state: "done" });
      const count = whole?.sent ?? 0;
      expect(count).toBeGreaterThan(8);
      const points = Array.from({ length: count }, (_, index) => index + 1).flatMap((number) =>
        number % stride === 0 || stride === 1 ? [`before:${number}`, `after:${number}`] : [],
      );
      const wrong: Record<string, readonly string[]> = {};
      for (const [index, point] of points.entries()) {
        const ways: Way[] = everyCut ? ["resume", "undo"] : [(index >> 1) % 2 === 0 ? "resume" : "undo"];
        for (const way of ways) {
          const violations = await cutAndRecover(point, way).catch((error: unknown) => [String(error)]);
          if (violations.length > 0) wrong[`${point} then ${way}`] = violations;
        }
        // What goes wrong once spoils what comes after.
        if (Object.keys(wrong).length > 1) break;
      }
      expect(wrong).toEqual({});
    });
  });
}
