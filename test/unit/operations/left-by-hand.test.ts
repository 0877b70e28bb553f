import { describe, expect, it } from "vitest";
import type { HandTask, PromotionPlan } from "../../../src/model/operation.ts";
import { buildJournalFacts } from "../../../src/operations/journal/entry.ts";
import { buildRecord, type OperationRecord } from "../../../src/operations/journal/record.ts";
import { buildPromotion, buildPromotionPlan } from "../../support/plans.ts";
import { buildRequest } from "../../support/requests.ts";

interface Ended {
  readonly command: "promote" | "rejoin" | "undo";
  readonly mode?: PromotionPlan["mode"];
  readonly from?: string;
  readonly tasks: readonly string[];
  readonly undone?: boolean;
}

function taskOf(text: string): HandTask {
  const [subject = "", message = ""] = text.split(": ");
  return { code: "other", subject, message, lines: [] };
}

/** Operations one minute after another. */
function record({ command, mode = "switchover", from = "db1", tasks, undone = false }: Ended, minute: number) {
  const id = `20261120T15${String(minute).padStart(2, "0")}00-${command}-0001`;
  const at = new Date(Date.parse("2026-11-20T15:00:00Z") + minute * 60_000).toISOString();
  const promotion = buildPromotion({ mode, from });
  const plan = buildPromotionPlan(buildRequest({ command, targets: ["db2"] }), { id, promotion });
  const common = { at, operation: id, cluster: "shop", operator: "ann", host: "jump1", kind: command };
  const line = { ...common, step: 0, target: "shop", command: plan.title, before: [], after: [], error: null };
  const end = { state: "done", byHand: tasks.map(taskOf), ...(undone ? { by: "another" } : {}) } as const;
  const built = buildRecord(
    [
      { ...line, phase: "intent", plan },
      { ...line, phase: "done", ...end },
    ],
    "jump1",
    () => false,
  );
  return built as OperationRecord;
}

function leftBy(...operations: readonly Ended[]): string[] {
  // Newest first, as the journal lists them.
  const records = operations.map(record).reverse();
  return (buildJournalFacts(records).byHand ?? []).map(({ task }) => `${task.subject}: ${task.message}`);
}

const failover: Ended = {
  command: "promote",
  mode: "failover",
  tasks: ["lb1: its configuration names db1", "db1: not fenced", "db2: read-only after a restart"],
};
const rejoin: Ended = { command: "rejoin", mode: "rejoin", from: "db1", tasks: ["db1: writable after a restart"] };

describe("What promotions have left to people", () => {
  it("stays when the old primary is back, but for what was about that node", () => {
    expect(leftBy(failover, rejoin)).toEqual([
      "lb1: its configuration names db1",
      "db2: read-only after a restart",
      "db1: writable after a restart",
    ]);
  });

  it("is that of the last move of the writes alone: what was said before may be wrong by now", () => {
    expect(leftBy(failover, rejoin, { command: "promote", tasks: ["lb1: its configuration names db2"] })).toEqual([
      "lb1: its configuration names db2",
    ]);
    expect(leftBy(failover, { command: "undo", tasks: [] })).toEqual([]);
  });

  it("is that of the move before where the last one was taken back", () => {
    expect(leftBy(failover, { ...rejoin, undone: true })).toEqual(failover.tasks);
  });
});
