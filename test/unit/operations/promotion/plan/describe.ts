/** Plans as lines a person can check: group, section, target, what is done, and how it is taken back. */

import type { Change, Fact } from "../../../../../src/model/operation.ts";
import { selectTargetName } from "../../../../../src/model/plan-subject.ts";
import type { PreflightFacts } from "../../../../../src/model/preflight.ts";
import type { PlanDraft, StepDraft } from "../../../../../src/operations/commands/command.ts";
import { COMMANDS } from "../../../../../src/operations/commands/table.ts";
import { buildView } from "../../../../../src/operations/view.ts";
import type { Scene } from "../../../../support/model-builders.ts";
import { buildRequest } from "../../../../support/requests.ts";
import { healthyPreflight } from "../support/preflight.ts";

export function draftPromote(
  scene: Scene,
  node: string,
  patch: (facts: PreflightFacts) => PreflightFacts = (f) => f,
): PlanDraft {
  const cluster = scene.snapshot();
  return COMMANDS.promote.draft({
    request: buildRequest({ command: "promote", targets: [node] }),
    view: buildView(cluster),
    now: scene.now,
    record: null,
    settings: scene.settings,
    preflight: patch(healthyPreflight(cluster)),
  });
}

const SECTIONS = { before: "before", "write-stop": "STOP", after: "after" } as const;

export function words(change: Change): string {
  switch (change.kind) {
    case "server-state":
      return `${change.state} ${change.backend}/${change.server}`;
    case "server-weight":
      return `weight ${change.weight} ${change.backend}/${change.server}`;
    case "shutdown-sessions":
      return `cut ${change.backend}/${change.server}`;
    case "replication":
      return `${change.action} ${change.thread} '${change.channel}'`;
    case "read-only":
      return `read-only ${change.on ? "on" : "off"}${change.superToo ? ", super" : ""}`;
    case "event-scheduler":
    case "semi-sync-source":
    case "persist-read-only":
      return `${change.kind} ${change.on ? "on" : "off"}`;
    case "applier-checkpoint":
      return `checkpoint ${change.milliseconds} ms`;
    case "enable-event":
      return `enable-event ${change.schema}.${change.name} of ${change.definer}`;
    case "read-position":
    case "confirm-position":
      return `${change.kind} ${change.role}`;
    case "wait-position": {
      const { position, by, timeoutSeconds } = change;
      const of = position.kind === "role" ? `${position.role} of ${position.node}` : "known";
      return `wait ${of} by ${by}, ${timeoutSeconds} s`;
    }
    case "change-source": {
      const { follow, position, login, host, port } = change;
      const at = position?.kind === "role" ? ` at ${position.role} of ${position.node}` : "";
      const from = login.kind === "from-node" ? `${login.kind} ${login.node}` : login.kind;
      return `follow ${host}:${port} '${change.channel}' ${follow}${at}, login ${from}`;
    }
    case "reset-replication":
      return `forget '${change.channel}'`;
    case "confirm-contained":
      return `contained in ${change.within}`;
    default:
      return change.kind;
  }
}

function line(step: StepDraft, number: number): string {
  const where = selectTargetName(step.target);
  const marks = [
    step.noReturn === true ? "NO RETURN" : "",
    step.onFailure === "go-on" ? "go on" : "",
    step.needs === undefined ? "" : `needs ${step.needs.join("+")}`,
    step.rescue === undefined || step.rescue.length === 0
      ? ""
      : `else ${step.rescue.map(({ change }) => words(change)).join(", ")}`,
    step.undo === null ? "" : `undo ${step.undo.rank}: ${words(step.undo.change)}`,
  ].filter((mark) => mark !== "");
  const section = step.section === undefined ? "?" : SECTIONS[step.section];
  return `${number}. g${step.group} ${section} ${where}: ${words(step.change)}${marks.length === 0 ? "" : ` [${marks.join("; ")}]`}`;
}

export const lines = ({ steps }: Pick<PlanDraft, "steps">): string[] =>
  steps.map((step, index) => line(step, index + 1));

export function factsOf(facts: readonly Fact[] | undefined): string[] {
  return (facts ?? []).map((fact) => {
    if (fact.kind === "writable") return `${fact.node} is ${fact.is ? "" : "not "}writable`;
    return fact.kind;
  });
}
