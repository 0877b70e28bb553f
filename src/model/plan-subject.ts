/** Which endpoint or machine a change, or a step, is about: its name. */
import type { Change, PlanTarget } from "./operation.ts";

export function selectChangeSubject(change: Change): string {
  if ("haproxy" in change) return change.haproxy;
  return change.kind === "move-address" ? change.host : change.node;
}

export function selectTargetName(target: PlanTarget): string {
  switch (target.kind) {
    case "haproxy":
      return target.haproxy;
    case "node":
      return target.node;
    case "host":
      return target.host;
  }
}
