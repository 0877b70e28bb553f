import { afterEach, describe, expect, it } from "vitest";
import type { EngineRequest } from "../../src/engine/protocol.ts";
import type { CommandRequest, Plan } from "../../src/model/operation.ts";
import { buildGuard, buildPlan, buildProgress } from "../support/plans.ts";
import { type ConsoleOnScreen, type ScreenOptions, startConsole } from "../support/screen.ts";
import * as build from "../support/snapshots.ts";

const ESC = "\u001b";
const running: ConsoleOnScreen[] = [];

async function start(options: ScreenOptions = {}): Promise<ConsoleOnScreen> {
  const console = startConsole(options);
  running.push(console);
  const reload = {
    at: Date.now(),
    previousPid: 1,
    pid: 2,
    lost: ["read_nodes/ubuntu2 was drain, now up"],
    restore: [{ backend: "read_nodes", server: "ubuntu2", state: "drain", weight: null }],
  } as const;
  const cluster = build.buildCluster();
  const haproxies = cluster.haproxies.map((each) => ({ ...each, reload }));
  console.engine.emit({
    type: "snapshot",
    snapshot: build.buildSnapshot({ at: Date.now(), clusters: [{ ...cluster, haproxies }] }),
  });
  await console.untilShown("signalbox  shop");
  return console;
}

afterEach(async () => {
  for (const console of running.splice(0)) {
    for (const { plan } of plansOf(console)) console.engine.emit({ type: "operation", progress: ended(plan) });
    console.type("\u0003");
    await console.exit;
  }
  answered.clear();
});

const answered = new Map<ConsoleOnScreen, Plan[]>();
const plansOf = (console: ConsoleOnScreen) => (answered.get(console) ?? []).map((plan) => ({ plan }));
const ended = (plan: Plan) =>
  buildProgress(plan, { state: "done", summary: `${plan.title}: done and verified.`, endedAt: Date.now() });

type PlanRequest = Extract<EngineRequest, { readonly type: "plan" }>;

const requestsOf = (console: ConsoleOnScreen) =>
  console.engine.requests.filter((request): request is PlanRequest => request.type === "plan");
const runs = (console: ConsoleOnScreen) => console.engine.requests.filter(({ type }) => type === "run");

/** The request for a plan, answered with one. */
async function answer(
  console: ConsoleOnScreen,
  change: (request: CommandRequest) => Partial<Plan> = () => ({}),
): Promise<{ readonly request: CommandRequest; readonly plan: Plan; readonly requestId: string }> {
  await console.untilShown("looking at the servers");
  const last = requestsOf(console).at(-1);
  if (last === undefined) throw new Error("no plan was asked for");
  const { requestId, request } = last;
  const plan = buildPlan(request, change(request));
  answered.set(console, [...(answered.get(console) ?? []), plan]);
  console.engine.emit({ type: "plan", answer: { requestId, plan, refusal: null, replaces: null } });
  await console.untilShown("plan  Plan of");
  return { request, plan, requestId };
}

/** Longer than a keyboard waits between two repeats of a key. */
const LATER_MS = 200;

/** The panel is on screen and known to be. */
async function settled(console: ConsoleOnScreen): Promise<void> {
  await console.untilShown("leaves");
  await new Promise((resolve) => setTimeout(resolve, 60));
}

