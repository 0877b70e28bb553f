/** The effects of changes on a Scene: just enough of a cluster to tell who is writable, who follows whom and where writes go. */
import type { ReplicaChannel } from "../../../../../src/model/mysql.ts";
import type { Change, Fact, Plan, PlanStep } from "../../../../../src/model/operation.ts";
import { isUsable } from "../../../../../src/model/writer-route.ts";
import type { DraftInput, PlanDraft, StepDraft } from "../../../../../src/operations/commands/command.ts";
import { evaluateFact } from "../../../../../src/operations/facts/evaluate.ts";
import type { JournalPhase } from "../../../../../src/operations/journal/line.ts";
import type { OperationRecord } from "../../../../../src/operations/journal/record.ts";
import { buildView } from "../../../../../src/operations/view.ts";
import { buildChannel, NOW, type Scene } from "../../../../support/model-builders.ts";

function changeChannel(scene: Scene, node: string, name: string, patch: Partial<ReplicaChannel>): void {
  const channels = scene.report(node).channels ?? [];
  const known = channels.some((channel) => channel.name === name);
  const all = known ? channels : [...channels, buildChannel("0.0.0.0:1", { name, io: "no", sql: "no" })];
  scene.node(node, { channels: all.map((channel) => (channel.name === name ? { ...channel, ...patch } : channel)) });
}

function identityAt(scene: Scene, host: string): Partial<ReplicaChannel> {
  const found = [...scene.nodes.values()].find((node) => node.host === host);
  if (found?.reading.state !== "fresh") return {};
  return { sourceServerId: found.reading.value.serverId, sourceUuid: found.reading.value.serverUuid };
}

export function apply(scene: Scene, change: Change): void {
  if ("node" in change && scene.nodes.get(change.node)?.reading.state !== "fresh") return;
  switch (change.kind) {
    case "server-state":
      scene.state(change.haproxy, `${change.backend}/${change.server}`, change.state === "ready" ? "up" : change.state);
      return;
    case "shutdown-sessions":
      scene.server(change.haproxy, `${change.backend}/${change.server}`, { sessions: 0 });
      return;
    case "applier-checkpoint":
      scene.node(change.node, { applierCheckpointMs: change.milliseconds });
      return;
    case "semi-sync-source": {
      const { semiSync } = scene.report(change.node);
      if (semiSync !== null) scene.node(change.node, { semiSync: { ...semiSync, sourceEnabled: change.on } });
      return;
    }
    case "read-only":
      scene.node(change.node, {
        readOnly: change.on,
        superReadOnly: scene.report(change.node).superReadOnly === null ? null : change.on && change.superToo,
      });
      return;
    case "replication": {
      const io = { io: change.action === "start" ? "yes" : "no" } as const;
      const sql = { sql: change.action === "start" ? "yes" : "no" } as const;
      changeChannel(scene, change.node, change.channel, {
        ...(change.thread === "sql" ? {} : io),
        ...(change.thread === "io" ? {} : sql),
      });
      return;
    }
    case "change-source":
      changeChannel(scene, change.node, change.channel, {
        sourceHost: change.host,
        sourcePort: change.port,
        ...identityAt(scene, change.host),
      });
      return;
    case "reset-replication":
      scene.node(change.node, {
        channels: (scene.report(change.node).channels ?? []).filter(({ name }) => name !== change.channel),
      });
      return;
    default:
  }
}

/** What the node says when it cannot do that; null: it can. */
function refuse(scene: Scene, change: Change): string | null {
  const isStopped = (node: string, name: string) => {
    const channel = scene.report(node).channels?.find((each) => each.name === name);
    return channel === undefined || channel.sql === "no";
  };
  if (change.kind === "wait-position" || change.kind === "drain-relay") {
    return isStopped(change.node, change.channel) ? "its applier does not run" : null;
  }
  if (change.kind === "change-source" || change.kind === "reset-replication") {
    return isStopped(change.node, change.channel) ? null : "its applier runs";
  }
  return null;
}

export const writable = (scene: Scene): string[] =>
  [...scene.nodes.values()].flatMap(({ name, reading }) =>
    reading.state === "fresh" && reading.value.readOnly === false ? [name] : [],
  );

/** Nodes that get new writes on any HAProxy. */
export const routed = (scene: Scene): readonly string[] => scene.snapshot().writer?.expected ?? [];

/** Whom every node follows whose replication runs. */
export function following(scene: Scene): Record<string, string | null> {
  return Object.fromEntries(
    scene.snapshot().nodes.map(({ name, channels }) => {
      const running = channels.find(({ io, sql }) => io !== "no" && sql === "yes");
      return [name, running?.sourceNode ?? null];
    }),
  );
}

