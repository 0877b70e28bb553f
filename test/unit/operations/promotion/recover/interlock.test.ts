import { expect, test } from "vitest";
import type { Plan, PlanStep } from "../../../../../src/model/operation.ts";
import { resume } from "../../../../../src/operations/commands/resume.ts";
import { undo } from "../../../../../src/operations/commands/undo.ts";
import type { OperationRecord } from "../../../../../src/operations/journal/record.ts";
import { draftFailover } from "../../../../../src/operations/promotion/failover/draft.ts";
import { draftSwitchover } from "../../../../../src/operations/promotion/plan/switchover.ts";
import { buildView } from "../../../../../src/operations/view.ts";
import {
  buildChannel,
  buildR1,
  buildR3,
  buildServer,
  NOW,
  type Scene,
  uuidOf,
} from "../../../../support/model-builders.ts";
import { buildRequest } from "../../../../support/requests.ts";
import { selectFindings } from "../../guards/verdicts.ts";
import { healthyPreflight, proofOfDeath } from "../support/preflight.ts";
import { buildPlanOf, buildRecord, following, type Instant, interrupt, runDraft } from "./tiny-cluster.ts";

interface Broken {
  readonly scene: Scene;
  readonly plan: Plan;
  readonly record: OperationRecord;
}

function breakOff(at: (step: PlanStep) => boolean, instant: Instant, isFile = false): Broken {
  const scene = buildR1("mysql");
  if (isFile) for (const id of [2, 3, 4]) scene.channel(`db${id}`, { usesGtid: false, gtidMode: "No" });
  return breakOffIn(scene, at, instant);
}

function breakOffIn(scene: Scene, at: (step: PlanStep) => boolean, instant: Instant): Broken {
  scene.configure({ replication: { user: "repl", password: null } });
  const cluster = scene.snapshot();
  const request = buildRequest({ command: "promote", targets: ["db2"] });
  const settings = scene.settings;
  const preflight = healthyPreflight(cluster);
  const plan = buildPlanOf(
    draftSwitchover({ request, view: buildView(cluster), now: NOW, record: null, settings, preflight }),
    request,
  );
  const step = plan.steps.find(at);
  if (step === undefined) throw new Error("no such step");
  return { scene, plan, record: interrupt(scene, plan, step, instant) };
}

const opening = ({ noReturn }: PlanStep) => noReturn === true;
const route = ({ change }: PlanStep) => change.kind === "server-state" && change.state === "ready";
const freeze = ({ change }: PlanStep) => change.kind === "read-only" && change.on;

function ask({ scene, record }: Broken, command: "undo" | "resume") {
  const cluster = scene.snapshot();
  const input = {
    request: buildRequest({ command, operationId: record.id }),
    view: buildView(cluster),
    now: NOW,
    record,
    settings: scene.settings,
    preflight: healthyPreflight(cluster),
  };
  return command === "undo" ? undo.draft(input) : resume.draft(input);
}

test.each(["undo", "resume"] as const)(
  "%s is refused while the node that would tell whether it was opened is silent",
  (command) => {
    const broken = breakOff(opening, "announced, done");
    broken.scene.kill("db2");
    expect(() => ask(broken, command)).toThrow(/Whether db2 was opened for writes cannot be told/);
  },
);

test("resume is refused when the old primary has died before the new one was opened, with the failover named", () => {
  const broken = breakOff(freeze, "announced, done");
  broken.scene.kill("db1");
  let advice = "";
  try {
    ask(broken, "resume");
  } catch (error) {
    advice = (error as { advice: string }).advice;
  }
  expect(advice).toContain("signalbox promote db2 --failover");
});

test("what was never sent inside the write stop is written down as failed and is no proof that the new primary was opened", () => {
  const broken = breakOff(freeze, "announced, done");
  const phases = new Map(
    [...broken.record.phases].map(([number, phase]) => [number, phase === "intent" ? "failed" : phase] as const),
  );
  const record = buildRecord(broken.plan, phases);
  const draft = ask({ ...broken, record }, "undo");
  expect(draft.promotion).toBeUndefined();
  runDraft(broken.scene, draft.steps);
  expect(broken.scene.report("db1").readOnly).toBe(false);
});

