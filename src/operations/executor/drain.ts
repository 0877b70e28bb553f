/** Follows drained servers until no session is left on any HAProxy, or the deadline. */
import type { ClientSession } from "../../model/mysql.ts";
import type { DrainProgress } from "../../model/operation.ts";
import { buildView, type ClusterView } from "../view.ts";
import { pause, type RunContext } from "./context.ts";
import {
  buildDrainProgress,
  type DrainSample,
  describeEmpty,
  groupClients,
  measureServers,
  type Processes,
  selectLost,
  selectProcesses,
  selectReplaced,
  sumOrNull,
} from "./drain-progress.ts";

export type DrainEnd =
  | { readonly kind: "empty"; readonly where: string }
  | { readonly kind: "deadline"; readonly left: number | null }
  | { readonly kind: "stopped"; readonly left: number | null }
  | { readonly kind: "lost"; readonly what: string };

/** The processlist is asked beside the counting: a node that hangs must not hold it up. */
class ClientWatch {
  clients: DrainProgress["clients"] = [];
  #busy = false;
  readonly #context: RunContext;

  constructor(context: RunContext) {
    this.#context = context;
  }

  ask(nodes: readonly string[]): void {
    if (this.#busy || nodes.length === 0) return;
    this.#busy = true;
    const { ports, limits } = this.#context;
    const bounds = { signal: new AbortController().signal, timeoutMs: limits.lookMs };
    const asked = nodes.map((node) => ports.clientSessions(node, bounds).catch((): readonly ClientSession[] => []));
    void Promise.all(asked).then((found) => {
      this.clients = groupClients(found.flat());
      this.#busy = false;
    });
  }
}

function nodesOf(view: ClusterView, context: RunContext): string[] {
  const found = context.plan.watch.flatMap(
    ({ haproxy, backend, server }) => view.find(haproxy, backend, server)?.node ?? [],
  );
  return [...new Set(found)];
}

/** Sessions ever begun on the watched servers of one process; null when not told. */
function countTotals(view: ClusterView, context: RunContext): number | null {
  const servers = context.plan.watch.map(({ haproxy, backend, server }) => view.find(haproxy, backend, server));
  return sumOrNull(servers.map((each) => each?.server.sessionsTotal ?? null));
}

/** @param waitMs how long from now; the signal of the run ends it at once */
export async function followDrain(context: RunContext, waitMs: number): Promise<DrainEnd> {
  const { ports, limits, signal } = context;
  const { clock } = ports;
  const startedMs = clock.monotonicMs();
  const deadlineAt = clock.epochMs() + waitMs;
  const clients = new ClientWatch(context);
  const samples: DrainSample[] = [];
  const scope = { haproxies: [...new Set(context.plan.watch.map(({ haproxy }) => haproxy))], nodes: [] };
  let firstTotal: number | null = null;
  let processes: Processes | null = null;
  for (;;) {
    const view = buildView(await ports.look(scope, limits.lookMs));
    processes ??= selectProcesses(view, context.plan);
    const lost = selectLost(view, context.plan.watch);
    const replaced = selectReplaced(view, processes);
    // Also where a state file kept the drain: the new process starts to count at 0.
    if (lost.length + replaced.length > 0) return { kind: "lost", what: describeLost(lost, replaced) };
    const perHaproxy = measureServers(view, context.plan.watch);
    const left = sumOrNull(perHaproxy.flatMap(({ sessions, queued }) => [sessions, queued]));
    samples.push({ atMs: clock.monotonicMs(), left });
    const total = countTotals(view, context);
    firstTotal ??= total;
    const stillFed = total !== null && firstTotal !== null && total > firstTotal;
    const drain = buildDrainProgress({ perHaproxy, samples, deadlineAt, clients: clients.clients, stillFed });
    context.update({ state: "draining", drain, summary: describeDrain(drain) });
    if (left === 0) return { kind: "empty", where: describeEmpty(view, context.plan) };
    if (signal.aborted) return { kind: "stopped", left };
    if (clock.monotonicMs() - startedMs >= waitMs) return { kind: "deadline", left };
    clients.ask(nodesOf(view, context));
    await pause(
      context,
      Math.min(limits.drainPauseMs, Math.max(1, waitMs - (clock.monotonicMs() - startedMs))),
      signal,
    );
  }
}

function describeLost(lost: readonly string[], replaced: readonly string[]): string {
  if (replaced.length === 0) return `${lost.join("; ")}: reloaded, or changed by somebody`;
  return [...replaced, ...lost].join("; ");
}

export function describeLeft(left: number | null): string {
  if (left === null) return "an unknown number of sessions is left: not every HAProxy can be read";
  return left === 1 ? "1 session is left" : `${left} sessions are left`;
}

function describeDrain({ sessions, queued, emptyInSeconds, stillFed }: DrainProgress): string {
  const left = sumOrNull([sessions, queued]);
  const eta = emptyInSeconds === null ? "" : `, empty in about ${Math.ceil(emptyInSeconds)} s`;
  const fed = stillFed ? "; new sessions still arrive: a stick table may send known clients here" : "";
  return `Draining: ${describeLeft(left)}${eta}${fed}.`;
}
