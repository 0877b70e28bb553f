/**
 * Whoever else takes writes by now. A program that stood still (a suspended machine, SIGSTOP) has lost its lock with its connections, and a
 * colleague may have promoted a third node meanwhile: what was found when the plan was made is no longer what there is to go back to.
 */
import { buildView } from "../view.ts";
import type { RunContext } from "./context.ts";

/** A node that is silent was read to be read-only when the plan was made; writes that stand still do not wait long for it. */
const SILENT_MS = 500;

/** Nodes beside the old and the new primary, with the last that was heard of all; nobody is asked. */
async function selectOthers({ ports, promotion, limits }: RunContext) {
  if (promotion === null || promotion.plan.variant === "multi-writer") return { names: [], known: null };
  const { from, to } = promotion.plan;
  const known = buildView(await ports.look({ haproxies: [], nodes: [] }, limits.lookMs));
  const names = known.cluster.nodes.flatMap(({ name }) => (name === from || name === to ? [] : [name]));
  return { names, known };
}

/**
 * Notes who was writable when the run began: that is nobody's doing since. By the look that was had for its guards a moment ago: asking once more
 * here made the write stop that follows longer for clients (MySQL 9.7: 70 in place of 50 ms).
 */
export async function noteOthers(context: RunContext): Promise<void> {
  const { names, known } = await selectOthers(context);
  context.writableBefore = new Set(names.filter((name) => known?.report(name)?.readOnly === false));
}

/** Null: there is none, as far as nodes tell. */
export async function findRival(context: RunContext): Promise<string | null> {
  const { ports, limits, writableBefore } = context;
  const { names } = await selectOthers(context);
  if (names.length === 0) return null;
  const view = buildView(await ports.look({ haproxies: [], nodes: names }, Math.min(limits.lookMs, SILENT_MS)));
  return names.find((name) => view.report(name)?.readOnly === false && !writableBefore.has(name)) ?? null;
}
