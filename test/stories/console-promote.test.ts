/** Promotion by keys on a real screen: what opens the plan, what confirms it, what else the panel offers, how a run is followed. */
import { afterEach, describe, expect, it } from "vitest";
import type { EngineRequest } from "../../src/engine/protocol.ts";
import type { CommandRequest, OperationProgress, Plan } from "../../src/model/operation.ts";
import {
  buildGuard,
  buildProgress,
  buildPromotion,
  buildPromotionPlan,
  buildPromotionProgress,
  HAND_TASK,
} from "../support/plans.ts";
import { type ConsoleOnScreen, type ScreenOptions, startConsole } from "../support/screen.ts";
import * as build from "../support/snapshots.ts";

const ESC = "\u001b";
const running: ConsoleOnScreen[] = [];

async function start(options: ScreenOptions = {}): Promise<ConsoleOnScreen> {
  const console = startConsole(options);
  running.push(console);
  console.engine.emit({ type: "snapshot", snapshot: build.buildSnapshot({ at: Date.now() }) });
  await console.untilShown("signalbox  shop");
  return console;
}

let last: Plan | null = null;

afterEach(async () => {
  for (const console of running.splice(0)) {
    if (last !== null)
      console.engine.emit({ type: "operation", progress: buildProgress(last, { state: "done", endedAt: Date.now() }) });
    console.type("\u0003");
    await console.exit;
  }
  last = null;
});

type PlanRequest = Extract<EngineRequest, { readonly type: "plan" }>;

const plansOf = (console: ConsoleOnScreen) =>
  console.engine.requests.filter((request): request is PlanRequest => request.type === "plan");
const requestsOf = (console: ConsoleOnScreen, type: EngineRequest["type"]) =>
  console.engine.requests.filter((request) => request.type === type);

async function newestRequest(console: ConsoleOnScreen): Promise<PlanRequest> {
  await console.untilShown("looking at the servers");
  const asked = plansOf(console).at(-1);
  if (asked === undefined) throw new Error("no plan was asked for");
  return asked;
}

/** The panel is known to have been painted. */
const painted = () => new Promise((resolve) => setTimeout(resolve, 60));

async function answer(console: ConsoleOnScreen, change: Partial<Plan> = {}): Promise<Plan> {
  const { requestId, request } = await newestRequest(console);
  const plan = buildPromotionPlan(request, change);
  last = plan;
  console.engine.emit({ type: "plan", answer: { requestId, plan, refusal: null, replaces: null } });
  await console.untilShown("Afterwards");
  await painted();
  return plan;
}

async function refuse(console: ConsoleOnScreen, message: string): Promise<void> {
  const { requestId } = await newestRequest(console);
  const refusal = { kind: "refused", message, candidates: [] } as const;
  console.engine.emit({ type: "plan", answer: { requestId, plan: null, refusal, replaces: null } });
  await console.untilShown("Refused. Nothing was changed.");
  await painted();
}

async function confirm(console: ConsoleOnScreen): Promise<void> {
  console.type("db2");
  await console.untilShown("> db2");
  console.type("\r");
  await console.untilShown("waiting for the engine");
}

const tell = (console: ConsoleOnScreen, plan: Plan, change: Partial<OperationProgress>) =>
  console.engine.emit({ type: "operation", progress: buildProgress(plan, change) });

const promote = (promotion: CommandRequest["promotion"]): Partial<CommandRequest> => ({
  command: "promote",
  targets: ["ubuntu2"],
  ...(promotion === undefined ? {} : { promotion }),
});

describe("what opens a plan", () => {
  it.each([
    ["P", "jP", promote({ failover: false, acceptLoss: false })],
    ["P on a server of HAProxy", "2/read_nodes/ubuntu2\rP", promote({ failover: false, acceptLoss: false })],
    [":promote (planned)", "j:promote (pl\r", promote({ failover: false, acceptLoss: false })],
    [":promote after failure", "j:promote after failure (f\r", promote({ failover: true, acceptLoss: false })],
    [":accept the known loss", "j:accept the known loss\r", promote({ failover: true, acceptLoss: true })],
    ["R", "jR", { command: "rejoin", targets: ["ubuntu2"] } satisfies Partial<CommandRequest>],
  ])("%s", async (_name, keys, wanted) => {
    const console = await start();
    console.type(keys);
    expect((await newestRequest(console)).request).toMatchObject({ cluster: "shop", force: false, ...wanted });
  });

  it("read-only mode binds neither key nor name", async () => {
    const console = await start({ readOnly: true });
    console.type("jPR:promote\r");
    await console.untilShown("no command matches");
    expect(plansOf(console)).toEqual([]);
  });
});

