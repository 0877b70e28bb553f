/** Beyond the point of no return: the old primary must still be fenced, or carrying on would leave two nodes that take writes. */
import type { PlanStep } from "../../../model/operation.ts";
import { selectAdminState } from "../../admin-state.ts";
import { RefusedError } from "../../errors.ts";
import { type ClusterView, nameOf } from "../../view.ts";
import type { Interrupted } from "./passed.ts";

/** @throws RefusedError naming the commands that fence it again */
export function assertFenced({ plan, promotion, record }: Interrupted, opening: PlanStep, view: ClusterView): void {
  const { from, to, writerBackend } = promotion;
  assertOpen({ promotion, record }, view);
  const again = `then \`signalbox resume ${record.id}\``;
  if (from !== null && promotion.variant !== "multi-writer" && view.report(from)?.readOnly === false) {
    throw new RefusedError(
      `${from} is writable again, and ${to} has been opened: two nodes take writes.`,
      `First \`signalbox read-only on ${from}\`, ${again}.`,
    );
  }
  const taken = plan.steps.flatMap(({ number, change }) =>
    number < opening.number && change.kind === "server-state" && change.state === "maint" ? [change] : [],
  );
  for (const change of taken) {
    const found = view.find(change.haproxy, change.backend, change.server);
    if (found === null || found.node === to || change.backend !== writerBackend) continue;
    if (selectAdminState(found.server) !== "ready") continue;
    throw new RefusedError(
      `${nameOf(change)} is back in rotation on ${change.haproxy}: writes may go there instead of to ${to}.`,
      `First \`signalbox maint ${nameOf(change)}\`, ${again}.`,
    );
  }
}

/**
 * A failover to a side that was writable from the start has no opening: it took the writes as soon as the other one was out. That one has come
 * back, and is no dead primary whose death could be proved.
 */
export function assertStillOut({ plan, promotion, record }: Interrupted, view: ClusterView): void {
  const { mode, from, to, writerBackend } = promotion;
  if (mode !== "failover" || from === null || view.report(from)?.readOnly !== false) return;
  const out = plan.steps.flatMap(({ change }) =>
    change.kind === "server-state" && change.state === "maint" && change.backend === writerBackend ? [change] : [],
  );
  const isOut = (change: (typeof out)[number]) => {
    const found = view.find(change.haproxy, change.backend, change.server);
    return found !== null && selectAdminState(found.server) === "maint";
  };
  if (out.length === 0 || !out.every(isOut) || view.report(to)?.readOnly !== false) return;
  throw new RefusedError(
    `${from} is back and writable, and ${to} takes the writes.`,
    `First \`signalbox read-only on ${from}\`, then \`signalbox resume ${record.id}\`.`,
  );
}

function assertOpen({ promotion: { to }, record }: Pick<Interrupted, "promotion" | "record">, view: ClusterView): void {
  const readOnly = view.report(to)?.readOnly ?? null;
  if (readOnly === false) return;
  const again = `then \`signalbox resume ${record.id}\``;
  if (readOnly === null) {
    throw new RefusedError(`${to} was opened for writes, and does not answer now.`, `Bring it back first, ${again}.`);
  }
  throw new RefusedError(
    `${to} was opened for writes, and is read-only again, perhaps after a restart.`,
    `First \`signalbox read-only off ${to}\`, ${again}.`,
  );
}
