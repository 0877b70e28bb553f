import { describe, expect, it } from "vitest";
import type { CommandRequest } from "../../../../../src/model/operation.ts";
import type { DeathProof } from "../../../../../src/model/preflight.ts";
import type { PlanDraft } from "../../../../../src/operations/commands/command.ts";
import { askGuards } from "../../../../../src/operations/guards/table.ts";
import { buildGuardFacts } from "../../../../../src/operations/plan.ts";
import { draftFailover } from "../../../../../src/operations/promotion/failover/draft.ts";
import { draftSwitchover } from "../../../../../src/operations/promotion/plan/switchover.ts";
import { draftRejoin } from "../../../../../src/operations/promotion/rejoin/draft.ts";
import { buildView } from "../../../../../src/operations/view.ts";
import { buildR1, buildR2, buildR3, buildR4, type Scene } from "../../../../support/model-builders.ts";
import { buildRequest } from "../../../../support/requests.ts";
import { buildR1Twice } from "../../support/scenes.ts";
import { healthyPreflight, proofOfDeath } from "../support/preflight.ts";
import { withDeadPrimary } from "./ask.ts";

type Drafter = (input: Parameters<typeof draftSwitchover>[0]) => PlanDraft;

interface Ask {
  readonly draft: Drafter;
  /** What the plan is made from. */
  readonly scene: Scene;
  readonly request: Partial<CommandRequest>;
  readonly death?: DeathProof;
  /** Carried on when the cluster looks like this, with the steps after the one that opens the candidate. */
  readonly later?: Scene;
}

/** Verdicts on the plan as it is really drafted that refuse it. */
function refusalsOf({ draft, scene, request: patch, death, later }: Ask): string[] {
  const request = buildRequest({ command: "promote", ...patch });
  const replication = { user: "repl", password: { secret: "unused" } };
  const { settings, now } = scene.configure({ replication });
  const view = buildView(scene.snapshot());
  const preflight = healthyPreflight(view.cluster, { death: death ?? null });
  const plan = draft({ request, view, now, record: null, settings, preflight });
  const opened = plan.steps.findIndex(({ noReturn }) => noReturn === true);
  const steps = later === undefined ? plan.steps : plan.steps.slice(opened + 1);
  const seen = later === undefined ? view : buildView(later.snapshot());
  const facts = buildGuardFacts({ settings, now, sessions: new Map(), stickTables: new Map(), preflight }, seen, steps);
  const asked = { request, steps, changedSince: [] };
  return askGuards(facts, { ...asked, ...(plan.promotion === undefined ? {} : { promotion: plan.promotion }) })
    .filter(({ verdict }) => verdict === "block" || verdict === "unknown")
    .map(({ guard, verdict, message }) => `${guard} ${verdict}: ${message}`);
}

/** Everything up to the opening of db2 was done. */
function opened(scene: Scene): Scene {
  return scene
    .node("db1", { readOnly: true })
    .node("db2", { readOnly: false, superReadOnly: null })
    .channel("db2", { io: "no", sql: "no" })
    .state("lb1", "write_nodes/db1", "maint")
    .state("lb1", "write_nodes/db2", "maint");
}

const byFile = (scene: Scene): Scene => {
  for (const name of ["db2", "db3", "db4"]) scene.channel(name, { usesGtid: false, gtidMode: "No" });
  return scene;
};

const FAIL_OVER = { targets: ["db2"], promotion: { failover: true, acceptLoss: true } };

describe("Guards and the plans that are really made", () => {
  it.each<[string, Scene, string]>([
    ["R1, MariaDB", buildR1(), "db2"],
    ["R1, MySQL", buildR1("mysql"), "db2"],
    ["R1 behind two HAProxies", buildR1Twice(), "db2"],
    ["R1, coordinates", byFile(buildR1()), "db2"],
    ["R2", buildR2(), "db2"],
    ["R3, both sides writable", buildR3(), "db2"],
    ["R3, one side read-only", buildR3().node("db2", { readOnly: true }), "db2"],
    ["R4", buildR4(), "db1"],
  ])("refuse nothing of a switchover: %s", (_, scene, to) => {
    expect(refusalsOf({ draft: draftSwitchover, scene, request: { targets: [to] } })).toEqual([]);
  });

  it.each<[string, Scene, Scene]>([
    ["MariaDB", buildR1(), opened(buildR1())],
    ["MySQL", buildR1("mysql"), opened(buildR1("mysql"))],
    ["coordinates", byFile(buildR1()), opened(byFile(buildR1()))],
  ])("let the rest of a switchover be carried on once the candidate is open: %s", (_, scene, later) => {
    expect(refusalsOf({ draft: draftSwitchover, scene, later, request: { targets: ["db2"] } })).toEqual([]);
  });

  it.each<[string, Scene]>([
    ["MariaDB", withDeadPrimary(buildR1())],
    ["MySQL", withDeadPrimary(buildR1("mysql"))],
    ["coordinates", withDeadPrimary(byFile(buildR1()))],
    ["a pair whose other side is writable", withDeadPrimary(buildR3())],
  ])("refuse nothing of a failover: %s", (_, scene) => {
    expect(refusalsOf({ draft: draftFailover, scene, request: FAIL_OVER, death: proofOfDeath("db1") })).toEqual([]);
  });

  it.each<[string, Scene]>([
    ["MariaDB", buildR1()],
    ["MySQL", buildR1("mysql")],
  ])("refuse nothing of the rejoin of an old primary that came back: %s", (_, scene) => {
    scene.node("db2", { channels: [], readOnly: false, superReadOnly: null }).state("lb1", "write_nodes/db1", "maint");
    for (const name of ["db3", "db4"])
      scene.channel(name, { sourceHost: "10.0.0.12", sourceServerId: 2, sourceUuid: null });
    const request = { command: "rejoin", targets: ["db1"] } as const;
    expect(refusalsOf({ draft: draftRejoin, scene, request })).toEqual([]);
  });

  it("ask a failover of a pair whose other side is open for its proof of death", () => {
    const death = proofOfDeath("db1", { verdict: "alive", message: "db1 answers: Too many connections" });
    const found = refusalsOf({ draft: draftFailover, scene: withDeadPrimary(buildR3()), request: FAIL_OVER, death });
    expect(found.join()).toMatch(/death-proof block/);
  });
});
