/**
 * Something goes wrong at every single change of a promotion, under load, on real servers: the run has to end by itself, and what it left behind
 * has to be put right by `resume` or `undo`. By default the faults take turns; SIGNALBOX_EVERY_CUT=1 tries every fault at every change.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import { DriverError } from "../../../src/drivers/errors.ts";
import type { Change, OperationProgress } from "../../../src/model/operation.ts";
import { describeEngine } from "../../lab/describe-engine.ts";
import {
  findViolations,
  findWritable,
  type Lab,
  startLab,
  startTraffic,
  type Traffic,
  waitFor,
} from "../../lab/index.ts";
import { Actor } from "../act-runner.ts";
import { BUDGET_MS, FAULTS, type Fault, type FaultRun, FaultRunner } from "./fault-runner.ts";
import { findJournalViolations, listOperations } from "./journal-check.ts";

const everyFault = process.env.SIGNALBOX_EVERY_CUT !== undefined;
/** The executor's own bound of taking everything back, milliseconds. */
const UNDO_MS = 30_000;

const cases = [
  { engine: "mariadb-10.11", haproxy: "haproxy-2.6", positioning: "gtid", stride: 1, share: 2 },
  { engine: "mariadb-10.11", haproxy: "haproxy-2.6", positioning: "file", stride: 3, share: 1 },
  { engine: "mysql-9.7", haproxy: "haproxy-3.2", positioning: "gtid", stride: 3, share: 1 },
  { engine: "mysql-9.7", haproxy: "haproxy-3.2", positioning: "file", stride: 5, share: 1 },
] as const;

/** What is sent first of all: the position of the old primary, to bring the candidate near. */
const FIRST = "read-position old flowing";
const FENCE = "read-only old true";
const RELOADS = [
  ["right before the writes stop", FENCE, "before"],
  ["while the writes stop", FENCE, "during"],
  ["right after the old primary was taken out", "read-position old stop", "before"],
  ["right before the new primary is opened", "read-only new false", "before"],
  ["right before the route is set", "server-state write_nodes/new ready", "before"],
] as const;

/** The same for what is the same change on the way there and on the way back. */
function signatureOf(change: Change, from: string, to: string): string {
  const { kind } = change;
  const where = "node" in change ? change.node : "server" in change ? `${change.backend}/${change.server}` : "";
  const role = where.replace(from, "old").replace(to, "new");
  const what = ["on", "state", "action", "role"].flatMap((key) =>
    key in change ? [`${Reflect.get(change, key)}`] : [],
  );
  const whose = kind === "wait-position" && change.position.kind === "role" ? [change.position.role] : [];
  return [kind, role, ...what, ...whose].join(" ");
}

/** One per change; the same signature again is another one. */
function signaturesOf(sent: readonly Change[], from: string, to: string): readonly string[] {
  const seen = new Map<string, number>();
  return sent.map((change) => {
    const signature = signatureOf(change, from, to);
    const count = (seen.get(signature) ?? 0) + 1;
    seen.set(signature, count);
    return count === 1 ? signature : `${signature} (${count})`;
  });
}

