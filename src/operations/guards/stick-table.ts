import { nameOf } from "../view.ts";
import { effectsOf } from "./effects.ts";
import { block, type Finding, type Guard, warn } from "./guard.ts";
import { subjectOf, takesOut } from "./selectors.ts";

/** Maintenance is stronger than stick tables. */
function isMaint(change: { readonly kind: string; readonly state?: string }): boolean {
  return change.kind === "server-state" && change.state === "maint";
}

export const stickTable: Guard = {
  name: "stick-table",
  explains:
    "No stick table defeats a drain: clients it knows go on coming to the drained server, even to one of weight 0.",
  applies: ({ steps }) => steps.some(({ change }) => takesOut(change) && !isMaint(change)),
  evaluate: (facts, plan) => {
    const findings = new Map<string, Finding>();
    for (const { change } of effectsOf(facts.view, plan)) {
      if (!takesOut(change) || isMaint(change)) continue;
      const tables = facts.stickTables.get(change.haproxy);
      if (tables?.includes(change.backend) === true) {
        const message = `${change.backend} on ${change.haproxy} has a stick table: clients it knows may go on coming to ${nameOf(change)} although it is drained.`;
        const advice = `Use maintenance (signalbox maint ${nameOf(change)}), which stick tables do not defeat.`;
        findings.set(subjectOf(change), block(subjectOf(change), message, advice, true));
      } else if (tables === undefined || tables.length > 0) {
        const what =
          tables === undefined ? "does not tell its stick tables" : `has stick tables (${tables.join(", ")})`;
        const message = `${change.haproxy} ${what}; if ${change.backend} uses one, clients it knows go on coming to a drained server.`;
        const subject = `${change.haproxy} ${change.backend}`;
        findings.set(subject, warn(subject, message, "If sessions keep coming, use maintenance instead."));
      }
    }
    return [...findings.values()];
  },
};
