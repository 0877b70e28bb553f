/** Plans, answers and progress as the engine sends them, for stories of the console. */
import type {
  AdminState,
  Change,
  CommandRequest,
  GuardVerdict,
  HandTask,
  OperationProgress,
  Plan,
  PlanStep,
  PromotionPlan,
  PromotionProgress,
} from "../../src/model/operation.ts";

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

function buildNodeStep(node: string, change: Change, command: string, patch: Partial<PlanStep> = {}): PlanStep {
  const target = { kind: "node", node } as const;
  return { ...buildStep(0, "", command), title: command, target, change, found: "", ...patch };
}

function buildStateStep(haproxy: string, node: string, state: AdminState, patch: Partial<PlanStep> = {}): PlanStep {
  const server = { haproxy, backend: "write_nodes", server: node };
  return {
    ...buildStep(0, haproxy, `set server write_nodes/${node} state ${state}`),
    title: `${state} write_nodes/${node}`,
    change: { kind: "server-state", ...server, state },
    found: state === "ready" ? "maint" : "ready",
    ...patch,
  };
}

/** `haproxy.cfg` still names the old primary as the active writer. */
export const HAND_TASK: HandTask = {
  code: "config-names-old-primary",
  subject: "lb1",
  message: "its configuration still has db1 as the active server of write_nodes; a reload would bring it back",
  lines: ["server db2 10.0.0.12:3306 check", "server db1 10.0.0.11:3306 check backup"],
};

export function buildPromotion(patch: Partial<PromotionPlan> = {}): PromotionPlan {
  return {
    mode: "switchover",
    variant: "mysql-gtid",
    from: "db1",
    to: "db2",
    writerBackend: "write_nodes",
    rolesBefore: [
      {
        node: "db1",
        label: "primary, writable",
        children: [
          { node: "db2", label: "replica, read-only", children: [{ node: "db4", label: "replica", children: [] }] },
          { node: "db3", label: "replica, read-only", children: [] },
        ],
      },
    ],
    rolesAfter: [
      {
        node: "db2",
        label: "primary, writable",
        children: [
          { node: "db4", label: "replica", children: [] },
          { node: "db3", label: "replica, read-only", children: [] },
          { node: "db1", label: "replica, read-only", children: [] },
        ],
      },
    ],
    budgetMs: 30_000,
    knownLoss: null,
    byHand: [HAND_TASK],
    ...patch,
  };
}

const GTID = "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-4711";

function numberSteps(steps: readonly (readonly PlanStep[])[]): PlanStep[] {
  let number = 0;
  return steps.flatMap((group, index) =>
    group.map((step) => {
      number += 1;
      return { ...step, number, group: index + 1 };
    }),
  );
}

function buildWriteStop(): PlanStep[][] {
  const section = "write-stop" as const;
  const readOnly = (node: string, on: boolean) => ({ kind: "read-only", node, on, superToo: true }) satisfies Change;
  const cut = (haproxy: string) =>
    buildStateStep(haproxy, "db1", "maint", {
      section,
      undo: {
        change: { kind: "server-state", haproxy, backend: "write_nodes", server: "db1", state: "ready" },
        command: "set server write_nodes/db1 state ready",
        after: [],
        rank: 30,
      },
    });
  const stop = buildNodeStep("db1", readOnly("db1", true), "SET GLOBAL super_read_only = 1", {
    section,
    limitMs: 5_000,
    found: "writable",
    undo: {
      change: readOnly("db1", false),
      command: "SET GLOBAL read_only = 0",
      after: [],
      before: [{ kind: "writable", node: "db2", is: false }],
      rank: 20,
    },
  });
  const wait: Change = {
    kind: "wait-position",
    node: "db2",
    channel: "",
    position: { kind: "role", role: "stop", node: "db1" },
    by: "gtid",
    timeoutSeconds: 10,
  };
  const caughtUp = buildNodeStep("db2", wait, "SELECT WAIT_FOR_EXECUTED_GTID_SET('<stop>', 10)", {
    section,
    limitMs: 10_000,
  });
  const open = buildNodeStep("db2", readOnly("db2", false), "SET GLOBAL read_only = 0", {
    section,
    noReturn: true,
    found: "super_read_only",
  });
  const route = (haproxy: string) => buildStateStep(haproxy, "db2", "ready", { section });
  return [[stop], [cut("lb1"), cut("lb2")], [caughtUp], [open], [route("lb1"), route("lb2")]];
}

function buildRepoint(node: string): PlanStep {
  const change: Change = {
    kind: "change-source",
    node,
    channel: "",
    host: "10.0.0.12",
    port: 3306,
    follow: "auto-position",
    position: null,
    login: { kind: "keep" },
  };
  return buildNodeStep(
    node,
    change,
    "CHANGE REPLICATION SOURCE TO SOURCE_HOST = '10.0.0.12', SOURCE_PORT = 3306, SOURCE_AUTO_POSITION = 1",
    {
      section: "after",
      onFailure: "go-on",
      limitMs: 15_000,
      found: "follows 10.0.0.11:3306",
      rescue: [
        {
          change: { kind: "server-state", haproxy: "lb1", backend: "read_nodes", server: node, state: "maint" },
          command: `set server read_nodes/${node} state maint`,
          after: [],
        },
      ],
    },
  );
}

/** A planned switchover from db1 to db2 on MySQL with GTIDs, behind two HAProxies: fewer steps than a real one, each kind of them once. */
export function buildPromotionPlan(request: CommandRequest, change: Partial<Plan> = {}): Plan {
  const wait: Change = {
    kind: "wait-position",
    node: "db2",
    channel: "",
    position: { kind: "known", position: { gtid: GTID, file: null, pos: null } },
    by: "gtid",
    timeoutSeconds: 30,
  };
  const preSync = buildNodeStep("db2", wait, `SELECT WAIT_FOR_EXECUTED_GTID_SET('${GTID}', 30)`, {
    section: "before",
    limitMs: 30_000,
  });
  const gate = (haproxy: string) =>
    buildStateStep(haproxy, "db2", "maint", {
      section: "before",
      undo: {
        change: { kind: "server-state", haproxy, backend: "write_nodes", server: "db2", state: "ready" },
        command: "set server write_nodes/db2 state ready",
        after: [],
        rank: 40,
      },
    });
  return buildPlan(request, {
    title: "Promote db2",
    danger: "disruptive",
    confirmWord: "db2",
    steps: numberSteps([
      [preSync],
      [gate("lb1"), gate("lb2")],
      ...buildWriteStop(),
      [buildRepoint("db3"), buildRepoint("db1")],
    ]),
    guards: [
      buildGuard({ guard: "one-primary" }),
      buildGuard({ guard: "errant-transactions" }),
      buildGuard({
        guard: "newer-major",
        verdict: "warn",
        subject: "db2",
        message: "db2 is MySQL 9.7, db1 is 8.4",
        advice: "db1 cannot return as a replica.",
      }),
    ],
    notes: [],
    promotion: buildPromotion(),
    ...change,
  });
}

export function buildPromotionProgress(patch: Partial<PromotionProgress> = {}): PromotionProgress {
  return {
    stoppedAt: null,
    openedAt: null,
    gapMs: null,
    budgetMs: 30_000,
    pastNoReturn: false,
    waitingFor: null,
    blockers: [],
    byHand: [],
    ...patch,
  };
}
