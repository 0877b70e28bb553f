/** Asks the guards of promotion about a plan on a scene. Steps are those every plan of the kind has, as few as the guards need. */
import type { Change, CommandRequest, GuardVerdict, PromotionPlan } from "../../../../../src/model/operation.ts";
import type { PreflightFacts } from "../../../../../src/model/preflight.ts";
import type { ClusterSnapshot } from "../../../../../src/model/snapshot.ts";
import type { GuardedPlan } from "../../../../../src/operations/guards/guard.ts";
import { askGuards } from "../../../../../src/operations/guards/table.ts";
import { buildGuardFacts } from "../../../../../src/operations/plan.ts";
import { buildView } from "../../../../../src/operations/view.ts";
import type { Scene } from "../../../../support/model-builders.ts";
import { buildRequest } from "../../../../support/requests.ts";
import { SWITCH_ROLES } from "../../support/promotion-plan.ts";
import { healthyPreflight, proofOfDeath } from "../support/preflight.ts";

export interface Situation {
  readonly promotion?: Partial<PromotionPlan>;
  readonly request?: Partial<CommandRequest>;
  /** Bends the facts of a healthy cluster; null: they were not read. */
  readonly preflight?: ((facts: PreflightFacts) => PreflightFacts) | null;
  /** Bends the steps. */
  readonly steps?: (steps: readonly Change[]) => readonly Change[];
}

function serverSteps(
  cluster: ClusterSnapshot,
  { writerBackend }: PromotionPlan,
  node: string | null,
  state: "maint" | "ready",
) {
  return cluster.nodes
    .filter(({ name }) => name === node)
    .flatMap(({ servers }) => servers)
    .filter(({ server, freshness }) => server.backend === writerBackend && freshness === "fresh")
    .map(
      ({ haproxy, server }): Change => ({
        kind: "server-state",
        haproxy,
        backend: server.backend,
        server: server.server,
        state,
      }),
    );
}

const readOnly = (node: string, on: boolean): Change => ({ kind: "read-only", node, on, superToo: false });

function follow(node: string, to: string): Change {
  return {
    kind: "change-source",
    node,
    channel: "",
    host: `10.0.0.1${to.slice(2)}`,
    port: 3306,
    follow: "gtid-pos",
    position: null,
    login: { kind: "keep" },
  };
}

function defaultSteps(cluster: ClusterSnapshot, roles: PromotionPlan): readonly Change[] {
  const { mode, variant, from, to } = roles;
  const isMutual = variant === "pair" || variant === "multi-writer";
  const siblings = cluster.nodes
    .filter(
      ({ name, channels }) => name !== from && name !== to && channels.some(({ sourceNode }) => sourceNode === from),
    )
    .filter(({ reading }) => reading.state === "fresh")
    .map(({ name }) => name);
  const others = cluster.nodes.filter(({ name }) => name !== from && name !== to).map(({ name }) => name);
  if (mode === "rejoin") {
    if (from === null) return [];
    return [...serverSteps(cluster, roles, from, "maint"), readOnly(from, true), follow(from, to)];
  }
  const position = { kind: "role", role: "stop", node: from ?? "" } as const;
  const wait = { channel: "", by: "gtid", timeoutSeconds: 10 } as const;
  return [
    ...serverSteps(cluster, roles, to, "maint"),
    ...(mode === "switchover" && from !== null ? [readOnly(from, true)] : []),
    ...[from, ...others].flatMap((node) => serverSteps(cluster, roles, node, "maint")),
    mode === "failover"
      ? { kind: "drain-relay", node: to, ...wait }
      : { kind: "wait-position", node: to, position, ...wait },
    ...(isMutual ? [] : [{ kind: "replication", node: to, action: "stop", thread: "both", channel: "" } as const]),
    readOnly(to, false),
    ...serverSteps(cluster, roles, to, "ready"),
    ...(isMutual
      ? []
      : [...siblings, ...(mode === "failover" || from === null ? [] : [from])].map((node) => follow(node, to))),
  ];
}

export function askAbout(scene: Scene, situation: Situation = {}): readonly GuardVerdict[] {
  const cluster = scene.snapshot();
  const promotion = { ...SWITCH_ROLES, ...situation.promotion };
  const death = promotion.mode === "failover" ? proofOfDeath(promotion.from ?? "") : null;
  const healthy = healthyPreflight(cluster, { death });
  const bend = situation.preflight === undefined ? (facts: PreflightFacts) => facts : situation.preflight;
  const changes = (situation.steps ?? ((steps) => steps))(defaultSteps(cluster, promotion));
  const plan: GuardedPlan = {
    request: buildRequest({
      command: promotion.mode === "rejoin" ? "rejoin" : "promote",
      targets: [promotion.to],
      ...situation.request,
    }),
    steps: changes.map((change) => ({
      change,
      title: change.kind,
      before: "haproxy" in change ? [{ kind: "pid", haproxy: change.haproxy, pid: 123 }] : [],
    })),
    changedSince: [],
    promotion,
  };
  const input = {
    settings: scene.settings,
    now: scene.now,
    sessions: new Map(),
    stickTables: new Map(),
    preflight: bend === null ? null : bend(healthy),
  };
  return askGuards(buildGuardFacts(input, buildView(cluster), plan.steps), plan);
}

/** `guard verdict`, ` force` where it may be forced; what passed and what only warns of restarts left out. */
export function listVerdicts(scene: Scene, situation: Situation = {}): string[] {
  return askAbout(scene, situation)
    .filter(({ verdict, message }) => verdict !== "pass" && !message.includes("until its next restart only"))
    .map(({ guard, verdict, forceable }) => `${guard} ${verdict}${verdict !== "warn" && forceable ? " force" : ""}`);
}

/** What a guard says that is not "pass", in one text. */
export function wordsOf(guard: string, scene: Scene, situation: Situation = {}): string {
  return askAbout(scene, situation)
    .filter((each) => each.guard === guard && each.verdict !== "pass")
    .map(({ message, advice }) => `${message} ${advice}`)
    .join("\n");
}

/** The primary refuses connections, its replicas try to connect. */
export function withDeadPrimary(scene: Scene): Scene {
  for (const { name, channels } of scene.snapshot().nodes) {
    if (!channels.some(({ sourceNode }) => sourceNode === "db1")) continue;
    const gtid = scene.report(name).gtid;
    scene.channel(name, { io: "connecting", receivedGtid: gtid.executed, executedGtid: gtid.executed });
  }
  return scene.kill("db1");
}

export const FAILOVER: Situation = { promotion: { mode: "failover" } };