describe("what confirms", () => {
  it("only the node's name and Enter", async () => {
    const console = await start();
    console.type("jP");
    const plan = await answer(console);
    console.type("y\r");
    await console.untilShown("type db2 and press Enter; Esc leaves");
    expect(requestsOf(console, "run")).toEqual([]);
    console.type("\u007f");
    await confirm(console);
    expect(requestsOf(console, "run")).toEqual([{ type: "run", planId: plan.id }]);
  });

  it("neither keys that came before the panel, nor a paste, nor a burst", async () => {
    const console = await start();
    console.type("jPdb2\r");
    await answer(console);
    console.type(`${ESC}[200~db2\r${ESC}[201~`);
    await console.untilShown("a paste never confirms");
    console.type("db2\r");
    await console.untilShown("keys that come all at once");
    expect(requestsOf(console, "run")).toEqual([]);
    console.type(ESC);
    await console.untilGone("Afterwards");
  });

  it("n leaves, and nothing is sent", async () => {
    const console = await start();
    console.type("jP");
    await answer(console);
    console.type("n");
    await console.untilGone("Afterwards");
    expect(requestsOf(console, "run")).toEqual([]);
  });

  it("nothing while a guard refuses", async () => {
    const console = await start();
    console.type("jP");
    const guard = buildGuard({
      guard: "candidate-lag",
      verdict: "block",
      subject: "db2",
      message: "db2 is 90 s behind.",
    });
    await answer(console, { guards: [guard] });
    await console.untilShown("Refused by guards (candidate-lag)");
    console.type("db2\r");
    await console.untilShown("guards refuse this");
    expect(requestsOf(console, "run")).toEqual([]);
  });
});

describe("what the panel offers beside it", () => {
  const dead = "db1 does not answer. When it is dead, use `signalbox promote ubuntu2 --failover`.";
  const lossy = { promotion: buildPromotion({ mode: "failover", knownLoss: "3 transactions of db1" }) } as const;

  it("f plans the failover that the refusal names, and nothing else does", async () => {
    const console = await start();
    console.type("jP");
    await refuse(console, dead);
    await console.untilShown("f plans a failover to ubuntu2 instead");
    console.type("l");
    console.type("f");
    const { request } = await newestRequest(console);
    expect(plansOf(console)).toHaveLength(2);
    expect(request).toMatchObject(promote({ failover: true, acceptLoss: false }));
  });

  it("offers no failover where the refusal is about something else", async () => {
    const console = await start();
    console.type("jP");
    await refuse(console, "ubuntu2 is the primary already.");
    console.type("f");
    await painted();
    expect(plansOf(console)).toHaveLength(1);
    expect(console.text()).not.toContain("failover");
  });

  it("l accepts the known loss and takes that back, each time with a new plan; without it nothing is confirmed", async () => {
    const console = await start();
    console.type("j:promote after failure (f\r");
    await answer(console, lossy);
    await console.untilShown("nobody has accepted that");
    await console.untilShown("KNOWN LOSS: 3 transactions of db1");
    console.type("\r");
    await console.untilShown("guards refuse this");
    console.type("l");
    expect((await newestRequest(console)).request.promotion).toEqual({ failover: true, acceptLoss: true });
    await answer(console, lossy);
    await console.untilShown("THE KNOWN LOSS IS ACCEPTED.");
    await console.untilShown("Type db2 and press Enter");
    console.type("l");
    expect((await newestRequest(console)).request.promotion).toEqual({ failover: true, acceptLoss: false });
  });

  it("c copies the commands with their targets", async () => {
    const console = await start();
    console.type("jP");
    await answer(console);
    console.type("c");
    await console.untilShown("commands copied");
    const copied = /\u001b\]52;c;([^\u0007\u001b]+)/.exec(console.tty.written)?.[1] ?? "";
    const text = Buffer.from(copied, "base64").toString();
    expect(text.split("\n")[0]).toMatch(/^db2: SELECT WAIT_FOR_EXECUTED_GTID_SET/);
    expect(text).toContain("lb2: set server write_nodes/db1 state maint");
  });
});

