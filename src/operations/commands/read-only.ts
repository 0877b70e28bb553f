/** read-only-on, read-only-off: `read_only`, and `super_read_only` where the server has it. */
import type { Change, CommandId, Fact } from "../../model/operation.ts";
import { RequestError } from "../errors.ts";
import { resolveNodes } from "../targets.ts";
import type { ClusterView } from "../view.ts";
import type { Command, DraftInput, PlanDraft, StepDraft } from "./command.ts";
import { describeTargets } from "./server-steps.ts";

const describe = (on: boolean, superToo: boolean): string => {
  if (!on) return "writable";
  return superToo ? "read-only, super too" : "read-only";
};

function draftStep(view: ClusterView, node: string, on: boolean, group: number): StepDraft | null {
  const report = view.report(node);
  if (report === null) return null;
  if (report.readOnly === null) throw new RequestError("targets", `${node} does not tell whether it is read-only.`);
  const hasSuper = report.superReadOnly !== null;
  const found = { on: report.readOnly, superToo: report.superReadOnly === true };
  const wanted = { on, superToo: hasSuper && on };
  if (found.on === wanted.on && found.superToo === wanted.superToo) return null;
  // Off clears both: super_read_only cannot stay on without read_only.
  const change = (to: typeof found): Change => ({
    kind: "read-only",
    node,
    on: to.on,
    superToo: to.on ? to.superToo : hasSuper,
  });
  const fact = (is: typeof found): Fact => ({ kind: "read-only", node, ...is });
  return {
    group,
    title: `${on ? "make" : "open"} ${node} ${on ? "read-only" : "for writes"}`,
    target: { kind: "node", node },
    change: change(wanted),
    before: [fact(found)],
    after: [fact(wanted)],
    undo: { change: change(found), after: [fact(found)] },
    found: describe(found.on, found.superToo),
  };
}

function draftPlan({ request, view }: DraftInput, on: boolean): PlanDraft {
  const nodes = resolveNodes(view, request.targets);
  const steps: StepDraft[] = [];
  const notes: string[] = [];
  for (const node of nodes) {
    const step = draftStep(view, node, on, steps.length + 1);
    if (step !== null) steps.push(step);
    else if (view.report(node) !== null) notes.push(`${node} is ${describe(on, false)} already.`);
  }
  if (steps.length > 0) {
    const line = on ? "`read_only = ON`" : "`read_only = OFF`";
    notes.push(`A restart of the server takes this back. To keep it, put ${line} into its configuration file.`);
  }
  return {
    title: on ? `Make ${describeTargets(nodes)} read-only` : `Open ${describeTargets(nodes)} for writes`,
    confirmWord: nodes[0] ?? "",
    steps,
    notes,
    watch: [],
  };
}

function createReadOnlyCommand(id: CommandId, on: boolean): Command {
  return {
    id,
    danger: "disruptive",
    draft: (input) => draftPlan(input, on),
  };
}

export const readOnlyOn = createReadOnlyCommand("read-only-on", true);
export const readOnlyOff = createReadOnlyCommand("read-only-off", false);
