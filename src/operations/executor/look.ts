/** Fresh looks: at everything a group's guards ask about, or only at the one server that was changed. */
import type { Fact, PlanStep } from "../../model/operation.ts";
import {
  combineFindings,
  evaluateFact,
  type FactFinding,
  type Schedulers,
  type SessionIds,
} from "../facts/evaluate.ts";
import { effectsOf } from "../guards/effects.ts";
import { putsIn } from "../guards/selectors.ts";
import type { ClusterPorts, LookScope } from "../ports.ts";
import { buildView, type ClusterView } from "../view.ts";
import type { RunContext } from "./context.ts";

/** Endpoints whose state the guards of these steps need. */
export function scopeOf(steps: readonly PlanStep[], view: ClusterView): LookScope {
  // Also those that no step goes to: a plan for all HAProxies counts on all of them being there. A silent one is waited for only once.
  const answering = view.cluster.haproxies.filter(({ reading }) => reading.state !== "failed");
  const haproxies = new Set(answering.map(({ name }) => name));
  const nodes = new Set<string>();
  for (const { change } of effectsOf(view, { steps })) {
    haproxies.add(change.haproxy);
    const isIn = [change].some(putsIn);
    if (!isIn && view.cluster.readerBackends.includes(change.backend)) continue;
    for (const { node, server } of view.servers) {
      // Writes may go through any backend; a node that is silent is waited for only where it may be the one that is put in.
      const isMeant = server.backend === change.backend || (isIn && view.node(node)?.reading.state !== "failed");
      if (node !== null && isMeant) nodes.add(node);
    }
  }
  for (const { change } of steps) {
    if (!("node" in change)) continue;
    if (change.kind === "read-only") for (const { name } of view.cluster.nodes) nodes.add(name);
    else nodes.add(change.node);
  }
  if (!steps.some(({ change }) => change.kind === "move-address"))
    return { haproxies: [...haproxies], nodes: [...nodes] };
  const writing = view.servers.filter(({ server }) => server.backend === view.cluster.writer?.backend);
  for (const { node } of writing) if (node !== null) nodes.add(node);
  return { haproxies: [...haproxies], nodes: [...nodes], hosts: "all" };
}

/** Numbers of the client sessions on the nodes where one is to be killed; system sessions are not in it, so they can never be chosen. */
export async function readSessionIds(
  ports: ClusterPorts,
  steps: readonly Pick<PlanStep, "change">[],
  timeoutMs: number,
): Promise<SessionIds> {
  const nodes = new Set(steps.flatMap(({ change }) => (change.kind === "kill-session" ? [change.node] : [])));
  const found = new Map<string, ReadonlySet<number> | null>();
  await Promise.all(
    [...nodes].map(async (node) => {
      try {
        const sessions = await ports.clientSessions(node, { signal: new AbortController().signal, timeoutMs });
        found.set(node, new Set(sessions.filter(({ system }) => !system).map(({ id }) => id)));
      } catch {
        found.set(node, null);
      }
    }),
  );
  return found;
}

export interface FreshLook {
  readonly view: ClusterView;
  readonly sessions: SessionIds;
  readonly schedulers?: Schedulers;
}

/** The event scheduler is no part of a look: its nodes are asked apart, where a fact is about it. */
export async function readSchedulers(
  ports: ClusterPorts,
  facts: readonly Fact[],
  timeoutMs: number,
): Promise<Schedulers> {
  const nodes = new Set(facts.flatMap((fact) => (fact.kind === "event-scheduler" ? [fact.node] : [])));
  const found = new Map<string, boolean | null>();
  await Promise.all(
    [...nodes].map(async (node) => {
      const bounds = { signal: new AbortController().signal, timeoutMs };
      const told = await ports.preflight(node, bounds).catch(() => null);
      const state = told?.eventScheduler ?? null;
      found.set(node, state === null ? null : state === "on");
    }),
  );
  return found;
}

/** Looks at everything these facts are about, all at once. */
export async function lookAtFacts(context: RunContext, facts: readonly Fact[]): Promise<FreshLook> {
  const { ports, limits } = context;
  const haproxies = new Set(facts.flatMap((fact) => ("haproxy" in fact ? [fact.haproxy] : [])));
  const nodes = new Set(facts.flatMap((fact) => ("node" in fact ? [fact.node] : [])));
  const [cluster, schedulers] = await Promise.all([
    ports.look({ haproxies: [...haproxies], nodes: [...nodes] }, limits.lookMs),
    readSchedulers(ports, facts, limits.lookMs),
  ]);
  return { view: buildView(cluster), sessions: new Map(), schedulers };
}

function scopeOfTarget(target: PlanStep["target"]): LookScope {
  switch (target.kind) {
    case "haproxy":
      return { haproxies: [target.haproxy], nodes: [] };
    case "node":
      return { haproxies: [], nodes: [target.node] };
    case "host":
      // Who else holds the address counts as much.
      return { haproxies: [], nodes: [], hosts: "address" };
  }
}

/** Each look at a host starts a program there, most often through SSH. */
const HOST_LOOK_MS = 8_000;

export function lookBound({ hosts }: LookScope, { lookMs }: Pick<RunContext["limits"], "lookMs">): number {
  return hosts === undefined ? lookMs : Math.max(lookMs, HOST_LOOK_MS);
}

/** Looks at the target of one step alone. */
export async function lookAtStep(context: RunContext, step: PlanStep): Promise<FreshLook> {
  const scope = scopeOfTarget(step.target);
  const { ports, limits } = context;
  const [cluster, sessions, schedulers] = await Promise.all([
    ports.look(scope, lookBound(scope, limits)),
    readSessionIds(ports, [step], limits.lookMs),
    readSchedulers(ports, step.after, limits.lookMs),
  ]);
  return { view: buildView(cluster), sessions, schedulers };
}

/** All facts together: false beats unknown beats true. */
export function judgeFacts(facts: PlanStep["after"], { view, sessions, schedulers }: FreshLook): FactFinding {
  return combineFindings(facts.map((fact) => evaluateFact(fact, view, sessions, schedulers)));
}
