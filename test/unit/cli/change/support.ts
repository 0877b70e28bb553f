/** Operations that do as they are told, and a plan for them. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";
import { run } from "../../../../src/cli/main.ts";
import type { GuardVerdict, OperationProgress, Plan, PlanStep, StepProgress } from "../../../../src/model/operation.ts";
import { createJournal, type Journal } from "../../../../src/operations/journal/journal.ts";
import type { Operations, RunOptions } from "../../../../src/operations/operations.ts";
import { buildRequest } from "../../../support/requests.ts";
import { createFakeIo, type FakeIo, type FakeIoOptions } from "../fake-io.ts";

export const ID = "20261120T153102-drain-db2-3f9a";

export function buildStep(number: number, haproxy: string, patch: Partial<PlanStep> = {}): PlanStep {
  const server = { haproxy, backend: "read_nodes", server: "db2" };
  return {
    number,
    group: 1,
    title: "drain read_nodes/db2",
    target: { kind: "haproxy", haproxy },
    change: { kind: "server-state", ...server, state: "drain" },
    command: "set server read_nodes/db2 state drain",
    before: [{ kind: "admin-state", ...server, state: "ready" }],
    after: [{ kind: "admin-state", ...server, state: "drain" }],
    undo: {
      change: { kind: "server-state", ...server, state: "ready" },
      command: "set server read_nodes/db2 state ready",
      after: [{ kind: "admin-state", ...server, state: "ready" }],
    },
    found: "ready, weight 1, 3 sessions",
    ...patch,
  };
}

export function buildTestPlan(patch: Partial<Plan> = {}): Plan {
  return {
    id: ID,
    at: 1_000,
    cluster: "shop",
    request: buildRequest({ command: "drain", targets: ["read_nodes/db2"] }),
    title: "Drain read_nodes/db2",
    danger: "reversible",
    confirmWord: "db2",
    steps: [buildStep(1, "lb1"), buildStep(2, "lb2")],
    guards: [{ ...PASSED }],
    notes: ["A reload takes this back."],
    watch: [],
    fingerprint: "f1",
    concerns: null,
    doneBefore: [],
    carriesOn: false,
    ...patch,
  };
}

const PASSED: GuardVerdict = {
  guard: "level",
  verdict: "pass",
  subject: "",
  message: "The socket has level admin.",
  advice: "",
  forceable: false,
};

export function buildBlock(patch: Partial<GuardVerdict> = {}): GuardVerdict {
  return {
    guard: "last-usable-server",
    verdict: "block",
    subject: "lb1 read_nodes",
    message: "db2 is the last usable server of read_nodes on lb1.",
    advice: "Bring another server back first.",
    forceable: true,
    ...patch,
  };
}

export function buildTestProgress(plan: Plan, patch: Partial<OperationProgress> = {}): OperationProgress {
  return {
    id: plan.id,
    plan,
    state: "done",
    steps: plan.steps.map(({ number }) => buildStepProgress(number)),
    drain: null,
    refusals: [],
    question: null,
    summary: `${plan.title}: done and verified.`,
    operator: "ann",
    host: "desk",
    startedAt: 1_000,
    endedAt: 1_020,
    ...patch,
  };
}

export function buildStepProgress(number: number, patch: Partial<StepProgress> = {}): StepProgress {
  return { number, outcome: "done", startedAt: 1_000, endedAt: 1_014, message: "it is so", failure: null, ...patch };
}

export interface FakeOperations extends Operations {
  readonly plan: ReturnType<typeof vi.fn<Operations["plan"]>>;
  readonly run: ReturnType<typeof vi.fn<Operations["run"]>>;
  readonly close: ReturnType<typeof vi.fn<Operations["close"]>>;
}

export function createFakeOperations(
  plan: Plan,
  carry: (plan: Plan, options: RunOptions) => Promise<OperationProgress> = (each, { onProgress }) => {
    const end = buildTestProgress(each);
    onProgress?.(end);
    return Promise.resolve(end);
  },
  journal: Journal = createJournal({ dir: "/nonexistent", host: "desk" }),
): FakeOperations {
  return {
    plan: vi.fn<Operations["plan"]>(async (request) => ({
      ...plan,
      request: { ...plan.request, force: request.force },
    })),
    run: vi.fn<Operations["run"]>((each, options = {}) => carry(each, options)),
    close: vi.fn<Operations["close"]>(async () => undefined),
    journal,
  };
}

export const dir = mkdtempSync(join(tmpdir(), "sbx-change-"));
export const oneCluster = join(dir, "one.yaml");
writeFileSync(oneCluster, "clusters:\n  - {name: shop, haproxy: [{name: lb1, socket: /a}, {name: lb2, socket: /b}]}\n");

export interface StartedChange extends FakeIo {
  readonly exit: Promise<number>;
}

/** Runs a command line as `signalbox` would, over the operations given; null: as when started read-only. */
export function startChange(
  argv: readonly string[],
  operations: Operations | null,
  options: FakeIoOptions = {},
): StartedChange {
  const fake = createFakeIo({ cwd: dir, now: 1_000, env: { SIGNALBOX_CONFIG: oneCluster }, ...options });
  return { ...fake, exit: run(argv, fake.io, () => operations) };
}

export async function runChange(argv: readonly string[], operations: Operations | null, options: FakeIoOptions = {}) {
  const { exit, out, err } = startChange(argv, operations, options);
  const exitCode = await exit;
  return { exitCode, out: out(), err: err() };
}

export const TERMINAL = { stdinIsTty: true, stdoutIsTty: true } as const;

/** For what is waited for: the first import of everything takes its time on a busy machine. */
export const PATIENT = { timeout: 20_000, interval: 10 } as const;
