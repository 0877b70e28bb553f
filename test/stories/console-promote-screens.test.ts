/** What a promotion looks like from the plan to the end, at three sizes, as plain text. */
import { describe, expect, it } from "vitest";
import type { PlanRefusal } from "../../src/engine/protocol.ts";
import type { OperationProgress, Plan, PromotionProgress, StepOutcome } from "../../src/model/operation.ts";
import { plainText } from "../../src/ui/paint.ts";
import { selectScreen } from "../../src/ui/selectors/screen.ts";
import type { Effect } from "../../src/ui/state/update.ts";
import { createConsoleStore } from "../../src/ui/store.ts";
import { buildConsoleState } from "../support/console-state.ts";
import {
  buildGuard,
  buildProgress,
  buildPromotion,
  buildPromotionPlan,
  buildPromotionProgress,
  HAND_TASK,
} from "../support/plans.ts";
import * as build from "../support/snapshots.ts";

const NOW = build.START;
const SIZES = [
  [80, 24],
  [100, 30],
  [200, 60],
] as const;

type Size = readonly [columns: number, rows: number];

interface Scene {
  readonly size: Size;
  readonly unicode?: boolean;
  readonly failover?: boolean;
  readonly plan?: Partial<Plan>;
  readonly refusal?: PlanRefusal;
  /** Given: the plan was confirmed, and this is how it stands. */
  readonly run?: (plan: Plan) => Partial<OperationProgress>;
  /** Pressed while the operation runs. */
  readonly keys?: readonly string[];
}

/** The screen without its first line, which has the time of day. */
function draw({
  size: [columns, rows],
  unicode = true,
  failover = false,
  plan: change,
  refusal,
  run,
  keys,
}: Scene): string {
  let now = NOW;
  const effects: Effect[] = [];
  const initial = buildConsoleState({ now, size: { columns, rows }, unicode });
  const store = createConsoleStore({ initial, clock: () => now, onEffect: (effect) => void effects.push(effect) });
  const press = (...pressed: readonly string[]) => {
    for (const key of pressed) {
      now += 200;
      store.onInput({ type: "key", key, text: key.length === 1 ? key : null, at: now });
    }
  };
  store.onEngine({ type: "snapshot", snapshot: build.buildSnapshot({ at: now }) });
  press("j", ...(failover ? [":", ..."promote after failure", "enter"] : ["P"]));
  const asked = effects.flatMap((effect) =>
    effect.type === "engine" && effect.request.type === "plan" ? [effect.request] : [],
  )[0];
  if (asked === undefined) throw new Error("no plan was asked for");
  expect(asked.request.promotion).toEqual({ failover, acceptLoss: false });
  const plan = buildPromotionPlan(asked.request, { at: now, ...change });
  const answer = { requestId: asked.requestId, plan: refusal ? null : plan, refusal: refusal ?? null, replaces: null };
  store.onEngine({ type: "plan", answer });
  store.onPainted(`plan ${store.states.getState().serial}`);
  if (run !== undefined) {
    press("d", "b", "2", "enter");
    now = NOW + 60_000;
    store.onEngine({ type: "snapshot", snapshot: build.buildSnapshot({ at: now, seq: 2 }) });
    store.onEngine({ type: "operation", progress: buildProgress(plan, { startedAt: now - 9_000, ...run(plan) }) });
    press(...(keys ?? []));
  }
  const model = selectScreen(store.states.getState());
  if (model.kind !== "full") throw new Error("the screen is not tiny");
  const lines = [...model.header, ...model.body.map(({ line }) => line), ...model.alerts, model.footer];
  return `${lines
    .slice(1)
    .map((line) => plainText(line).trimEnd())
    .join("\n")}\n`;
}

const AT = NOW + 60_000;

/** The first `done` steps done in 12 ms each, the next as given, the rest pending. */
function standing(plan: Plan, done: number, next: readonly StepOutcome[], rest: StepOutcome = "pending") {
  return plan.steps.map(({ number, title }, index) => {
    const outcome = index < done ? "done" : (next[index - done] ?? rest);
    const started = outcome !== "pending" && outcome !== "skipped";
    return {
      number,
      outcome,
      startedAt: started ? AT - 9_000 + index * 12 : null,
      endedAt: started && outcome !== "running" ? AT - 9_000 + index * 12 + 12 : null,
      message: outcome === "done" ? `read back: ${title}` : outcome === "failed" ? "the bound of 10 s is over" : null,
      failure: null,
    };
  });
}

const progressOf = (promotion: Partial<PromotionProgress>) => buildPromotionProgress(promotion);

const blocked: Partial<Plan> = {
  guards: [
    buildGuard({ guard: "one-primary" }),
    buildGuard({
      guard: "versions",
      verdict: "warn",
      subject: "db2",
      message: "db2 is newer.",
      advice: "db1 cannot return.",
    }),
    buildGuard({
      guard: "candidate-lag",
      verdict: "unknown",
      subject: "db2",
      message: "How far db2 is behind cannot be told.",
      advice: "Plan again.",
    }),
    buildGuard({
      guard: "errant-transactions",
      verdict: "block",
      subject: "db2",
      message: "db2 has transactions that db1 lacks: 3e11fa47-71ca-11e1-9e33-c80aa9429562:1-3.",
      advice: "Rebuild db2, or inject them into db1 as empty transactions.",
    }),
  ],
};

