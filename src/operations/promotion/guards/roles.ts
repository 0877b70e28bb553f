/** Who is who in a plan that moves writes, what of it is still to be done, and what was read of the nodes. */
import type { Change, PromotionPlan } from "../../../model/operation.ts";
import type { LoginTrial, NodePreflight } from "../../../model/preflight.ts";
import { freshValue, lastKnown } from "../../../model/reading.ts";
import type { ChannelSnapshot, NodeSnapshot } from "../../../model/snapshot.ts";
import { cannotTell, type Finding, type GuardedPlan, type GuardFacts } from "../../guards/guard.ts";
import { takesOut } from "../../guards/selectors.ts";

/** Steps on the candidate that only make sense while it is not open yet. */
const CATCHING_UP: ReadonlySet<Change["kind"]> = new Set(["wait-position", "drain-relay", "confirm-most-advanced"]);

export function hasStep(plan: GuardedPlan, matches: (change: Change) => boolean): boolean {
  return plan.steps.some(({ change }) => matches(change));
}

export function isRejoin({ promotion }: GuardedPlan): boolean {
  return promotion?.mode === "rejoin";
}

export function isFailover({ promotion }: GuardedPlan): boolean {
  return promotion?.mode === "failover";
}

/**
 * True while writes are still to be moved: not for a rejoin, and not for the rest of a promotion whose new primary is open already, which has to
 * be carried on whatever the nodes look like.
 */
export function movesWrites(plan: GuardedPlan): boolean {
  const { promotion } = plan;
  if (promotion === undefined || promotion.mode === "rejoin") return false;
  return hasStep(plan, (change) => {
    if (change.kind === "read-only") return change.node === promotion.to || change.node === promotion.from;
    if (takesOut(change)) return change.backend === promotion.writerBackend;
    if (change.kind === "clear-sessions" || change.kind === "read-position") return true;
    return CATCHING_UP.has(change.kind) && "node" in change && change.node === promotion.to;
  });
}

/** True while the writes of the old primary are still to be stopped by this plan. */
export function stopsWrites(plan: GuardedPlan): boolean {
  const from = plan.promotion?.from ?? null;
  return !isRejoin(plan) && hasStep(plan, (change) => change.kind === "read-only" && change.on && change.node === from);
}

/** True when the plan makes the node read-only. */
export function freezes(plan: GuardedPlan, node: string): boolean {
  return hasStep(plan, (change) => change.kind === "read-only" && change.on && change.node === node);
}

/** Planned switchover whose writes are still to be stopped. */
export function isPlanned(plan: GuardedPlan): boolean {
  return plan.promotion?.mode === "switchover" && stopsWrites(plan);
}

export const isFailoverAhead = (plan: GuardedPlan): boolean => isFailover(plan) && movesWrites(plan);

/** The roles, once for the body of a guard that applies only to plans which have them. */
export function rolesOf({ promotion }: GuardedPlan): PromotionPlan {
  if (promotion === undefined) throw new TypeError("a guard of promotions was asked about another plan");
  return promotion;
}

/** Null: the node could not be asked, or was not. */
export function preflightOf({ preflight }: GuardFacts, node: string | null): NodePreflight | null {
  return node === null ? null : (preflight?.nodes.get(node) ?? null);
}

export function loginTo({ preflight }: GuardFacts, node: string): LoginTrial | null {
  return preflight?.logins.get(node) ?? null;
}

/** Channels of the candidate over which it follows the old primary. */
export function channelsBetween(facts: GuardFacts, replica: string, source: string | null): readonly ChannelSnapshot[] {
  if (source === null) return [];
  return facts.view.node(replica)?.channels.filter(({ sourceNode }) => sourceNode === source) ?? [];
}

/** Other direct replicas of the old primary that answer. */
export function selectSiblings({ view }: GuardFacts, { from, to }: PromotionPlan): readonly NodeSnapshot[] {
  return view.cluster.nodes.filter(
    ({ name, reading, channels }) =>
      name !== from &&
      name !== to &&
      reading.state === "fresh" &&
      from !== null &&
      channels.some(({ sourceNode }) => sourceNode === from),
  );
}

/** Nodes that are to follow the primary-to-be by this plan and answer: those it points there, and in a rejoin the node itself. */
export function selectFollowers(facts: GuardFacts, plan: GuardedPlan): readonly NodeSnapshot[] {
  const { from, to } = rolesOf(plan);
  const pointed = new Set(
    plan.steps.flatMap(({ change }) => (change.kind === "change-source" && change.node !== to ? [change.node] : [])),
  );
  if (isRejoin(plan) && from !== null) pointed.add(from);
  return facts.view.cluster.nodes.filter(({ name, reading }) => pointed.has(name) && reading.state === "fresh");
}

/** A part of the preflight that could not be read counts as failed. */
export function notRead(facts: GuardFacts, node: string, what: string, forceable: boolean): Finding {
  const problem = preflightOf(facts, node)?.problems.find(({ part }) => what.includes(part) || part.includes(what));
  const why = problem === undefined ? "" : ` (${problem.failure.message.replace(/\.$/, "")})`;
  const advice = problem?.failure.advice ?? `Look at ${node}, and at the privileges of the account signalbox uses.`;
  return cannotTell(node, `The ${what} of ${node} could not be read${why}.`, advice, forceable);
}

/** What the node says now, else what it said last. */
export function lastReport(node: NodeSnapshot | null) {
  if (node === null) return null;
  return freshValue(node.reading) ?? lastKnown(node.reading)?.value ?? null;
}

/** `db2, db3 and db4`. */
export function listNames(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
