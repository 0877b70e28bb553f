import { describe, expect, it } from "vitest";
import type { CommandId, CommandRequest, Plan } from "../../../src/model/operation.ts";
import { selectTargetName } from "../../../src/model/plan-subject.ts";
import { RequestError, TargetError } from "../../../src/operations/errors.ts";
import { buildPlan } from "../../../src/operations/plan.ts";
import { buildChannel, buildR1, buildServer, type Scene } from "../../support/model-builders.ts";
import { buildRequest } from "../../support/requests.ts";
import { FakeWorld } from "./support/fake-world.ts";
import { buildR1Twice, buildWide } from "./support/scenes.ts";

type Ask = Partial<CommandRequest> & Pick<CommandRequest, "command">;

function planOn(scene: Scene, request: Ask): Plan {
  return buildPlan({
    request: buildRequest(request),
    cluster: scene.snapshot(),
    settings: scene.settings,
    now: scene.now,
    random: () => "abcd",
    record: null,
    sessions: new Map(),
    stickTables: new Map(),
    preflight: null,
    commandText: (change) => new FakeWorld(scene).commandText(change),
  });
}

/** Steps as an operator reads them: group, target, command, and the way back. */
function steps(scene: Scene, request: Ask): string[] {
  return planOn(scene, request).steps.map(({ group, target, command, undo }) => {
    const where = selectTargetName(target);
    return `${group} ${where}: ${command} | ${undo?.command ?? "no way back"}`;
  });
}

function errorOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return null;
}

