/**
 * What of an operation stands, by the servers as they are now. Several steps may change one thing after another (a channel is stopped, pointed
 * elsewhere, started): the last one that is in effect tells that those before it were done.
 */
import type { Change, Fact, PlanStep } from "../../../model/operation.ts";
import { evaluateFact } from "../../facts/evaluate.ts";
import { type ClusterView, nameOf } from "../../view.ts";

/**
 * `stands`: in effect, or overtaken by a later one that is. `open`: as it was before, or never sent. `between`: sent, and neither. `unknown`: sent, and
 * what it changes cannot be read.
 */
export type Standing = "stands" | "open" | "between" | "unknown";

/** What a step changes, so that steps which change the same can be put in a row; null: it changes nothing that can be read afterwards. */
export function subjectOf(change: Change): string | null {
  switch (change.kind) {
    case "server-state":
      return `state ${change.haproxy} ${nameOf(change)}`;
    case "server-weight":
      return `weight ${change.haproxy} ${nameOf(change)}`;
    case "read-only":
      return `read-only ${change.node}`;
    case "replication":
    case "change-source":
    case "reset-replication":
      return `channel ${change.node} ${change.channel}`;
    case "event-scheduler":
    case "semi-sync-source":
    case "applier-checkpoint":
      return `${change.kind} ${change.node}`;
    default:
      return null;
  }
}

const isPid = ({ kind }: Fact) => kind === "pid";

function judge(facts: readonly Fact[], view: ClusterView): "true" | "false" | "unknown" {
  const found = facts.filter((fact) => !isPid(fact)).map((fact) => evaluateFact(fact, view).holds);
  if (found.includes("false")) return "false";
  return found.includes("unknown") ? "unknown" : "true";
}

/** A channel that points where the step has put it, whatever its threads do: the source may have died meanwhile. */
function pointsThere({ change }: PlanStep, view: ClusterView): boolean {
  if (change.kind !== "change-source") return false;
  const { node, channel, host, port } = change;
  return judge([{ kind: "follows", node, channel, host, port, io: null, sql: null }], view) === "true";
}

function judgeRow(row: readonly PlanStep[], wasSent: (step: PlanStep) => boolean, view: ClusterView): Standing[] {
  const sent = row.map(wasSent);
  const after = row.map((step) => judge(step.after, view));
  const strict = row.findLastIndex((_, index) => sent[index] === true && after[index] === "true");
  if (strict >= 0) return row.map((_, index) => (index <= strict ? "stands" : "open"));
  const loose = row.findLastIndex((step, index) => sent[index] === true && pointsThere(step, view));
  if (loose >= 0) {
    return row.map((_, index) => (index <= loose ? "stands" : sent[index] === true ? "between" : "open"));
  }
  if (!sent.includes(true)) return row.map(() => "open");
  if (after.some((holds, index) => sent[index] === true && holds === "unknown")) {
    return row.map((_, index) => (sent[index] === true ? "unknown" : "open"));
  }
  const [first] = row;
  const origin = first === undefined ? [] : (first.undo?.after ?? first.before);
  const isBack = origin.some((fact) => !isPid(fact)) && judge(origin, view) === "true";
  return row.map((_, index) => (!isBack && sent[index] === true ? "between" : "open"));
}

/** Of steps that change something readable, by number; the others are not in it. */
export function judgeStandings(
  steps: readonly PlanStep[],
  wasSent: (step: PlanStep) => boolean,
  view: ClusterView,
): ReadonlyMap<number, Standing> {
  const rows = new Map<string, PlanStep[]>();
  for (const step of steps) {
    const subject = subjectOf(step.change);
    if (subject === null) continue;
    const row = rows.get(subject);
    if (row === undefined) rows.set(subject, [step]);
    else row.push(step);
  }
  const standings = new Map<number, Standing>();
  for (const row of rows.values()) {
    judgeRow(row, wasSent, view).forEach((standing, index) => {
      const step = row[index];
      if (step !== undefined) standings.set(step.number, standing);
    });
  }
  return standings;
}

/** A later step of the same operation, which has no way back of its own, has brought it back already. */
export function isBroughtBack(
  { number, change, undo }: PlanStep,
  steps: readonly PlanStep[],
  standings: ReadonlyMap<number, Standing>,
  view: ClusterView,
): boolean {
  const subject = subjectOf(change);
  const later = steps.some(
    (each) =>
      each.number > number &&
      each.undo === null &&
      subjectOf(each.change) === subject &&
      standings.get(each.number) === "stands",
  );
  return subject !== null && later && undo !== null && judge(undo.after, view) === "true";
}

/** What is the case, for people. */
export function describeNow({ after }: PlanStep, view: ClusterView): string {
  return after
    .filter((fact) => !isPid(fact))
    .map((fact) => evaluateFact(fact, view).now)
    .join(", ");
}
