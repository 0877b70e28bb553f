/** The last thing of an operation that moves writes: who is writable and where HAProxy sends them, read once more on all that the plan touched. */
import type { Change, PlanStep } from "../../model/operation.ts";
import { evaluateFact } from "../facts/evaluate.ts";
import { selectChosen } from "../guards/predict.ts";
import { buildView, type ClusterView, nameOf, type ServerView } from "../view.ts";
import { pause, type RunContext } from "./context.ts";
import { stepsWith } from "./end.ts";

interface Finding {
  readonly kind: "node" | "haproxy";
  readonly subject: string;
  readonly words: string;
  /** For HAProxy: what would put it right. */
  readonly command: string | null;
}

/** True: must be writable. False: must not. A node that is not in it may be either. */
function expectFlags(context: RunContext): ReadonlyMap<string, boolean> {
  const { plan, promotion } = context;
  const expected = new Map<string, boolean>();
  if (promotion === null) return expected;
  const { from, to, variant, mode } = promotion.plan;
  const nodes = plan.steps.flatMap(({ target }) => (target.kind === "node" ? [target.node] : []));
  const isOne = variant !== "multi-writer";
  for (const node of new Set([...nodes, ...(from === null ? [] : [from]), to]))
    if (isOne) expected.set(node, node === to);
  for (const { change } of plan.steps) if (change.kind === "read-only") expected.set(change.node, !change.on);
  // Whoever is dead cannot be read; that it is not fenced is told from the start.
  if (mode === "rejoin" && isOne && from !== null) expected.set(from, false);
  return expected;
}

function findWrongFlags(context: RunContext, view: ClusterView): Finding[] {
  const { from, mode } = context.promotion?.plan ?? { from: null, mode: "switchover" };
  return [...expectFlags(context)].flatMap(([node, writable]): Finding[] => {
    const readOnly = view.report(node)?.readOnly ?? null;
    if (readOnly === null) {
      if (mode === "failover" && node === from) return [];
      return [{ kind: "node", subject: node, words: `whether ${node} is writable cannot be read`, command: null }];
    }
    if (readOnly !== writable) return [];
    const words = readOnly ? `${node} is read-only and must be writable` : `${node} is writable and must not be`;
    return [{ kind: "node", subject: node, words, command: null }];
  });
}

/** The last state that a step has set, of each server: a reload in between takes it back. */
function lastStates(
  context: RunContext,
): readonly (PlanStep & { readonly change: Extract<Change, { readonly kind: "server-state" }> })[] {
  const last = new Map<string, ReturnType<typeof lastStates>[number]>();
  for (const step of stepsWith(context, "done")) {
    const { change } = step;
    if (change.kind !== "server-state") continue;
    last.set(`${change.haproxy} ${change.backend}/${change.server}`, { ...step, change });
  }
  return [...last.values()];
}

function findWrongServers(context: RunContext, view: ClusterView): Finding[] {
  return lastStates(context).flatMap(({ change, command }): Finding[] => {
    const finding = evaluateFact({ ...change, kind: "admin-state" }, view);
    if (finding.holds === "true") return [];
    return [{ kind: "haproxy", subject: change.haproxy, words: finding.now, command }];
  });
}

/**
 * Whoever is to take the writes and has been put in. From maintenance a server counts as UP until its first check, which has had no say as long
 * as it was out.
 */
function findDownWriters(context: RunContext, view: ClusterView): Finding[] {
  const backend = context.promotion?.plan.writerBackend ?? null;
  return lastStates(context).flatMap(({ change }): Finding[] => {
    const server = view.find(change.haproxy, change.backend, change.server)?.server;
    if (change.state !== "ready" || change.backend !== backend || server?.state !== "down") return [];
    const check = [server.check, server.checkInfo].filter(Boolean).join(": ") || "no reason told";
    const words = `${nameOf(change)} is DOWN on ${change.haproxy} by its check (${check}): it gets no writes`;
    return [{ kind: "haproxy", subject: change.haproxy, words, command: null }];
  });
}

/** Whoever else HAProxy would give the writes to, by its own choice; of servers that a step was about, its own outcome tells. */
function findWrongRoutes(context: RunContext, view: ClusterView): Finding[] {
  const { promotion } = context;
  if (promotion === null || promotion.plan.mode === "rejoin" || promotion.plan.variant === "multi-writer") return [];
  const { to, writerBackend: backend } = promotion.plan;
  if (backend === null) return [];
  const states = lastStates(context).filter(({ change }) => change.backend === backend);
  const isOurs = ({ haproxy, server }: ServerView) =>
    context.plan.steps.some(
      ({ change }) => change.kind === "server-state" && change.haproxy === haproxy && nameOf(change) === nameOf(server),
    );
  return [...new Set(states.map(({ change }) => change.haproxy))].flatMap((haproxy) =>
    selectChosen(view.inBackend(haproxy, backend)).flatMap((each): Finding[] => {
      if (each.node === to || isOurs(each)) return [];
      const name = nameOf(each.server);
      const words = `${haproxy} sends writes to ${name} (${each.node ?? "unknown node"}) and not to ${to} alone`;
      return [{ kind: "haproxy", subject: haproxy, words, command: `set server ${name} state maint` }];
    }),
  );
}

/** Everything that is not as it has to be, after the time that an effect may take; [] when all is right. */
export async function checkEnd(context: RunContext): Promise<readonly Finding[]> {
  const { ports, limits } = context;
  const until = ports.clock.monotonicMs() + limits.verifyMs;
  const scope = {
    haproxies: [...new Set(lastStates(context).map(({ change }) => change.haproxy))],
    nodes: [...expectFlags(context).keys()],
  };
  for (;;) {
    const view = buildView(await ports.look(scope, limits.lookMs));
    const wrong = [
      ...findWrongFlags(context, view),
      ...findWrongServers(context, view),
      ...findDownWriters(context, view),
      ...findWrongRoutes(context, view),
    ];
    if (wrong.length === 0 || ports.clock.monotonicMs() >= until) return wrong;
    await pause(context, limits.verifyPauseMs, null);
  }
}
