/** Fresh looks: at everything a group's guards ask about, or only at the one server that was changed. */
import type { PlanStep } from "../../model/operation.ts";
import { evaluateFact, type FactFinding, type SessionIds } from "../facts/evaluate.ts";
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
  return { haproxies: [...haproxies], nodes: [...nodes] };
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
}

/** Looks at the target of one step alone. */
export async function lookAtStep(context: RunContext, step: PlanStep): Promise<FreshLook> {
  const { target } = step;
  const scope =
    target.kind === "haproxy" ? { haproxies: [target.haproxy], nodes: [] } : { haproxies: [], nodes: [target.node] };
  const { ports, limits } = context;
  const [cluster, sessions] = await Promise.all([
    ports.look(scope, limits.lookMs),
    readSessionIds(ports, [step], limits.lookMs),
  ]);
  return { view: buildView(cluster), sessions };
}

/** All facts together: false beats unknown beats true. */
export function judgeFacts(facts: PlanStep["after"], { view, sessions }: FreshLook): FactFinding {
  const findings = facts.map((fact) => evaluateFact(fact, view, sessions));
  const now = findings.map((finding) => finding.now).join(", ");
  const worst = (["false", "unknown"] as const).find((word) => findings.some(({ holds }) => holds === word));
  return { holds: worst ?? "true", now };
}