test.each([
  ["sends the cut of sessions that are still there again", 3, ["shutdown-sessions"]],
  ["lets it be when they have left by themselves", 0, []],
])("resume after the opening %s", (_, sessions, sent) => {
  const broken = breakOff(({ change }) => change.kind === "reset-replication", "written down");
  const cut = broken.plan.steps.find(({ change }) => change.kind === "shutdown-sessions");
  const phases = new Map([...broken.record.phases, [cut?.number ?? 0, "failed"] as const]);
  broken.scene.server("lb1", "write_nodes/db1", { sessions });
  const draft = ask({ ...broken, record: buildRecord(broken.plan, phases) }, "resume");
  const early = draft.steps.slice(0, broken.plan.steps.find(opening)?.number ?? 0);
  expect(early.filter(({ doneBefore }) => doneBefore !== true).map(({ change }) => change.kind)).toEqual(sent);
});

test("resume is refused when the old primary is writable again beside the opened one", () => {
  const broken = breakOff(route, "written down");
  broken.scene.node("db1", { readOnly: false, superReadOnly: false });
  expect(() => ask(broken, "resume")).toThrow(/two nodes take writes/);
});

test("resume is refused when a reload has put the old primary's server back", () => {
  const broken = breakOff(route, "written down");
  broken.scene.state("lb1", "write_nodes/db1", "up");
  expect(() => ask(broken, "resume")).toThrow(/write_nodes\/db1 is back in rotation on lb1/);
});

test("a new primary that was opened and reads read-only again is never taken for one that was not opened", () => {
  const broken = breakOff(route, "written down");
  broken.scene.node("db2", { readOnly: true, superReadOnly: true });
  expect(() => ask(broken, "resume")).toThrow(/is read-only again/);
  expect(() => ask(broken, "undo")).toThrow(/has been open for writes/);
});

/** Both sides were writable, and are so again. */
function takenBackPair(): Broken {
  const { scene: _broken, ...broken } = breakOffIn(buildR3(), route, "not sent");
  const { plan } = broken;
  const first = plan.steps.findIndex(opening);
  const phases = plan.steps.map(
    ({ number, undo }, index) => [number, index >= first ? "failed" : undo === null ? "done" : "undone"] as const,
  );
  return { ...broken, scene: buildR3(), record: buildRecord(plan, new Map(phases)) };
}

test("the passive side of a pair, writable again because that was taken back, is not taken for one that was opened", () => {
  const broken = takenBackPair();
  expect(ask(broken, "undo")).toMatchObject({ concerns: "op-1", steps: [] });
  const again = ask(broken, "resume");
  runDraft(broken.scene, again.steps);
  expect([broken.scene.report("db1").readOnly, broken.scene.report("db2").readOnly]).toEqual([true, false]);
});

test("it is opened again only once HAProxy has the active side back", () => {
  const { plan } = takenBackPair();
  const close = plan.steps.find(({ change }) => change.kind === "read-only" && change.on && change.node === "db2");
  expect(close?.undo?.before).toEqual([
    { kind: "admin-state", haproxy: "lb1", backend: "mysql", server: "db1", state: "ready" },
  ]);
});

test("undo opens it again beside the active side, as both were found, with a warning", () => {
  const close = ({ change }: PlanStep) => change.kind === "read-only" && change.node === "db2";
  const { scene, record } = breakOffIn(buildR3(), close, "announced, done");
  const found = selectFindings(scene, { command: "undo", operationId: record.id }, record);
  expect(found.map(({ guard, verdict }) => `${guard} ${verdict}`)).toEqual(["opened-replica warn"]);
  const other = { command: "read-only-off", targets: ["db2"] } as const;
  expect(selectFindings(scene, other).map(({ guard, verdict }) => `${guard} ${verdict}`)).toEqual([
    "opened-replica block",
  ]);
});

