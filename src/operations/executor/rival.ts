/**
 * Whoever else takes writes by now. A program that stood still (a suspended machine, SIGSTOP) has lost its lock with its connections, and a
 * colleague may have promoted a third node meanwhile: what was found when the plan was made is no longer what there is to go back to.
 */
import { buildView } from "../view.ts";
import type { RunContext } from "./context.ts";

/** A node that is silent was read to be read-only when the plan was made; writes that stand still do not wait long for it. */
const SILENT_MS = 500;

/** The nodes beside the old and the new primary. */
async function readOthers(
  context: RunContext,
): Promise<readonly { readonly name: string; readonly writable: boolean }[]> {
  const { ports, promotion, limits } = context;
  if (promotion === null || promotion.plan.variant === "multi-writer") return [];
  const { from, to } = promotion.plan;
  const known = buildView(await ports.look({ haproxies: [], nodes: [] }, limits.lookMs));
  const nodes = known.cluster.nodes.flatMap(({ name }) => (name === from || name === to ? [] : [name]));
  if (nodes.length === 0) return [];
  const view = buildView(await ports.look({ haproxies: [], nodes }, Math.min(limits.lookMs, SILENT_MS)));
  return nodes.map((name) => ({ name, writable: view.report(name)?.readOnly === false }));
}

/** Notes who was writable when the run began: that is nobody's doing since. */
export async function noteOthers(context: RunContext): Promise<void> {
  const others = await readOthers(context);
  context.writableBefore = new Set(others.flatMap(({ name, writable }) => (writable ? [name] : [])));
}

/** Null: there is none, as far as nodes tell. */
export async function findRival(context: RunContext): Promise<string | null> {
  const others = await readOthers(context);
  return others.find(({ name, writable }) => writable && !context.writableBefore.has(name))?.name ?? null;
}