describe("Commands about servers", () => {
  it("drain a node: all its servers on all HAProxies, one group per server", () => {
    expect(steps(buildR1Twice(), { command: "drain", targets: ["db2"] })).toEqual([
      "1 lb1: set server write_nodes/db2 state drain | set server write_nodes/db2 state ready",
      "1 lb2: set server write_nodes/db2 state drain | set server write_nodes/db2 state ready",
      "2 lb1: set server read_nodes/db2 state drain | set server read_nodes/db2 state ready",
      "2 lb2: set server read_nodes/db2 state drain | set server read_nodes/db2 state ready",
    ]);
  });

  it("drain on one HAProxy only", () => {
    expect(steps(buildR1Twice(), { command: "drain", targets: ["read_nodes/db2"], haproxy: "lb2" })).toHaveLength(1);
  });

  it("keep the state before as the way back, not ready", () => {
    const scene = buildR1().state("lb1", "read_nodes/db3", "drain").state("lb1", "read_nodes/db4", "maint");
    expect(steps(scene, { command: "maint", targets: ["read_nodes/db3"] })).toEqual([
      "1 lb1: set server read_nodes/db3 state maint | set server read_nodes/db3 state drain",
    ]);
    expect(steps(scene, { command: "ready", targets: ["read_nodes/db4"] })).toEqual([
      "1 lb1: set server read_nodes/db4 state ready | set server read_nodes/db4 state maint",
    ]);
  });

  it("need no step for a server that is so already, and say it; a drain is followed all the same", () => {
    const scene = buildR1Twice().state("lb1", "read_nodes/db3", "drain");
    const plan = planOn(scene, { command: "drain", targets: ["read_nodes/db3"], waitMs: 1000 });
    expect(plan.steps.map(({ target }) => target)).toEqual([{ kind: "haproxy", haproxy: "lb2" }]);
    expect(plan.notes[0]).toBe("read_nodes/db3 is in state drain on lb1 already.");
    expect(plan.watch.map(({ haproxy }) => haproxy)).toEqual(["lb1", "lb2"]);
  });

  it("tell that a server which is ready, or comes back, is DOWN all the same, and what brings it back", () => {
    const scene = buildR1().state("lb1", "read_nodes/db3", "down", { rise: 99_999_999, check: "L7OK" });
    const plan = planOn(scene, { command: "ready", targets: ["read_nodes/db3"] });
    expect(plan.steps).toEqual([]);
    expect(plan.notes.join("\n")).toMatch(/read_nodes\/db3 is DOWN on lb1 \(L7OK\).* never takes it back by itself/);
    expect(planOn(scene, { command: "drain", targets: ["read_nodes/db3"] }).notes.join("\n")).not.toContain("DOWN");
  });

  it("tell that haproxy.cfg decides whether sessions are cut by maintenance, and by coming back from it", () => {
    const notes = (scene: Scene, command: CommandId, target: string) =>
      planOn(scene, { command, targets: [target] }).notes.join("\n");
    const busy = buildR1().server("lb1", "read_nodes/db3", { sessions: 4 });
    expect(notes(busy, "maint", "read_nodes/db3")).toMatch(/sessions of read_nodes\/db3 .* on-marked-down/);
    expect(notes(busy, "drain", "read_nodes/db3")).not.toContain("on-marked");
    const idle = buildR1().server("lb1", "read_nodes/db3", { sessions: 0 });
    expect(notes(idle, "maint", "read_nodes/db3")).not.toContain("on-marked");
    const back = buildR1().state("lb1", "write_nodes/db1", "maint").server("lb1", "write_nodes/db2", { sessions: 2 });
    expect(notes(back, "ready", "write_nodes/db1")).toMatch(/backups .* on-marked-up/);
    expect(notes(buildR1().state("lb1", "read_nodes/db3", "maint"), "ready", "read_nodes/db3")).not.toContain(
      "on-marked",
    );
  });

  it("have the process, the state found and the state wanted as facts, and what was found in words", () => {
    const [step] = planOn(buildR1(), { command: "drain", targets: ["read_nodes/db3"] }).steps;
    const name = { haproxy: "lb1", backend: "read_nodes", server: "db3" };
    expect(step?.before).toEqual([
      { kind: "pid", haproxy: "lb1", pid: 123 },
      { kind: "admin-state", ...name, state: "ready" },
    ]);
    expect(step?.after).toEqual([{ kind: "admin-state", ...name, state: "drain" }]);
    expect(step?.found).toBe("ready, weight 1, 4 sessions");
  });

  it("have no way back where the state before is not known (DOWN on a HAProxy that tells no admin bits)", () => {
    const scene = buildR1().state("lb1", "read_nodes/db3", "down", { adminReasons: null });
    expect(steps(scene, { command: "drain", targets: ["read_nodes/db3"] })).toEqual([
      "1 lb1: set server read_nodes/db3 state drain | no way back",
    ]);
  });

  it("set weights and know the weight before, also of a drained server", () => {
    const scene = buildR1().state("lb1", "read_nodes/db3", "drain", { weight: 0, assignedWeight: 70 });
    expect(steps(scene, { command: "weight", targets: ["read_nodes/db3"], weight: 256 })).toEqual([
      "1 lb1: set server read_nodes/db3 weight 256 | set server read_nodes/db3 weight 70",
    ]);
  });

  it.each([null, -1, 257, 1.5, Number.NaN])("refuse a weight of %s", (weight) => {
    const error = errorOf(() => planOn(buildR1(), { command: "weight", targets: ["read_nodes/db3"], weight }));
    expect(error).toBeInstanceOf(RequestError);
    expect(error).toMatchObject({ field: "weight" });
  });

  it("tell what a reload takes back and what belongs into haproxy.cfg", () => {
    const notes = (request: Ask) => planOn(buildR1(), request).notes.join(" ");
    expect(notes({ command: "maint", targets: ["read_nodes/db3"] })).toContain("put `disabled` on the server line");
    expect(notes({ command: "weight", targets: ["read_nodes/db3"], weight: 9 })).toContain("put `weight 9` on");
    expect(notes({ command: "drain", targets: ["read_nodes/db3"] })).toContain("`weight 0`");
  });

  it("cut sessions without a way back, wait for none left only where no new ones come", () => {
    const scene = buildR1().state("lb1", "read_nodes/db3", "drain");
    const [out] = planOn(scene, { command: "shutdown-sessions", targets: ["read_nodes/db3"] }).steps;
    expect(out).toMatchObject({ command: "shutdown sessions server read_nodes/db3", undo: null });
    expect(out?.after.map(({ kind }) => kind)).toEqual(["no-sessions"]);
    const plan = planOn(scene, { command: "shutdown-sessions", targets: ["read_nodes/db4"] });
    expect(plan.steps[0]?.after).toEqual([]);
    expect(plan).toMatchObject({
      title: "Shut down 4 sessions of read_nodes/db4",
      danger: "disruptive",
      confirmWord: "db4",
    });
  });

  it("make one plan of 50 marked servers, each with its own step", () => {
    const scene = buildWide(51);
    const targets = Array.from({ length: 50 }, (_, index) => `wide/s${index}`);
    const cluster = scene.snapshot();
    const plan = buildPlan({
      request: buildRequest({ command: "drain", targets }),
      cluster,
      settings: scene.settings,
      now: scene.now,
      random: () => "abcd",
      record: null,
      sessions: new Map(),
      stickTables: new Map(),
      preflight: null,
      commandText: (change) => `change ${"server" in change ? change.server : ""}`,
    });
    expect(new Set(plan.steps.map(({ command }) => command)).size).toBe(50);
  });
});

