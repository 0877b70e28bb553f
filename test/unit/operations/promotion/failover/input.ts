import { selectTargetName } from "../../../../../src/model/plan-subject.ts";
import type { DraftInput, StepDraft } from "../../../../../src/operations/commands/command.ts";
import { buildView } from "../../../../../src/operations/view.ts";
import { NOW, type Scene } from "../../../../support/model-builders.ts";
import { buildRequest } from "../../../../support/requests.ts";
import { healthyPreflight, proofOfDeath } from "../support/preflight.ts";

export function failoverInput(scene: Scene, node: string, patch: Partial<DraftInput> = {}): DraftInput {
  const cluster = scene.snapshot();
  return {
    request: buildRequest({ command: "promote", targets: [node], promotion: { failover: true, acceptLoss: false } }),
    view: buildView(cluster),
    now: NOW,
    record: null,
    settings: scene.settings,
    preflight: healthyPreflight(cluster, { death: proofOfDeath("db1") }),
    ...patch,
  };
}

/** One line per step: `3 before db2: stop the receiver of db2 (go-on)`. */
export function lines(steps: readonly StepDraft[]): string[] {
  return steps.map((step) => {
    const target = selectTargetName(step.target);
    const marks = [step.noReturn === true ? "no return" : "", step.onFailure ?? ""].filter((mark) => mark !== "");
    const after = marks.length === 0 ? "" : ` (${marks.join(", ")})`;
    return `${step.group} ${step.section} ${target}: ${step.title}${after}`;
  });
}