for (const { engine, haproxy, positioning, stride, share } of cases) {
  describeEngine([engine, haproxy], `a promotion by ${positioning} in which something goes wrong at any change`, () => {
    let lab: Lab;
    let actor: Actor;
    let runner: FaultRunner;
    let traffic: Traffic;

    beforeAll(async () => {
      lab = await startLab({ topology: "r1", engine, haproxyEngine: haproxy, positioning });
      actor = new Actor(lab);
      runner = await FaultRunner.open(lab, actor.stateDir);
      traffic = startTraffic({ port: lab.writePort, writers: 4, rate: 60 });
    });
    afterAll(async () => {
      await traffic?.stop();
      await lab?.stop();
    });

    /** Carries on, or takes back where that is what it says; throws when neither ends it. Returns who has the writes then. */
    async function recover({ id, summary }: OperationProgress, from: string, to: string): Promise<string> {
      const resumed = await runner
        .run({ command: "resume", operationId: id })
        .catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
      if (typeof resumed !== "string" && resumed.progress.state === "done") return to;
      const why = typeof resumed === "string" ? resumed : `${resumed.progress.state}: ${resumed.progress.summary}`;
      const undone = await runner
        .run({ command: "undo", operationId: id })
        .catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
      if (typeof undone !== "string" && undone.progress.state === "done") return from;
      const nor = typeof undone === "string" ? undone : `${undone.progress.state}: ${undone.progress.summary}`;
      throw new Error(`It ended with "${summary}"; resume: ${why}; undo: ${nor}`);
    }

    /** Settings that a run changes for its own time are as they were. */
    async function findLeftovers(): Promise<readonly string[]> {
      if (engine !== "mysql-9.7") return [];
      const found = await Promise.all(
        lab.nodes.map(async (node) => {
          const [row] = await node.query("SELECT @@global.replica_checkpoint_period AS period");
          return Number(row?.period) === 300 ? [] : [`${node.name} has a checkpoint every ${row?.period} ms`];
        }),
      );
      return found.flat();
    }

    /** The configuration has db1 as the active server: a reload sends the writes there. */
    async function backTo(primary: string): Promise<void> {
      if ((await findWritable(lab)).join() === primary) return;
      const { progress } = await runner.run({ command: "promote", targets: [primary] });
      if (progress.state !== "done") throw new Error(`promote ${primary}: ${progress.summary}`);
    }

    /** Longest time without an acknowledged row since then, milliseconds; the last one is what came after. */
    async function longestGap(sinceMs: number): Promise<number> {
      const nowMs = Date.now();
      const isAfter = () => traffic.summary().acknowledged.some(({ atMs }) => atMs > nowMs);
      await waitFor("rows afterwards", isAfter);
      const times = traffic.summary().acknowledged.flatMap(({ atMs }) => (atMs >= sinceMs ? [atMs] : []));
      return times.reduce((longest, at, index) => Math.max(longest, at - (times[index - 1] ?? sinceMs)), 0);
    }

    function expectedPrimary({ progress }: FaultRun, from: string, to: string): string | null {
      switch (progress.state) {
        case "done":
          return to;
        case "rolled-back":
        case "refused":
          return from;
        default:
          return null;
      }
    }

    /** Everything that is wrong after a run with that fault and the way out of it. */
    async function tryFault(
      point: string,
      fault: Fault,
    ): Promise<{ readonly wrong: readonly string[]; readonly state: string }> {
      const from = (await findWritable(lab)).join();
      const to = from === "db1" ? "db2" : "db1";
      const sinceMs = Date.now();
      const isHere = (sent: readonly Change[]) => signaturesOf(sent, from, to).at(-1) === point;
      const run = await runner.run({ command: "promote", targets: [to] }, isHere, fault);
      const { id, state, summary } = run.progress;
      const expected = expectedPrimary(run, from, to) ?? (await recover(run.progress, from, to));
      const primary = (await findWritable(lab)).join();
      const gapMs = await longestGap(sinceMs).catch(() => Number.POSITIVE_INFINITY);
      const secrets = [lab.accounts.repl.password, lab.accounts.ops.password];
      const wrong = [
        ...(primary === expected ? [] : [`${primary || "nobody"} is writable and not ${expected}`]),
        ...(await findLeftovers()),
        ...(gapMs <= BUDGET_MS + UNDO_MS ? [] : [`no row for ${gapMs} ms`]),
        ...(await findViolations(lab, { primary: expected }, traffic.summary())),
        ...(listOperations(actor.stateDir).includes(id) ? findJournalViolations(actor.stateDir, id, secrets) : []),
      ];
      if (process.env.SIGNALBOX_TRACE !== undefined)
        process.stderr.write(`${point}, ${fault.name}: ${state}, gap ${gapMs} ms: ${summary} ${wrong.join("; ")}\n`);
      return { wrong: wrong.length === 0 ? [] : [`${state}: ${summary}`, ...wrong], state };
    }

    if (positioning === "gtid")
      it.each(RELOADS)("ends rightly when HAProxy is reloaded %s", { timeout: 120_000 }, async (_, point, when) => {
        await backTo("db1");
        const reload: Fault = { name: "reload", fits: () => true, [when]: () => lab.haproxy("lb1").reload() };
        const { wrong, state } = await tryFault(point, reload);
        await backTo("db1");
        expect({ wrong, state }).toEqual({
          wrong: [],
          state: expect.stringMatching(/^(done|rolled-back|unfinished)$/),
        });
      });

    if (positioning === "file")
      it("a sibling that could not be waited for keeps its place until it is moved", { timeout: 120_000 }, async () => {
        await backTo("db1");
        const lost: Fault = {
          name: "no answer",
          fits: () => true,
          before: async () => {
            const [kind, target, operation] = ["unreachable", "db3", "wait-position"] as const;
            throw new DriverError({ kind, target, operation, message: "db3: the connection was lost" });
          },
        };
        const { wrong, state } = await tryFault("wait-position db3 (2)", lost);
        expect({ wrong, state }).toEqual({ wrong: [], state: "unfinished" });
        await backTo("db1");
      });

    it("refuses a second operator while the first is inside, and names the lock", { timeout: 60_000 }, async () => {
      await backTo("db1");
      let told = "";
      const second: Fault = {
        name: "second operator",
        fits: () => true,
        before: async () => {
          const { exitCode, out, err } = await actor.run(["promote", "db2", "--yes"]);
          told = `${exitCode}: ${out}${err}`;
        },
      };
      const { wrong, state } = await tryFault(FIRST, second);
      await backTo("db1");
      expect({ wrong, state }).toEqual({ wrong: [], state: "done" });
      expect(told).toMatch(/^4: /);
      expect(told).toMatch(/Another operation runs on lab: ops@\S* \(connection \d+\) holds the lock/);
    });

    it("ends by itself, and resume or undo finishes what it left", { timeout: 1_800_000 }, async () => {
      await backTo("db1");
      const whole = await runner.run({ command: "promote", targets: ["db2"] });
      expect(whole.progress).toMatchObject({ state: "done" });
      const points = signaturesOf(whole.sent, "db1", "db2");
      const found: Record<string, readonly string[]> = {};
      const states = new Set<string>();
      let turn = 0;
      for (const [index, change] of whole.sent.entries()) {
        if (index % stride !== 0) continue;
        const fitting = FAULTS.filter(({ fits }) => fits(change));
        const chosen = everyFault
          ? fitting
          : Array.from({ length: share }, () => fitting[turn++ % fitting.length] ?? fitting[0]);
        for (const fault of chosen) {
          if (fault === undefined) continue;
          const { wrong, state } = await tryFault(points[index] ?? "", fault).catch((error: unknown) => ({
            wrong: [String(error)],
            state: "error",
          }));
          states.add(state);
          if (wrong.length > 0) found[`${points[index]}, ${fault.name}`] = wrong;
        }
        // What goes wrong once spoils what comes after.
        if (Object.keys(found).length > 1) break;
      }
      expect(found).toEqual({});
      expect([...states]).toEqual(expect.arrayContaining(["done", "rolled-back"]));
    });
  });
}
