import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseHostMessage } from "../../../src/engine/messages.ts";
import { createOperationsDesk, type OperationsDesk } from "../../../src/engine/operations-desk.ts";
import { Outbox } from "../../../src/engine/outbox.ts";
import type { EngineEvent } from "../../../src/engine/protocol.ts";
import { RequestError } from "../../../src/operations/errors.ts";
import { waitFor } from "../../lab/wait.ts";
import { buildRequest } from "../../support/requests.ts";
import { createDesk, type Desk, FakeWorld } from "../operations/support/fake-world.ts";
import { buildR1Twice } from "../operations/support/scenes.ts";

const DRAIN = buildRequest({ command: "drain", targets: ["read_nodes/db3"] });

describe("Operations desk of the engine", () => {
  let world: FakeWorld;
  let base: Desk;
  let desk: OperationsDesk;
  let events: EngineEvent[];

  beforeEach(() => {
    world = new FakeWorld(buildR1Twice());
    base = createDesk(world);
    events = [];
    desk = createOperationsDesk(base.operations, base.journal, (event) => events.push(event));
  });
  afterEach(() => base.remove());

  const answers = () => events.flatMap((event) => (event.type === "plan" ? [event.answer] : []));
  const progresses = () => events.flatMap((event) => (event.type === "operation" ? [event.progress] : []));
  const lists = () => events.flatMap((event) => (event.type === "operations" ? [event.entries] : []));
  const planned = async (requestId = "1", request = DRAIN) => {
    await desk.plan(requestId, request);
    return answers().at(-1)?.plan?.id ?? "";
  };

  it("answers a request with its plan, runs it, and lists the journal when it has ended", async () => {
    const id = await planned();
    expect(answers()).toMatchObject([{ requestId: "1", refusal: null, replaces: null }]);
    desk.run(id);
    const [entries] = await waitFor("the list", () => (lists().length > 0 ? lists() : undefined));
    expect(progresses().at(-1)).toMatchObject({ id, state: "done" });
    expect(entries).toMatchObject([{ id, state: "done", undoable: true, open: false, operator: "ana" }]);
    expect(entries?.[0]?.steps.map(({ target, phase }) => `${target} ${phase}`)).toEqual(["lb1 done", "lb2 done"]);
  });

  it("runs a plan once, however often it is asked to", async () => {
    const id = await planned();
    desk.run(id);
    desk.run(id);
    await waitFor("the end", () => lists().length > 0);
    expect(world.sent).toHaveLength(2);
  });

  it("says in words why there is no plan", async () => {
    await planned("1", { ...DRAIN, targets: ["read_nodes/db33"] });
    await planned("2", buildRequest({ command: "weight", targets: ["db3"], weight: 999 }));
    await planned("3", { ...DRAIN, cluster: "nowhere" });
    expect(answers().map(({ refusal }) => refusal?.kind)).toEqual(["target", "request", "request"]);
    expect(answers()[0]?.refusal?.candidates).toEqual(["read_nodes/db3"]);
  });

  it("shows the new plan instead of running one that is no longer right", async () => {
    const id = await planned();
    world.reload("lb1", 999);
    desk.run(id);
    const answer = await waitFor("the new plan", () => answers().find(({ replaces }) => replaces !== null));
    expect(answer).toMatchObject({ requestId: "1", replaces: { planId: id } });
    expect(world.sent).toEqual([]);
    desk.run(answer.plan?.id ?? "");
    await waitFor("the end", () => progresses().at(-1)?.state === "done");
  });

  it("runs one operation per cluster at a time", async () => {
    const first = await planned("1");
    const second = await planned("2", buildRequest({ command: "drain", targets: ["read_nodes/db4"] }));
    desk.run(first);
    desk.run(second);
    expect(answers().at(-1)?.refusal?.message).toContain(`Operation ${first} still runs on shop`);
    await waitFor("the end", () => lists().length > 0);
    expect(world.sent.filter((line) => line.includes("db4"))).toEqual([]);
  });

  it("passes the question on and takes the answer", async () => {
    world.fault("lb2", { kind: "refuse", text: "No such server." });
    const id = await planned();
    desk.run(id);
    await waitFor("the question", () => progresses().at(-1)?.question !== null && progresses().length > 0);
    desk.choose(id, "retry");
    await waitFor("the end", () => progresses().at(-1)?.state === "done");
    expect(world.sent).toHaveLength(3);
  });

  it("stops what runs, also while it waits for an answer", async () => {
    world.fault("lb2", { kind: "refuse", text: "No such server." });
    const id = await planned();
    desk.run(id);
    await waitFor("the question", () => progresses().at(-1)?.question?.kind === "partly-failed");
    await desk.stopAll();
    expect(progresses().at(-1)).toMatchObject({ state: "unfinished" });
    expect(progresses().at(-1)?.summary).toContain("Kept as it is.");
  });

  it("lists nothing of a journal that cannot be read, and says so", async () => {
    const list = () => Promise.reject(new RequestError("journal", "The journal in /x cannot be read (EIO)."));
    desk = createOperationsDesk(null, { ...base.journal, list }, (event) => events.push(event));
    await desk.list("shop");
    expect(events).toMatchObject([{ type: "log", line: "shop: The journal in /x cannot be read (EIO)." }]);
  });

  it("started read-only refuses every plan, and has nothing to run", async () => {
    desk = createOperationsDesk(null, base.journal, (event) => events.push(event));
    await planned();
    expect(answers()).toMatchObject([{ plan: null, refusal: { kind: "read-only" } }]);
    desk.run("anything");
    await desk.stopAll();
    expect(world.sent).toEqual([]);
  });
});

describe("Messages about operations", () => {
  const parse = (request: unknown) => parseHostMessage({ type: "request", request });

  it("are understood", () => {
    const requests = [
      { type: "plan", requestId: "1", request: DRAIN },
      { type: "run", planId: "p" },
      { type: "stop-operation", operationId: "o" },
      { type: "choose", operationId: "o", choice: "undo" },
      { type: "list-operations", cluster: "shop" },
    ];
    for (const request of requests) expect(parse(request)).toEqual({ type: "request", request });
  });

  it.each([
    { type: "plan", requestId: "1", request: { command: "drain" } },
    { type: "plan", request: DRAIN },
    { type: "run" },
    { type: "choose", operationId: "o", choice: "destroy" },
    { type: "stop-operation" },
  ])("are dropped when they are not whole: %j", (request) => {
    expect(parse(request)).toBeNull();
  });

  it("of one operation do not push out those of another at a screen that does not read", async () => {
    const world = new FakeWorld(buildR1Twice());
    const base = createDesk(world);
    const progress = await base.operations.run(await base.operations.plan(DRAIN));
    const posted: EngineEvent[] = [];
    const outbox = new Outbox((event) => posted.push(event));
    for (let count = 0; count < 30; count += 1) {
      outbox.offer({ type: "operation", progress: { ...progress, summary: `first ${count}` } });
      outbox.offer({ type: "operation", progress: { ...progress, id: "second", summary: `second ${count}` } });
    }
    for (let count = 0; count < 30; count += 1) outbox.acknowledge("operation");
    const summaries = posted.flatMap((event) => (event.type === "operation" ? [event.progress.summary] : []));
    expect(summaries.slice(-2).sort()).toEqual(["first 29", "second 29"]);
    base.remove();
  });
});
