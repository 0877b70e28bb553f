/** Rules about what the journal of this machine tells. */
import { formatSeconds } from "./facts.ts";
import type { AlertRule, Finding } from "./rule.ts";

const operationUnfinished: AlertRule = {
  code: "operation-unfinished",
  severity: "warning",
  title: "An operation was left half-way",
  explains:
    "The journal of this machine has an operation that failed without being taken back, or was cut short: something is changed that was not meant to stay so.",
  evaluate: (facts) =>
    (facts.journal?.unfinished ?? []).map((entry): Finding => {
      const ago = formatSeconds(Math.max(0, facts.now - entry.startedAt) / 1000);
      return {
        node: null,
        subject: entry.id,
        message: `${entry.title}: ${entry.state}, begun ${ago} ago by ${entry.operator} on ${entry.host}. ${entry.summary}`,
        advice: `Finish it: signalbox resume ${entry.id}, or take it back: signalbox undo ${entry.id}`,
      };
    }),
};

export const OPERATION_RULES: readonly AlertRule[] = [operationUnfinished];