describe("a run", () => {
  it("Esc asks for a safe point before the point of no return, and leaves with the next", async () => {
    const console = await start();
    console.type("jP");
    const plan = await answer(console);
    await confirm(console);
    tell(console, plan, { promotion: buildPromotionProgress({ stoppedAt: Date.now() }) });
    await console.untilShown("STOPPED [");
    console.type(ESC);
    await console.untilShown("stopping at the next safe point");
    expect(requestsOf(console, "stop-operation")).toEqual([{ type: "stop-operation", operationId: plan.id }]);
    console.type(ESC);
    await console.untilGone("STOPPED [");
  });

  it("Esc past the point of no return stops nothing, says so, and leaves with the next", async () => {
    const console = await start();
    console.type("jP");
    const plan = await answer(console);
    await confirm(console);
    tell(console, plan, { promotion: buildPromotionProgress({ stoppedAt: Date.now(), pastNoReturn: true }) });
    await console.untilShown("point of no return passed");
    console.type(ESC);
    await console.untilShown("it goes on to the end, nothing is taken back");
    expect(requestsOf(console, "stop-operation")).toEqual([]);
    console.type(ESC);
    await console.untilGone("Past the point");
  });

  it("the bar goes on while the engine is silent", async () => {
    const console = await start();
    console.type("jP");
    const plan = await answer(console);
    await confirm(console);
    tell(console, plan, { promotion: buildPromotionProgress({ stoppedAt: Date.now() - 20_000 }) });
    await console.until((text) => /\] 20\.\d s of 30 s/.test(text), "20 s");
    await console.until((text) => /\] 2[2-9]\.\d s of 30 s/.test(text), "22 s or more");
  });

  it("ends with the gap, the journal id, the way on, and what is left to people, which c copies whole", async () => {
    const console = await start({ columns: 100, rows: 40 });
    console.type("jP");
    const plan = await answer(console);
    await confirm(console);
    const promotion = buildPromotionProgress({
      stoppedAt: Date.now(),
      openedAt: Date.now(),
      gapMs: 38.4,
      pastNoReturn: true,
      byHand: [HAND_TASK],
    });
    tell(console, plan, { state: "unfinished", summary: "db3 does not follow db2.", endedAt: Date.now(), promotion });
    for (const wanted of [
      "UNFINISHED",
      "stood still for 38.4 ms",
      plan.id,
      `signalbox resume ${plan.id}`,
      "by hand (1)",
    ])
      await console.untilShown(wanted);
    console.type("c");
    await console.untilShown("panel copied");
    const copied = /\u001b\]52;c;([^\u0007\u001b]+)/.exec(console.tty.written)?.[1] ?? "";
    expect(Buffer.from(copied, "base64").toString()).toContain("server db1 10.0.0.11:3306 check backup");
  });

  it("stands in pane 5 with its gap, and in its detail with positions and tasks", async () => {
    const console = await start({ columns: 120, rows: 40 });
    const entry = {
      id: "20261120T030000-promote-0001",
      cluster: "shop",
      kind: "promote",
      title: "Promote db2",
      operator: "ops",
      host: "jump1",
      reason: null,
      startedAt: Date.now() - 5_000,
      endedAt: Date.now(),
      state: "done",
      summary: "Done and verified.",
      undoneBy: null,
      undoable: true,
      open: false,
      steps: [],
      gapMs: 38.4,
      byHand: [HAND_TASK],
      positions: { stop: { gtid: "0-1-4711", file: "mysql-bin.000001", pos: 328 } },
    } as const;
    console.engine.emit({ type: "operations", cluster: "shop", entries: [entry] });
    console.type("5");
    await console.until((text) => /Promote db2 +38\.4 ms/.test(text), "the gap");
    console.type("\r");
    for (const wanted of ["write gap            38.4 ms", "0-1-4711  mysql-bin.000001:328", HAND_TASK.lines[1] ?? "?"])
      await console.untilShown(wanted);
  });

  it("costs at most a frame per change of the gate, however many steps are told at once", async () => {
    const console = await start();
    console.type("jP");
    const plan = await answer(console);
    await confirm(console);
    const before = console.tty.bytes;
    const stoppedAt = Date.now();
    for (let told = 0; told < 500; told++)
      tell(console, plan, {
        summary: `step ${told}`,
        promotion: buildPromotionProgress({ stoppedAt, waitingFor: `db2 to apply 0-1-${told}` }),
      });
    await console.untilShown("0-1-499");
    expect(console.tty.bytes - before).toBeLessThan(8_000);
  });
});
