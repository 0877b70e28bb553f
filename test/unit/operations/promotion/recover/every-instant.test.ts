import { describe, expect, test } from "vitest";
import type { DraftInput, PlanDraft } from "../../../../../src/operations/commands/command.ts";
import { resume } from "../../../../../src/operations/commands/resume.ts";
import { undo } from "../../../../../src/operations/commands/undo.ts";
import type { OperationRecord } from "../../../../../src/operations/journal/record.ts";
import { draftFailover } from "../../../../../src/operations/promotion/failover/draft.ts";
import { draftSwitchover } from "../../../../../src/operations/promotion/plan/switchover.ts";
import { draftRejoin } from "../../../../../src/operations/promotion/rejoin/draft.ts";
import { buildView } from "../../../../../src/operations/view.ts";
import { buildR1, buildR3, NOW, type Scene } from "../../../../support/model-builders.ts";
import { buildRequest } from "../../../../support/requests.ts";
import { healthyPreflight, proofOfDeath } from "../support/preflight.ts";
import { buildPlanOf, following, type Instant, interrupt, routed, runDraft, usable, writable } from "./tiny-cluster.ts";

const INSTANTS: readonly Instant[] = ["not sent", "announced, not done", "announced, done", "written down"];
const REPLICATION = { user: "repl", password: null };

interface Case {
  readonly name: string;
  readonly build: () => Scene;
  readonly request: DraftInput["request"];
  readonly draft: (input: DraftInput) => PlanDraft;
  /** Writable and routed to at the end, and who follows whom. */
  readonly end: { readonly primary: string; readonly follows: Record<string, string | null> };
  /** The old primary is dead: nobody is writable before the candidate is. */
  readonly dead?: string;
}

const promote = (node: string, failover = false) =>
  buildRequest({ command: "promote", targets: [node], promotion: { failover, acceptLoss: false } });

const r1 = (flavor: "mariadb" | "mysql") => () => buildR1(flavor).configure({ replication: REPLICATION });

function byFile(): Scene {
  const scene = r1("mariadb")();
  for (const id of [2, 3, 4]) scene.channel(`db${id}`, { usesGtid: false, gtidMode: "No" });
  return scene;
}

function withCheckpoints(): Scene {
  const scene = r1("mysql")();
  for (const id of [2, 3, 4]) {
    scene.channel(`db${id}`, { usesGtid: false, gtidMode: "No" });
    scene.node(`db${id}`, { applierCheckpointMs: 300 });
  }
  return scene;
}

function dead(build: () => Scene): () => Scene {
  return () => {
    const scene = build();
    for (const id of [2, 3, 4]) scene.channel(`db${id}`, { io: "connecting" });
    return scene.kill("db1").state("lb1", "write_nodes/db1", "down");
  };
}

function ahead(): Scene {
  const scene = dead(r1("mysql"))();
  const executed = scene.report("db4").gtid.executed ?? "";
  return scene.channel("db4", { receivedGtid: executed.replace("1-100", "1-120") });
}

/** db2 is the primary, and db1 has come back writable behind it. */
function returned(): Scene {
  const scene = r1("mysql")();
  scene.node("db2", { readOnly: false, superReadOnly: false, channels: [] });
  for (const id of [3, 4]) scene.channel(`db${id}`, { sourceHost: "10.0.0.12", sourceServerId: 2, sourceUuid: null });
  scene.node("db1", { superReadOnly: false });
  return scene.state("lb1", "write_nodes/db1", "maint");
}

const pair = () => buildR3().node("db2", { readOnly: true });

const TREE = { db1: "db2", db2: null, db3: "db2", db4: "db2" };
const CASES: readonly Case[] = [
  {
    name: "a switchover by GTID on MySQL",
    build: r1("mysql"),
    request: promote("db2"),
    draft: draftSwitchover,
    end: { primary: "db2", follows: TREE },
  },
  {
    name: "a switchover by GTID on MariaDB",
    build: r1("mariadb"),
    request: promote("db2"),
    draft: draftSwitchover,
    end: { primary: "db2", follows: TREE },
  },
  {
    name: "a switchover by coordinates",
    build: byFile,
    request: promote("db2"),
    draft: draftSwitchover,
    end: { primary: "db2", follows: TREE },
  },
  {
    name: "a switchover by coordinates on MySQL, whose appliers have checkpoints",
    build: withCheckpoints,
    request: promote("db2"),
    draft: draftSwitchover,
    end: { primary: "db2", follows: TREE },
  },
  {
    name: "a switchover of a pair",
    build: pair,
    request: promote("db2"),
    draft: draftSwitchover,
    end: { primary: "db2", follows: { db1: "db2", db2: "db1" } },
  },
  {
    name: "a failover on MySQL",
    build: dead(r1("mysql")),
    request: promote("db2", true),
    draft: draftFailover,
    end: { primary: "db2", follows: { ...TREE, db1: null } },
    dead: "db1",
  },
  {
    name: "a failover on MariaDB",
    build: dead(r1("mariadb")),
    request: promote("db2", true),
    draft: draftFailover,
    end: { primary: "db2", follows: { ...TREE, db1: null } },
    dead: "db1",
  },
  {
    name: "a failover by coordinates",
    build: dead(byFile),
    request: promote("db2", true),
    draft: draftFailover,
    end: { primary: "db2", follows: { ...TREE, db1: null } },
    dead: "db1",
  },
  {
    name: "a failover that fetches from another replica first",
    build: ahead,
    request: promote("db2", true),
    draft: draftFailover,
    end: { primary: "db2", follows: { ...TREE, db1: null } },
    dead: "db1",
  },
  {
    name: "a rejoin",
    build: returned,
    request: buildRequest({ command: "rejoin", targets: ["db1"] }),
    draft: draftRejoin,
    end: { primary: "db2", follows: TREE },
  },
];