/** Server states that matter: usable or not, on every HAProxy. */
export function usable(scene: Scene): Record<string, boolean> {
  return Object.fromEntries(
    [...scene.haproxies.keys()].flatMap((name) =>
      scene
        .haproxyReport(name)
        .servers.map((server) => [`${name} ${server.backend}/${server.server}`, isUsable(server)]),
    ),
  );
}

function assertHolds(scene: Scene, title: string, facts: readonly Fact[]): void {
  const view = buildView(scene.snapshot());
  for (const fact of facts) {
    if (fact.kind === "event-scheduler" || fact.kind === "pid") continue;
    const { holds, now } = evaluateFact(fact, view);
    if (holds !== "true") throw new Error(`${title}: ${JSON.stringify(fact)} is ${holds}: ${now}`);
  }
}

export interface RunOptions {
  /** Asked after every group. */
  readonly watch?: (scene: Scene, title: string) => void;
}

/** Runs what is not done before, group by group: sections in order, facts asked before and read back after. */
export function runDraft(scene: Scene, steps: readonly StepDraft[], { watch }: RunOptions = {}): void {
  const sections = ["before", "write-stop", "after"] as const;
  const done = new Set(steps.flatMap(({ doneBefore }, index) => (doneBefore === true ? [index + 1] : [])));
  const numbered = steps.map((step, index) => ({ ...step, number: index + 1 }));
  for (const section of sections) {
    const own = numbered.filter((step) => (step.section ?? "before") === section && !done.has(step.number));
    for (const step of own) {
      if ((step.needs ?? []).some((number) => !done.has(number))) continue;
      try {
        assertHolds(scene, `before ${step.title}`, step.before);
        const refusal = refuse(scene, step.change);
        if (refusal !== null) throw new Error(`${step.title}: ${refusal}`);
        apply(scene, step.change);
        assertHolds(scene, `after ${step.title}`, step.after);
        done.add(step.number);
      } catch (error) {
        if (step.onFailure !== "go-on") throw error;
      }
      watch?.(scene, step.title);
    }
  }
}

export function buildPlanOf(draft: PlanDraft, request: DraftInput["request"]): Plan {
  const steps = draft.steps.map(({ undo, rescue, doneBefore: _done, ...step }, index): PlanStep => {
    const withText = <T>(each: T) => ({ ...each, command: "-" });
    return {
      ...step,
      number: index + 1,
      command: "-",
      undo: undo === null ? null : withText(undo),
      ...(rescue === undefined ? {} : { rescue: rescue.map(withText) }),
    };
  });
  return {
    id: "op-1",
    at: NOW,
    cluster: "shop",
    request,
    title: draft.title,
    danger: "disruptive",
    confirmWord: draft.confirmWord,
    steps,
    guards: [],
    notes: draft.notes,
    watch: [],
    fingerprint: "",
    concerns: null,
    carriesOn: false,
    doneBefore: [],
    ...(draft.promotion === undefined ? {} : { promotion: draft.promotion }),
  };
}

/** How far the step that was under way had come. */
export type Instant = "not sent" | "announced, not done" | "announced, done" | "written down";

/** Carries the plan out up to that instant of that step, and gives the journal as it is on disk then. */
export function interrupt(scene: Scene, plan: Plan, at: PlanStep, instant: Instant): OperationRecord {
  const phases = new Map<number, JournalPhase>();
  const sections = ["before", "write-stop", "after"] as const;
  const sectionOf = (step: PlanStep) => step.section ?? "before";
  const order = sections.flatMap((section) => plan.steps.filter((step) => sectionOf(step) === section));
  for (const step of order) {
    if (step === at && instant === "not sent") break;
    const announced =
      sectionOf(step) === "write-stop" ? order.filter((each) => sectionOf(each) === "write-stop") : [step];
    for (const { number } of announced) if (!phases.has(number)) phases.set(number, "intent");
    if (step === at && instant === "announced, not done") break;
    apply(scene, step.change);
    if (step === at && instant === "announced, done") break;
    phases.set(step.number, "done");
    if (step === at) break;
  }
  return buildRecord(plan, phases);
}

export function buildRecord(
  plan: Plan,
  phases: OperationRecord["phases"],
  patch: Partial<OperationRecord> = {},
): OperationRecord {
  const positions = Object.fromEntries(
    plan.steps.flatMap(({ number, change }) =>
      change.kind === "read-position" && phases.get(number) === "done"
        ? [[change.role, { gtid: null, file: "bin.000001", pos: 1000 }]]
        : [],
    ),
  );
  return {
    id: plan.id,
    cluster: plan.cluster,
    kind: plan.request.command,
    operator: "ana",
    host: "bastion",
    startedAt: NOW,
    endedAt: null,
    title: plan.title,
    reason: null,
    state: "interrupted",
    summary: "",
    plan,
    phases,
    positions,
    gapMs: null,
    byHand: [],
    undoneBy: null,
    lines: [],
    ...patch,
  };
}