describe("every command: keys, request, panel, confirmation, run", () => {
  const reversible: readonly (readonly [string, string, Partial<CommandRequest>])[] = [
    ["D", "jD", { command: "drain", targets: ["ubuntu2"], waitMs: 60_000 }],
    ["M", "jM", { command: "maint", targets: ["ubuntu2"], waitMs: null }],
    ["E", "jE", { command: "ready", targets: ["ubuntu2"] }],
    ["W", "jW64\r", { command: "weight", targets: ["ubuntu2"], weight: 64 }],
    ["S of a replica", "jS", { command: "replica-stop", targets: ["ubuntu2"], thread: null }],
    [":stop the IO thread", "j:stop the io\r", { command: "replica-stop", targets: ["ubuntu2"], thread: "io" }],
    [":start the SQL thread", "j:start the sql\r", { command: "replica-start", targets: ["ubuntu2"], thread: "sql" }],
    [":stop this channel", "3j:stop this ch\r", { command: "replica-stop", targets: ["ubuntu2"], channel: "" }],
    [":re-apply", ":re-apply\r", { command: "reapply", targets: [] }],
    ["D on marked rows", "j  D", { command: "drain", targets: ["ubuntu2", "ubuntu3"] }],
    ["D on a server", "2/read_nodes/ubuntu2\rD", { command: "drain", targets: ["read_nodes/ubuntu2"], haproxy: null }],
    ["D in a detail", "j\rD", { command: "drain", targets: ["ubuntu2"] }],
  ];
  it.each(reversible)("%s runs on y", async (_name, keys, wanted) => {
    const console = await start();
    console.type(keys);
    const { request, plan } = await answer(console);
    expect(request).toMatchObject({ cluster: "shop", force: false, ...wanted });
    for (const text of [`lb1 → the command of ${request.command}`, "found: ready, weight 1, 5 sessions", "y runs it"])
      expect(console.text()).toContain(text);
    expect(console.text()).toContain("guards passed: last-usable-server");
    await settled(console);
    console.type("y");
    await console.untilShown("waiting for the engine");
    expect(runs(console)).toEqual([{ type: "run", planId: plan.id }]);
    console.engine.emit({ type: "operation", progress: ended(plan) });
    await console.untilShown("DONE");
    await console.untilShown(plan.id);
  });

  const disruptive: readonly (readonly [string, string, Partial<CommandRequest>])[] = [
    ["X", "jX", { command: "shutdown-sessions", targets: ["ubuntu2"] }],
    ["U", "U", { command: "undo", targets: [], operationId: null }],
    [":read-only on", "j:read-only on\r", { command: "read-only-on", targets: ["ubuntu2"] }],
    [":read-only off", "j:read-only off\r", { command: "read-only-off", targets: ["ubuntu2"] }],
    [":resume", ":resume\r", { command: "resume", operationId: null }],
  ];
  it.each(disruptive)("%s runs after the word and Enter, and never on y", async (_name, keys, wanted) => {
    const console = await start();
    console.type(keys);
    const { request, plan } = await answer(console, () => ({ danger: "disruptive" }));
    expect(request).toMatchObject({ cluster: "shop", ...wanted });
    await console.untilShown("Type ubuntu2 and press Enter");
    await settled(console);
    console.type("y");
    await console.untilShown("> y");
    console.type("\r");
    await console.untilShown("type ubuntu2 and press Enter; Esc leaves");
    expect(runs(console)).toEqual([]);
    console.type("\u007f");
    console.type("ubuntu2");
    await console.untilShown("> ubuntu2");
    console.type("\r");
    await console.untilShown("waiting for the engine");
    expect(runs(console)).toEqual([{ type: "run", planId: plan.id }]);
  });

  it(":kill the session ends the selected session of the node on screen", async () => {
    const console = await start();
    console.type("j6");
    await console.untilShown("Asking ubuntu2");
    const session = {
      id: 42,
      user: "shop",
      host: "10.0.0.9:5",
      database: "shop",
      command: "Query",
      seconds: 3,
      state: "",
      query: "SELECT 1",
      system: false,
    };
    const reading = build.fresh([session], "ubuntu2", Date.now());
    console.engine.emit({ type: "sessions", report: { cluster: "shop", node: "ubuntu2", reading } });
    await console.untilShown("SELECT 1");
    console.type(":kill the session\r");
    const { request } = await answer(console, () => ({ danger: "disruptive" }));
    expect(request).toMatchObject({ command: "kill-session", targets: ["ubuntu2"], sessionId: 42 });
  });

  it("S says why it cannot act, and W takes no nonsense", async () => {
    const console = await start();
    console.type("S");
    await console.untilShown("replication of ubuntu1: it follows nobody");
    console.type("W999\r");
    await console.untilShown("a weight is a whole number from 0 to 256");
    expect(requestsOf(console)).toEqual([]);
  });
});

