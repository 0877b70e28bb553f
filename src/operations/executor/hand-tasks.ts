/** What a step that failed for good leaves to people. */
import type { HandTask, PlanStep, PromotionPlan } from "../../model/operation.ts";
import { type RunContext, targetName } from "./context.ts";

type Rest = Pick<HandTask, "code" | "lines" | "until">;

function taskOf({ change, command }: PlanStep, { mode, to }: PromotionPlan): Rest {
  const lines = [command];
  switch (change.kind) {
    case "server-state": {
      const { haproxy, backend, server, state } = change;
      const until = { kind: "in-maintenance", haproxy, backend, servers: [server] } as const;
      return { code: "haproxy-not-changed", lines, ...(state === "maint" ? { until } : {}) };
    }
    case "server-weight":
    case "shutdown-sessions":
      return { code: "haproxy-not-changed", lines };
    case "change-source":
    case "replication":
    case "gtid-position":
    case "wait-position":
    case "drain-relay":
    case "confirm-position": {
      const until = { kind: "follows", node: change.node, source: to } as const;
      return { code: "node-not-following", lines: [`signalbox rejoin ${change.node}`], until };
    }
    case "confirm-contained": {
      const until = { kind: "follows", node: change.node, source: to } as const;
      return { code: "rebuild-node", lines: [], until };
    }
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
  const { promotion } = context;
  if (promotion === null) return;
  const message = `${step.title}: ${context.message(step.number) ?? "failed"}`;
  promotion.addHandTask({ ...taskOf(step, promotion.plan), subject: targetName(step), message });
}

/** Tasks that resume can still do, or that are part of what keeps two nodes from being written to. */
const OPEN: ReadonlySet<HandTask["code"]> = new Set(["haproxy-not-changed", "node-not-following", "rebuild-node"]);

/** Those that this run has added and that keep it from being done; what the plan left to people from the start does not. */
export function selectOpenTasks({ promotion }: RunContext): readonly HandTask[] {
  if (promotion === null) return [];
  const planned = new Set(promotion.plan.byHand);
  return promotion.progress.byHand.filter((task) => OPEN.has(task.code) && !planned.has(task));
}