test("resume of a failover to a side that was writable already tells to close the other one, once that is back", () => {
  const scene = buildR3().kill("db1").state("lb1", "mysql/db1", "down").channel("db2", { io: "connecting" });
  const cluster = scene.snapshot();
  const request = buildRequest({
    command: "promote",
    targets: ["db2"],
    promotion: { failover: true, acceptLoss: false },
  });
  const preflight = healthyPreflight(cluster, { death: proofOfDeath("db1") });
  const input = { request, view: buildView(cluster), now: NOW, record: null, settings: scene.settings, preflight };
  const plan = buildPlanOf(draftFailover(input), request);
  expect(plan.steps.some(opening)).toBe(false);
  const phases = new Map(plan.steps.map(({ number }) => [number, "failed"] as const));
  const back = buildR3().state("lb1", "mysql/db1", "maint");
  const broken = { scene: back, plan, record: buildRecord(plan, phases) };
  expect(() => ask(broken, "resume")).toThrow("db1 is back and writable, and db2 takes the writes.");
  back.node("db1", { readOnly: true });
  expect(ask(broken, "resume")).toMatchObject({ carriesOn: "op-1" });
});

test("undo leaves the writes where they are once a third node has been promoted, also after the opening", () => {
  const { scene, record } = breakOff(opening, "not sent");
  const late = breakOff(route, "written down");
  const third = buildServer("write_nodes/db3", "10.0.0.13:3306", { backup: true, active: false });
  for (const each of [scene, late.scene]) each.addHaproxy("lb1", [...each.haproxyReport("lb1").servers, third]);
  const givesWrites = ({ change }: { readonly change: PlanStep["change"] }) =>
    (change.kind === "read-only" && !change.on) || (change.kind === "server-state" && change.backend === "write_nodes");
  const undone = () => ask({ scene, record, plan: record.plan as Plan }, "undo").steps.filter(givesWrites).length;
  const before = undone();
  expect(before).toBeGreaterThan(0);
  scene.node("db3", { readOnly: false, superReadOnly: false, channels: [] });
  expect(undone()).toBe(before);
  const follow = { channels: [buildChannel("10.0.0.13:3306", { sourceServerId: 3 })] };
  scene.node("db1", follow).node("db2", follow);
  expect(undone()).toBe(0);
  late.scene
    .node("db2", { ...follow, readOnly: true, superReadOnly: true })
    .node("db3", { readOnly: false, superReadOnly: false, channels: [] })
    .node("db1", follow)
    .state("lb1", "write_nodes/db2", "maint");
  expect(ask(late, "undo").steps.filter(givesWrites)).toEqual([]);
  const done = { ...late.record, state: "done" } as const;
  expect(() => ask({ ...late, record: done }, "undo")).toThrow("db1 does not follow db2");
  scene.node("db1", { readOnly: false });
  expect(undone()).toBeGreaterThan(0);
});

test("the old primary is opened again only while the new one is read to be read-only", () => {
  const draft = ask(breakOff(opening, "not sent"), "undo");
  const open = draft.steps.find(({ change }) => change.kind === "read-only");
  expect(open?.before).toContainEqual({ kind: "writable", node: "db2", is: false });
});

test("somebody opened the new primary before it was announced: the old one is not opened beside it", () => {
  const broken = breakOff(freeze, "written down");
  const record = buildRecord(broken.plan, new Map([...broken.record.phases].filter(([, phase]) => phase === "done")));
  broken.scene.node("db2", { readOnly: false, superReadOnly: false });
  const draft = ask({ ...broken, record }, "undo");
  expect(() => runDraft(broken.scene, draft.steps)).toThrow(/"node":"db2","is":false/);
  expect(broken.scene.report("db1").readOnly).toBe(true);
});

