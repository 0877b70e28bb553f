/** Plans, answers and progress as the engine sends them, for stories of the console. */
import type { CommandRequest, GuardVerdict, OperationProgress, Plan, PlanStep } from "../../src/model/operation.ts";

export function buildGuard(change: Partial<GuardVerdict> = {}): GuardVerdict {
  return {
    guard: "last-usable-server",
    verdict: "pass",
    subject: "",
    message: "a backend keeps a server",
    advice: "",
    forceable: false,
    ...change,
  };
}

export function buildStep(number: number, haproxy: string, command: string): PlanStep {
  const change = { kind: "server-state", haproxy, backend: "read_nodes", server: "ubuntu2", state: "drain" } as const;
  return {
    number,
    group: 1,
    title: "drain read_nodes/ubuntu2",
    target: { kind: "haproxy", haproxy },
    change,
    command,
    before: [],
    after: [],
    undo: null,
    found: "ready, weight 1, 5 sessions",
  };
}

export function buildPlan(request: CommandRequest, change: Partial<Plan> = {}): Plan {
  return {
    id: `20261120T030000-${request.command}-0001`,
    at: Date.now(),
    cluster: request.cluster,
    request,
    title: `Plan of ${request.command} ${request.targets.join(" ")}`.trim(),
    danger: "reversible",
    confirmWord: "ubuntu2",
    steps: [buildStep(1, "lb1", `the command of ${request.command}`)],
    guards: [buildGuard()],
    notes: ["A reload of HAProxy takes this back."],
    watch: [],
    fingerprint: "f",
    concerns: null,
    carriesOn: false,
    doneBefore: [],
    ...change,
  };
}

export function buildProgress(plan: Plan, change: Partial<OperationProgress> = {}): OperationProgress {
  return {
    id: plan.id,
    plan,
    state: "running",
    steps: plan.steps.map(({ number }) => ({
      number,
      outcome: "running",
      startedAt: Date.now(),
      endedAt: null,
      message: null,
      failure: null,
    })),
    drain: null,
    refusals: [],
    question: null,
    summary: `${plan.title}: begins.`,
    operator: "ops",
    host: "jump1",
    startedAt: Date.now(),
    endedAt: null,
    ...change,
  };
}