describe("confirmation", () => {
  it("keys typed before the panel was painted do not confirm, and a later y does", async () => {
    const console = await start();
    console.type("jDy");
    console.type("y");
    await answer(console);
    await settled(console);
    expect(runs(console)).toEqual([]);
    // Sooner it would be the repeat of a key that is held down.
    await new Promise((resolve) => setTimeout(resolve, LATER_MS));
    console.type("y");
    await console.untilShown("waiting for the engine");
    expect(runs(console)).toHaveLength(1);
  });

  it("a y that is held down since before the panel never confirms", async () => {
    const console = await start();
    console.type("jD");
    console.type("y");
    await answer(console);
    for (let presses = 0; presses < 15; presses++) {
      console.type("y");
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    await console.untilShown("a key that is held down does not confirm");
    expect(runs(console)).toEqual([]);
  });

  it("a paste does not confirm, with paste marks or without", async () => {
    const console = await start();
    console.type("jD");
    await answer(console);
    await settled(console);
    console.type(`${ESC}[200~y${ESC}[201~`);
    await console.untilShown("a paste never confirms");
    console.type("ly\ny");
    await console.untilShown("keys that come all at once");
    expect(runs(console)).toEqual([]);
  });

  it("a word that was pasted with its Enter does not confirm", async () => {
    const console = await start();
    console.type("jX");
    await answer(console, () => ({ danger: "disruptive" }));
    await settled(console);
    console.type("ubuntu2\r");
    await console.untilShown("keys that come all at once");
    expect(runs(console)).toEqual([]);
  });

  it.each([["n"], [ESC]])("%j leaves without a trace", async (key) => {
    const console = await start();
    console.type("jD");
    await answer(console);
    await settled(console);
    console.type(key);
    await console.untilGone("plan  Plan of");
    expect(runs(console)).toEqual([]);
  });

  it("guards that block leave nothing to confirm, and say why and what to do", async () => {
    const console = await start();
    console.type("jD");
    const guard = buildGuard({
      verdict: "block",
      subject: "lb1 read_nodes/ubuntu2",
      message: "It is the last one that serves.",
      advice: "Enable another first.",
    });
    await answer(console, () => ({ guards: [guard] }));
    await settled(console);
    for (const text of ["✖ BLOCKED last-usable-server", "It is the last one that serves.", "→ Enable another first."])
      expect(console.text()).toContain(text);
    console.type("y");
    await console.untilShown("guards refuse this");
    expect(runs(console)).toEqual([]);
  });

  it("a plan older than 30 s is made again and shown anew", async () => {
    const console = await start();
    console.type("jD");
    await answer(console, () => ({ at: Date.now() - 31_000 }));
    await settled(console);
    console.type("y");
    await console.untilShown("looking at the servers");
    expect(runs(console)).toEqual([]);
    await answer(console);
    await console.untilShown("older than 30 s");
  });

  it("a plan that the engine finds changed comes back to be read again", async () => {
    const console = await start();
    console.type("jD");
    const { plan, requestId } = await answer(console);
    await settled(console);
    console.type("y");
    await console.untilShown("waiting for the engine");
    const fresh = { ...plan, id: "another", title: "Plan of what would be done now" };
    const why = "The cluster has changed since the plan was made";
    console.engine.emit({
      type: "plan",
      answer: { requestId, plan: fresh, refusal: null, replaces: { planId: plan.id, why } },
    });
    await console.untilShown(why);
    await console.untilShown("Plan of what would be done now");
  });

  it("a target that nobody knows is refused with what may be meant", async () => {
    const console = await start();
    console.type("jD");
    await console.untilShown("looking at the servers");
    const requestId = requestsOf(console)[0]?.requestId ?? "";
    const refusal = { kind: "target", message: "There is no node.", candidates: ["ubuntu3"] } as const;
    console.engine.emit({ type: "plan", answer: { requestId, plan: null, refusal, replaces: null } });
    await console.untilShown("There is no plan. Nothing was changed.");
    await console.untilShown("meant: ubuntu3");
  });

  it("read-only: nothing is bound and nothing is asked of the engine", async () => {
    const console = await start({ readOnly: true });
    console.type("jDMEWXSU");
    console.type(":shut down\r");
    await console.untilShown("no command matches");
    console.type("y\r");
    expect(requestsOf(console)).toEqual([]);
    expect(runs(console)).toEqual([]);
  });
});

describe("a running operation", () => {
  async function confirmed(): Promise<{ readonly console: ConsoleOnScreen; readonly plan: Plan }> {
    const console = await start({ rows: 40 });
    console.type("jD");
    const { plan } = await answer(console);
    await settled(console);
    console.type("y");
    await console.untilShown("waiting for the engine");
    return { console, plan };
  }

  it("is followed: sessions, rate, time left, who remains, per HAProxy; unknown is never 0", async () => {
    const { console, plan } = await confirmed();
    const drain = {
      sessions: null,
      queued: 0,
      leavingPerSecond: 1.5,
      emptyInSeconds: 8,
      deadlineAt: Date.now() + 30_000,
      clients: [{ user: "app", host: "10.0.0.7", count: 12 }],
      perHaproxy: [
        { haproxy: "lb1", server: "read_nodes/ubuntu2", sessions: 12, queued: 0 },
        { haproxy: "lb2", server: "read_nodes/ubuntu2", sessions: null, queued: null },
      ],
      stillFed: true,
    };
    console.engine.emit({ type: "operation", progress: buildProgress(plan, { state: "draining", drain }) });
    await console.untilShown("DRAINING");
    for (const text of [
      "1.5 per second",
      "about 8s",
      "app@10.0.0.7 x 12",
      ": 12 sessions",
      ": ? sessions",
      "still arrive",
    ])
      expect(console.text()).toContain(text);
    expect(console.text()).toMatch(/sessions +\?/);
    expect(console.text()).toMatch(/RUNS Plan of/);
  });

  it("Esc asks for a safe point, Esc again leaves it, and its end is told all the same", async () => {
    const { console, plan } = await confirmed();
    console.engine.emit({ type: "operation", progress: buildProgress(plan) });
    await console.untilShown("RUNNING");
    console.type(ESC);
    await console.untilShown("stopping at the next safe point");
    expect(console.engine.requests).toContainEqual({ type: "stop-operation", operationId: plan.id });
    console.type(ESC);
    await console.untilGone("operation  Plan of");
    await console.untilShown("RUNS Plan of");
    console.engine.emit({
      type: "operation",
      progress: buildProgress(plan, { state: "unfinished", summary: "Stopped: resume or undo.", endedAt: Date.now() }),
    });
    await console.untilShown("Stopped: resume or undo.");
    await console.untilGone("RUNS");
  });

  it("asks what to do when it stands still; cutting sessions wants the name", async () => {
    const { console, plan } = await confirmed();
    const question = {
      kind: "sessions-remain",
      text: "After 60 s 3 sessions are left.",
      choices: ["shutdown-sessions", "wait-longer", "keep", "undo"],
    } as const;
    console.engine.emit({ type: "operation", progress: buildProgress(plan, { state: "draining", question }) });
    await console.untilShown("What now? After 60 s 3 sessions are left.");
    await new Promise((resolve) => setTimeout(resolve, 60));
    console.type("x");
    await console.untilShown("cannot be taken back");
    expect(console.engine.requests.filter(({ type }) => type === "choose")).toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 60));
    console.type("ubuntu2");
    await console.untilShown("> ubuntu2");
    console.type("\r");
    await console.until(
      () => console.engine.requests.some(({ type }) => type === "choose"),
      "a choice sent to the engine",
    );
    expect(console.engine.requests).toContainEqual({
      type: "choose",
      operationId: plan.id,
      choice: "shutdown-sessions",
    });
  });

  it("q asks before it leaves", async () => {
    const { console, plan } = await confirmed();
    console.engine.emit({ type: "operation", progress: buildProgress(plan) });
    await console.untilShown("RUNNING");
    console.type("1");
    await console.untilGone("operation  Plan of");
    console.type("q");
    await console.untilShown("An operation runs");
    console.type("n");
    await console.untilGone("An operation runs");
    expect(console.engine.stopped).toBe(false);
  });

  it("stands in the Operations pane, and Enter shows its record", async () => {
    const { console, plan } = await confirmed();
    console.engine.emit({ type: "operation", progress: ended(plan) });
    await console.untilShown("DONE");
    console.type("5");
    await console.untilShown("[Operations]");
    expect(console.engine.requests).toContainEqual({ type: "list-operations", cluster: "shop" });
    await console.untilShown("STATE        OPERATION");
    console.type("\r");
    await console.untilShown("ops@jump1");
    await console.untilShown("the command of drain");
    await console.untilShown("ready, weight 1, 5 sessions");
  });
});
