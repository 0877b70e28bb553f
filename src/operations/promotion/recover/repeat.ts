/** Which steps are done again. What was read before the break is read again; a wait whose node has been stopped since is proved another way. */
import type { Change, PlanStep } from "../../../model/operation.ts";
import type { SourcePosition } from "../../../model/source-position.ts";
import { RefusedError } from "../../errors.ts";
import type { ClusterView } from "../../view.ts";
import type { Interrupted } from "./passed.ts";
import type { Standing } from "./standing.ts";

export interface Judged {
  readonly step: PlanStep;
  /** Null: the step changes nothing that can be read afterwards. */
  readonly standing: Standing | null;
}

export interface Repeat {
  readonly isDone: boolean;
  /** Sent in place of the change of then: it asks the same of a node that has been stopped since. */
  readonly change?: Change;
}

const DONE: Repeat = { isDone: true };
const AGAIN: Repeat = { isDone: false };

/** A later step on the replication of that node that stands. */
function hasLater(
  judged: readonly Judged[],
  step: PlanStep,
  node: string,
  matches: (change: Change) => boolean,
): boolean {
  return judged.some(
    ({ step: later, standing }) =>
      standing === "stands" &&
      later.number > step.number &&
      "node" in later.change &&
      later.change.node === node &&
      matches(later.change),
  );
}

const repoints = ({ kind }: Change) => kind === "change-source";
const stopsApplier = (change: Change) =>
  change.kind === "replication" && change.action === "stop" && change.thread !== "io";

/** By coordinates, with the candidate stopped: both sides told the same place just now, and writing is stopped. */
export function proveByCoordinates(
  { promotion }: Interrupted,
  view: ClusterView,
  channel: string,
): SourcePosition | null {
  const report = view.report(promotion.from);
  const reached = view.report(promotion.to)?.channels?.find(({ name }) => name === channel);
  const { file = null, pos = null } = report?.position ?? {};
  if (report?.readOnly !== true || reached === undefined || file === null || pos === null) return null;
  const isThere = reached.executedFile === file && reached.executedPos === pos;
  return isThere ? { gtid: report.position?.gtid ?? null, file, pos } : null;
}

function judgeWait(
  change: Extract<Change, { readonly kind: "wait-position" | "drain-relay" }>,
  interrupted: Interrupted,
  view: ClusterView,
): Repeat {
  if (change.kind === "drain-relay") return DONE;
  const { position, node, by, channel } = change;
  // Only brought the candidate near.
  if (position.kind === "known" || position.role === "flowing") return DONE;
  if (by === "gtid") {
    return { isDone: false, change: { kind: "confirm-contained", node: position.node, within: node, by: "gtid" } };
  }
  if (proveByCoordinates(interrupted, view, channel) !== null) return DONE;
  const { record, promotion } = interrupted;
  throw new RefusedError(
    `${node} was stopped, and is not where ${position.node} is now: ${record.id} cannot be carried on.`,
    `Take it back, then promote again: \`signalbox undo ${record.id}\`, \`signalbox promote ${promotion.to}\`.`,
  );
}

/** @param judged all steps of the plan */
export function judgeRepeat(
  { step, standing }: Judged,
  judged: readonly Judged[],
  interrupted: Interrupted,
  view: ClusterView,
): Repeat {
  if (standing !== null) return standing === "stands" ? DONE : AGAIN;
  const { change, number } = step;
  const wasDone = interrupted.record.phases.get(number) === "done";
  switch (change.kind) {
    case "enable-event":
    case "persist-read-only":
      return wasDone ? DONE : AGAIN;
    case "gtid-position":
    case "confirm-contained":
    case "confirm-position":
      return hasLater(judged, step, change.node, repoints) ? DONE : AGAIN;
    case "wait-position":
    case "drain-relay": {
      if (hasLater(judged, step, change.node, repoints)) return DONE;
      if (!hasLater(judged, step, change.node, stopsApplier)) return AGAIN;
      return step.section === "after" ? DONE : judgeWait(change, interrupted, view);
    }
    case "read-position":
      return keepsStop(step, judged, interrupted, view) ? DONE : AGAIN;
    default:
      return AGAIN;
  }
}

/** The place that was proved stays the one nobody may have written beyond. */
function keepsStop(step: PlanStep, judged: readonly Judged[], interrupted: Interrupted, view: ClusterView): boolean {
  if (step.change.kind !== "read-position" || step.change.role !== "stop") return false;
  return selectProof(judged, interrupted, view) !== null;
}

/** Null: the candidate still applies, or is waited for by GTID; then the old primary is asked again. */
export function selectProof(
  judged: readonly Judged[],
  interrupted: Interrupted,
  view: ClusterView,
): SourcePosition | null {
  const { promotion } = interrupted;
  const wait = judged.find(
    ({ step: { change } }) =>
      change.kind === "wait-position" &&
      change.node === promotion.to &&
      change.by === "file" &&
      change.position.kind === "role" &&
      change.position.role === "stop",
  );
  if (wait?.step.change.kind !== "wait-position") return null;
  if (!hasLater(judged, wait.step, promotion.to, stopsApplier)) return null;
  return proveByCoordinates(interrupted, view, wait.step.change.channel);
}