const SCENES: readonly (readonly [string, Omit<Scene, "size">])[] = [
  ["plan", {}],
  ["plan-blocked", { plan: blocked }],
  [
    "refused",
    {
      refusal: {
        kind: "refused",
        message: "db1 does not answer: connect ECONNREFUSED. When it is dead, use `signalbox promote db2 --failover`.",
        candidates: [],
      },
    },
  ],
  [
    "failover-with-loss",
    {
      failover: true,
      plan: {
        promotion: buildPromotion({ mode: "failover", knownLoss: "3 transactions of db1 (0-1-4712 to 0-1-4714)" }),
      },
    },
  ],
  [
    "running-in-write-stop",
    {
      run: (plan) => ({
        steps: standing(plan, 6, ["running"]),
        promotion: progressOf({ stoppedAt: AT - 8_200, waitingFor: "db2 to apply 0-1-4711" }),
      }),
    },
  ],
  [
    "running-with-blockers",
    {
      run: (plan) => ({
        steps: standing(plan, 3, ["running"]),
        promotion: progressOf({
          stoppedAt: AT - 26_000,
          waitingFor: "db1 to become read-only",
          blockers: [
            {
              node: "db1",
              sessionId: 4711,
              account: "batch@10.0.0.7",
              seconds: 95,
              query: "UPDATE orders\u001b[2J SET state = 'x' WHERE id < 4000000 AND created < NOW() - INTERVAL 1 YEAR",
            },
            { node: "db1", sessionId: 4712, account: "app@10.0.0.8", seconds: null, query: null },
          ],
        }),
      }),
    },
  ],
  [
    "stop-asked",
    {
      run: (plan) => ({ steps: standing(plan, 3, ["running"]), promotion: progressOf({ stoppedAt: AT - 1_000 }) }),
      keys: ["esc"],
    },
  ],
  [
    "past-no-return",
    {
      run: (plan) => ({
        steps: standing(plan, 10, ["failed", "running"]),
        promotion: progressOf({ stoppedAt: AT - 700, openedAt: AT - 660, gapMs: 38.4, pastNoReturn: true }),
      }),
      keys: ["esc"],
    },
  ],
  [
    "done",
    {
      run: (plan) => ({
        state: "done",
        summary: "Promote db2: done and verified. Writes stood still for 38.4 ms. 1 thing is left to be done by hand.",
        steps: standing(plan, 12, []),
        endedAt: AT,
        promotion: progressOf({
          stoppedAt: AT - 700,
          openedAt: AT - 660,
          gapMs: 38.4,
          pastNoReturn: true,
          byHand: [HAND_TASK],
        }),
      }),
    },
  ],
  [
    "rolled-back",
    {
      run: (plan) => ({
        state: "rolled-back",
        summary: "Writes stood still for the 30 s they may. Everything was taken back.",
        steps: standing(plan, 6, ["failed"], "skipped").map((step) =>
          step.outcome === "done" ? { ...step, outcome: "undone" as const } : step,
        ),
        endedAt: AT,
        promotion: progressOf({ stoppedAt: AT - 30_500, openedAt: AT - 400, gapMs: 30_100 }),
      }),
    },
  ],
  [
    "unfinished",
    {
      run: (plan) => ({
        state: "unfinished",
        summary: "db3 does not follow db2.",
        steps: standing(plan, 10, ["failed", "done"]),
        endedAt: AT,
        promotion: progressOf({
          stoppedAt: AT - 700,
          openedAt: AT - 660,
          gapMs: 38.4,
          pastNoReturn: true,
          byHand: [HAND_TASK],
        }),
      }),
    },
  ],
];

describe.each(SIZES)("a promotion at %i columns and %i rows", (columns, rows) => {
  it.each(SCENES)("%s", async (name, scene) => {
    const text = draw({ ...scene, size: [columns, rows] });
    expect(text.split("\n").length).toBe(rows);
    expect(text).not.toContain("\u001b");
    await expect(text).toMatchFileSnapshot(`screens/promote-${name}-${columns}x${rows}.txt`);
  });
});

describe("the first screenful at 80×24", () => {
  const small: Size = [80, 24];

  it("of a plan has the roles, the guards and how to confirm", () => {
    const text = draw({ size: small });
    for (const wanted of ["Promote db2", "Type db2 and press Enter", "Now", "Afterwards", "no guard objects"])
      expect(text).toContain(wanted);
  });

  it("of a refused plan has the roles, the guards by name, and the first of them with its advice", () => {
    const text = draw({ size: small, plan: blocked });
    expect(text).toContain("Refused by guards (candidate-lag, errant-transactions)");
    for (const wanted of ["Afterwards", "1 guard refuses, 1 could not be checked", "BLOCKED errant-transactions"])
      expect(text).toContain(wanted);
  });

  it("shows how to confirm and what changes even with many replicas", () => {
    const many = Array.from({ length: 30 }, (_, index) => ({ node: `r${index}`, label: "replica", children: [] }));
    const tree = (node: string, other: string) => [
      {
        node,
        label: "primary, writable",
        children: [{ node: other, label: "replica, read-only", children: [] }, ...many],
      },
    ];
    const promotion = buildPromotion({ rolesBefore: tree("db1", "db2"), rolesAfter: tree("db2", "db1") });
    const text = draw({ size: small, plan: { promotion } });
    for (const wanted of ["Type db2", "db1  primary, writable", "r0, ... r29 (30)", "no guard objects"])
      expect(text).toContain(wanted);
  });
});

describe("without UTF-8", () => {
  it("the bar and the trees are drawn in ASCII and are read without colour", () => {
    const run = (plan: Plan) => ({
      steps: standing(plan, 6, ["running"]),
      promotion: progressOf({ stoppedAt: AT - 15_000 }),
    });
    const text = draw({ size: [80, 24], unicode: false, run });
    expect(text).toMatch(/STOPPED \[#+\.+\] 15\.\d s of 30 s \(50 %\)/);
    expect(draw({ size: [80, 24], unicode: false })).toContain("|-db2  replica, read-only");
  });
});