describe("Commands about nodes", () => {
  it.each<[string, Ask, string]>([
    ["whole", { command: "replica-stop", targets: ["db3"] }, "1 db3: STOP REPLICA | START REPLICA"],
    [
      "its applier",
      { command: "replica-stop", targets: ["db3"], thread: "sql" },
      "1 db3: STOP REPLICA SQL_THREAD | START REPLICA SQL_THREAD",
    ],
    [
      "its receiver",
      { command: "replica-stop", targets: ["db3"], thread: "io" },
      "1 db3: STOP REPLICA IO_THREAD | START REPLICA IO_THREAD",
    ],
  ])("stop replication: %s", (_, request, expected) => {
    expect(steps(buildR1(), request).map((line) => line.replaceAll("SLAVE", "REPLICA"))).toEqual([expected]);
  });

  it("take back only what they changed: a receiver that was stopped before stays stopped", () => {
    const scene = buildR1().channel("db3", { io: "no" });
    expect(steps(scene, { command: "replica-stop", targets: ["db3"] })[0]?.replaceAll("SLAVE", "REPLICA")).toBe(
      "1 db3: STOP REPLICA | START REPLICA SQL_THREAD",
    );
  });

  it("act on one channel, on all, and name those there are", () => {
    const channels = [buildChannel("10.0.0.11:3306"), buildChannel("10.0.0.12:3306", { name: "west" })];
    const scene = buildR1().node("db3", { channels });
    expect(planOn(scene, { command: "replica-stop", targets: ["db3"] }).steps).toHaveLength(2);
    expect(planOn(scene, { command: "replica-stop", targets: ["db3"], channel: "west" }).steps).toHaveLength(1);
    const error = errorOf(() => planOn(scene, { command: "replica-stop", targets: ["db3"], channel: "east" }));
    expect(error).toMatchObject({
      field: "channel",
      message: 'db3 has no channel "east": there is the default one, west.',
    });
  });

  it("say that a node replicates from nobody", () => {
    expect(errorOf(() => planOn(buildR1(), { command: "replica-stop", targets: ["db1"] }))).toMatchObject({
      message: "db1 replicates from nobody.",
    });
  });

  it("set read-only with super where the server has it, and back to what was found", () => {
    const scene = buildR1("mysql").node("db1", { superReadOnly: false });
    const plan = planOn(scene, { command: "read-only-on", targets: ["db1"] });
    expect(plan.steps[0]?.change).toEqual({ kind: "read-only", node: "db1", on: true, superToo: true });
    expect(plan.steps[0]?.undo?.after).toEqual([{ kind: "read-only", node: "db1", on: false, superToo: false }]);
    const maria = planOn(buildR1(), { command: "read-only-on", targets: ["db1"] });
    expect(maria.steps[0]?.change).toMatchObject({ superToo: false });
  });

  it("kill one session", () => {
    expect(steps(buildR1(), { command: "kill-session", targets: ["db1"], sessionId: 42 })).toEqual([
      "1 db1: KILL 42 | no way back",
    ]);
    expect(errorOf(() => planOn(buildR1(), { command: "kill-session", targets: ["db1"] }))).toMatchObject({
      field: "sessionId",
    });
  });
});

