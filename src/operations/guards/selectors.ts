/** Which steps a guard speaks about, and how nodes are described to people. */
import type { Change } from "../../model/operation.ts";
import { freshValue } from "../../model/reading.ts";
import type { NodeSnapshot } from "../../model/snapshot.ts";
import { nameOf, type ServerView } from "../view.ts";
import type { GuardedPlan, GuardFacts } from "./guard.ts";

export type ServerChange = Extract<Change, { readonly haproxy: string }>;
export type NodeChange = Extract<Change, { readonly node: string }>;

export function serverChanges(plan: GuardedPlan): ServerChange[] {
  return plan.steps.flatMap(({ change }) => ("haproxy" in change ? [change] : []));
}

export function nodeChanges(plan: GuardedPlan): NodeChange[] {
  return plan.steps.flatMap(({ change }) => ("node" in change ? [change] : []));
}

/** Steps that take a server out of rotation. */
export function takesOut(change: Change): change is ServerChange {
  if (change.kind === "server-state") return change.state !== "ready";
  return change.kind === "server-weight" && change.weight === 0;
}

/** Steps that put a server into rotation. */
export function putsIn(change: Change): change is ServerChange {
  if (change.kind === "server-state") return change.state === "ready";
  return change.kind === "server-weight" && change.weight > 0;
}

export function subjectOf(change: ServerChange): string {
  return `${change.haproxy} ${nameOf(change)}`;
}

export function serverOf(facts: GuardFacts, change: ServerChange): ServerView | null {
  return facts.view.find(change.haproxy, change.backend, change.server);
}

/** Worst lag over all channels: a number, `stopped`, or null when it cannot be told. A node that says it follows nobody has 0. */
export function selectWorstLag(node: NodeSnapshot): number | "stopped" | null {
  if ((freshValue(node.reading)?.channels ?? null) === null) return null;
  let worst = 0;
  for (const { io, sql, lagSeconds } of node.channels) {
    if (sql === "no" || io === "no") return "stopped";
    if (lagSeconds === null) return null;
    worst = Math.max(worst, lagSeconds);
  }
  return worst;
}

/** True when two nodes follow each other. */
export function isMutualPair(first: NodeSnapshot, second: NodeSnapshot): boolean {
  return first.replicas.includes(second.name) && second.replicas.includes(first.name);
}