test("taken back after it was opened, it is a promotion back, which concerns the operation", () => {
  const broken = breakOff(({ change }) => change.kind === "reset-replication", "written down");
  const draft = ask(broken, "undo");
  expect(draft).toMatchObject({ concerns: "op-1", promotion: { mode: "switchover", from: "db2", to: "db1" } });
});

test("coordinates that were not written down are not guessed: the nodes that need them are left alone and to be rebuilt", () => {
  const broken = breakOff(opening, "announced, done", true);
  const record = { ...broken.record, positions: {} };
  const draft = ask({ ...broken, record }, "resume");
  expect(draft.promotion?.byHand.filter(({ code }) => code === "rebuild-node").map(({ subject }) => subject)).toEqual([
    "db3",
    "db4",
    "db1",
  ]);
  runDraft(broken.scene, draft.steps);
  expect(following(broken.scene)).toEqual({ db1: null, db2: null, db3: "db1", db4: "db1" });
  expect(broken.scene.report("db2").readOnly).toBe(false);
});

/** Everything is done but the steps of db3, or those behind its stop where it does not run; it stands there in the log of db1. */
function leaveOut(applier: "yes" | "no", executedPos: number): Broken {
  const broken = breakOff(({ change }) => change.kind === "reset-replication", "not sent", true);
  const isOfSibling = new Set(
    broken.plan.steps.flatMap(({ number, section, target, change }) => {
      if (section !== "after" || target.kind !== "node" || target.node !== "db3") return [];
      const wasDone = change.kind === "wait-position" || (change.kind === "replication" && change.action === "stop");
      return wasDone && applier === "no" ? [] : [number];
    }),
  );
  const phases = new Map([...broken.record.phases].filter(([number]) => !isOfSibling.has(number)));
  const source = { sourceHost: "10.0.0.11", sourcePort: 3306, sourceUuid: uuidOf(1), sourceServerId: 1 };
  broken.scene.channel("db3", { ...source, io: applier, sql: applier, executedFile: "bin.000001", executedPos });
  return { ...broken, record: { ...broken.record, phases } };
}

test("by coordinates, a sibling that went on behind the old primary would apply twice what it got there: it stays where it is", () => {
  for (const [broken, source] of [
    [leaveOut("yes", 2000), "db1"],
    [leaveOut("no", 2000), null],
    [leaveOut("yes", 1000), "db1"],
  ] as const) {
    const draft = ask(broken, "resume");
    const tasks = draft.promotion?.byHand.filter(({ code }) => code === "rebuild-node") ?? [];
    expect(tasks.map(({ subject, message }) => `${subject}: ${message}`)).toEqual([
      expect.stringMatching(/^db3: .*has gone on behind db1/),
    ]);
    runDraft(broken.scene, draft.steps);
    expect(following(broken.scene)).toMatchObject({ db1: "db2", db3: source, db4: "db2" });
  }
});

test("by coordinates, a sibling that stands exactly where the old primary's writes ended follows the new one", () => {
  const broken = leaveOut("no", 1000);
  const draft = ask(broken, "resume");
  expect(draft.promotion?.byHand.filter(({ code }) => code === "rebuild-node")).toEqual([]);
  runDraft(broken.scene, draft.steps);
  expect(following(broken.scene)).toMatchObject({ db1: "db2", db3: "db2", db4: "db2" });
});

test("a server that somebody has put into a third state is told, and not overwritten unseen", () => {
  const broken = breakOff(opening, "not sent");
  broken.scene.state("lb1", "write_nodes/db2", "drain");
  expect(ask(broken, "undo").changedSince?.map(({ subject }) => subject)).toEqual(["keep writes from write_nodes/db2"]);
});

test("a node that the plan never reached is as it was, whatever it looks like", () => {
  const broken = breakOff(opening, "not sent");
  const draft = ask(broken, "undo");
  expect(draft.steps.some(({ target }) => target.kind === "node" && target.node === "db3")).toBe(false);
});
