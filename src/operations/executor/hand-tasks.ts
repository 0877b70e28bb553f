/** What a step that failed for good leaves to people. */
import type { HandTask, PlanStep } from "../../model/operation.ts";
import { type RunContext, targetName } from "./context.ts";

function codeOf({ change, command }: PlanStep, mode: string | undefined): Pick<HandTask, "code" | "lines"> {
  const lines = [command];
  switch (change.kind) {
    case "server-state":
    case "server-weight":
    case "shutdown-sessions":
      return { code: "haproxy-not-changed", lines };
    case "change-source":
    case "replication":
    case "gtid-position":
      return { code: "node-not-following", lines };
    case "confirm-contained":
      return { code: "rebuild-node", lines: [] };
    case "wait-position":
    case "drain-relay":
    case "confirm-position":
      return { code: "node-not-following", lines: [] };
    case "persist-read-only":
      return { code: "read-only-not-persisted", lines };
    case "read-only":
      return { code: change.on && mode === "failover" ? "not-fenced" : "other", lines };
    default:
      return { code: "other", lines };
  }
}

/** Adds what is left to be done by hand because of this step. */
export function noteFailure(context: RunContext, step: PlanStep): void {
  const subject = targetName(step);
  const message = `${step.title}: ${context.message(step.number) ?? "failed"}`;
  context.promotion?.addHandTask({ ...codeOf(step, context.promotion.plan.mode), subject, message });
}

/** Tasks that resume can still do, or that are part of what keeps two nodes from being written to. */
const OPEN: ReadonlySet<HandTask["code"]> = new Set(["haproxy-not-changed", "node-not-following", "rebuild-node"]);

/** Those that this run has added and that keep it from being done; what the plan left to people from the start does not. */
export function selectOpenTasks({ promotion }: RunContext): readonly HandTask[] {
  if (promotion === null) return [];
  const planned = new Set(promotion.plan.byHand);
  return promotion.progress.byHand.filter((task) => OPEN.has(task.code) && !planned.has(task));
}