describe("Re-apply after a reload", () => {
  it("sets again what was lost, states before weights, and says what is gone", () => {
    const restore = [
      { backend: "read_nodes", server: "db3", state: "drain", weight: null },
      { backend: "read_nodes", server: "db4", state: null, weight: 30 },
      { backend: "read_nodes", server: "db9", state: "maint", weight: null },
    ] as const;
    const scene = buildR1().haproxy("lb1", { reload: { at: 1, previousPid: 1, pid: 123, lost: [], restore } });
    expect(steps(scene, { command: "reapply" })).toEqual([
      "1 lb1: set server read_nodes/db3 state drain | set server read_nodes/db3 state ready",
      "2 lb1: set server read_nodes/db4 weight 30 | set server read_nodes/db4 weight 1",
    ]);
    expect(planOn(scene, { command: "reapply" }).notes[0]).toBe("read_nodes/db9 is gone from lb1.");
  });

  it("has nothing to do without a loss", () => {
    expect(errorOf(() => planOn(buildR1(), { command: "reapply" }))).toBeInstanceOf(RequestError);
  });
});

describe("Targets", () => {
  const drain = (scene: Scene, target: string, haproxy: string | null = null) =>
    errorOf(() => planOn(scene, { command: "drain", targets: [target], haproxy }));

  it.each([
    ["db22", "unknown", 'There is no node "db22": did you mean db2?'],
    ["read_nodes/db22", "unknown", 'There is no server "read_nodes/db22": did you mean read_nodes/db2?'],
    ["db2;shutdown", "malformed", 'has no ";"'],
    ["db2\nx", "malformed", "names have no"],
    ["db 2", "malformed", 'names have no " "'],
    ["a/b/c", "malformed", "a target is NODE or BACKEND/SERVER"],
    ["read_nodes/", "malformed", "cannot be a target"],
    ["", "missing", "A target is missing"],
  ])("%j is %s", (target, problem, message) => {
    const error = drain(buildR1(), target);
    expect(error).toBeInstanceOf(TargetError);
    expect(error).toMatchObject({ problem });
    const said = error instanceof TargetError ? error.message : "";
    expect(said.replace("names have no", "has no")).toContain(message.replace("names have no", "has no"));
    expect(said).not.toMatch(/[\u0000-\u001f]/);
  });

  it("name servers that are called like an unknown node", () => {
    const scene = buildR1();
    scene.addHaproxy("lb1", [...scene.haproxyReport("lb1").servers, buildServer("other/cache", "10.9.9.9:3306")]);
    expect(drain(scene, "cache")).toMatchObject({ problem: "unknown", candidates: ["other/cache"] });
  });

  it("are ambiguous when a node is called like the server of another node: both are named", () => {
    const scene = buildR1();
    scene.addHaproxy("lb1", [...scene.haproxyReport("lb1").servers, buildServer("other/db2", "10.0.0.13:3306")]);
    const error = drain(scene, "db2");
    expect(error).toMatchObject({ problem: "ambiguous" });
    expect(error instanceof Error && error.message).toContain("server other/db2 on lb1 (node db3)");
  });

  it("are ambiguous when one name means two nodes on two HAProxies, until one HAProxy is chosen", () => {
    const scene = buildR1Twice().server("lb2", "read_nodes/db2", { host: "10.0.0.13" });
    const error = drain(scene, "read_nodes/db2");
    expect(error).toMatchObject({ problem: "ambiguous", candidates: ["db2 on lb1", "db3 on lb2"] });
    expect(drain(scene, "read_nodes/db2", "lb1")).toBeNull();
  });

  it("know HAProxies by name", () => {
    expect(drain(buildR1(), "db2", "lb9")).toMatchObject({ problem: "unknown", candidates: ["lb1"] });
  });

  it("of node commands are nodes: a server is refused with its node named", () => {
    const error = errorOf(() => planOn(buildR1(), { command: "replica-stop", targets: ["read_nodes/db3"] }));
    expect(error).toMatchObject({ problem: "wrong-kind", candidates: ["db3"] });
  });
});