function inputOf({ request }: Case, scene: Scene, record: OperationRecord | null = null): DraftInput {
  const cluster = scene.snapshot();
  const preflight = healthyPreflight(cluster, { death: proofOfDeath("db1") });
  return { request, view: buildView(cluster), now: NOW, record, settings: scene.settings, preflight };
}

const ask = (each: Case, scene: Scene, record: OperationRecord, command: "undo" | "resume") => ({
  ...inputOf(each, scene, record),
  request: buildRequest({ command, operationId: record.id }),
});

/** At no instant may two nodes take writes, or writes go to a second node. */
function assertOneWriter(scene: Scene, title: string, already: readonly string[]): void {
  const open = writable(scene);
  if (open.length > 1 && open.join() !== already.join())
    throw new Error(`${title}: ${open.join(" and ")} are writable`);
}

function planOf(each: Case) {
  const scene = each.build();
  return { scene, plan: buildPlanOf(each.draft(inputOf(each, scene)), each.request) };
}

describe.each(CASES)("$name", (each) => {
  const numbers = planOf(each).plan.steps.map(({ number, title }) => ({ number, title }));
  const table = numbers.flatMap(({ number, title }) => INSTANTS.map((instant) => ({ number, title, instant })));

  test("reaches its end when nothing comes between", () => {
    const { scene, plan } = planOf(each);
    runDraft(scene, plan.steps);
    expect({ writable: writable(scene), routed: routed(scene), follows: following(scene) }).toEqual({
      writable: [each.end.primary],
      routed: [each.end.primary],
      follows: each.end.follows,
    });
  });

  test.each(table)("broken off at step $number ($title), $instant: resume reaches its end", ({ number, instant }) => {
    const { scene, plan } = planOf(each);
    const already = writable(scene);
    const record = interruptAt(scene, plan, number, instant);
    const draft = resume.draft(ask(each, scene, record, "resume"));
    expect(draft.changedSince).toEqual([]);
    expect(draft.steps.map(({ title }) => title)).toEqual(plan.steps.map(({ title }) => title));
    runDraft(scene, draft.steps, { watch: (now, title) => assertOneWriter(now, title, already) });
    expect({ writable: writable(scene), routed: routed(scene), follows: following(scene) }).toEqual({
      writable: [each.end.primary],
      routed: [each.end.primary],
      follows: each.end.follows,
    });
  });

  test.each(table)(
    "broken off at step $number ($title), $instant: undo leads back, or only forward",
    ({ number, instant }) => {
      const { scene, plan } = planOf(each);
      const found = { writable: writable(scene), usable: usable(scene), follows: following(scene) };
      const record = interruptAt(scene, plan, number, instant);
      const opening = plan.steps.find(({ noReturn }) => noReturn === true);
      const wasOpened = opening !== undefined && writable(scene).includes(each.end.primary);
      if (wasOpened) {
        let forward: PlanDraft | null = null;
        try {
          forward = undo.draft(ask(each, scene, record, "undo"));
        } catch (error) {
          expect(String(error)).toMatch(/has been open for writes/);
          expect(following(scene).db1).not.toBe("db2");
          return;
        }
        expect(forward?.promotion?.to).toBe("db1");
        runDraft(scene, forward.steps, { watch: (now, title) => assertOneWriter(now, title, []) });
        expect({ writable: writable(scene), routed: routed(scene) }).toEqual({ writable: ["db1"], routed: ["db1"] });
        return;
      }
      if (record.phases.size === 0) {
        expect(() => undo.draft(ask(each, scene, record, "undo"))).toThrow(/has changed nothing/);
        return;
      }
      const draft = undo.draft(ask(each, scene, record, "undo"));
      expect(draft.changedSince).toEqual([]);
      runDraft(scene, draft.steps, { watch: (now, title) => assertOneWriter(now, title, found.writable) });
      if (plan.promotion?.mode === "rejoin") {
        // The fence stays: the node is no primary, and follows nobody.
        expect(writable(scene)).toEqual(scene.report("db1").readOnly === false ? ["db1", "db2"] : ["db2"]);
        expect(following(scene).db1).toBeNull();
        expect(routed(scene)).toEqual(["db2"]);
        return;
      }
      expect({ writable: writable(scene), usable: usable(scene), follows: following(scene) }).toEqual({
        ...found,
        usable: each.dead === undefined ? found.usable : { ...found.usable, "lb1 write_nodes/db1": expect.anything() },
      });
    },
  );
});

function interruptAt(scene: Scene, plan: ReturnType<typeof buildPlanOf>, number: number, instant: Instant) {
  const step = plan.steps.find((each) => each.number === number);
  if (step === undefined) throw new Error(`no step ${number}`);
  return interrupt(scene, plan, step, instant);
}
