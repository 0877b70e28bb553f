import { describe, expect, it } from "vitest";
import type { CommandRequest, GuardVerdict } from "../../../src/model/operation.ts";
import { GUARDS, selectRefusals } from "../../../src/operations/guards/table.ts";
import { buildPlan } from "../../../src/operations/plan.ts";
import {
  buildChannel,
  buildR1,
  buildR2,
  buildR3,
  buildR4,
  failed,
  fresh,
  type Scene,
} from "../../support/model-builders.ts";
import { buildRequest } from "../../support/requests.ts";
import { buildSession, FakeWorld } from "./support/fake-world.ts";
import { buildR1Twice } from "./support/scenes.ts";

type Ask = Partial<CommandRequest> & Pick<CommandRequest, "command">;

function planOn(
  scene: Scene,
  request: Ask,
  more: { tables?: readonly string[] | null; sessions?: readonly number[] } = {},
) {
  const world = new FakeWorld(scene);
  const tables = more.tables === undefined ? [] : more.tables;
  return buildPlan({
    request: buildRequest(request),
    cluster: scene.snapshot(),
    settings: scene.settings,
    now: scene.now,
    random: () => "abcd",
    record: null,
    sessions: more.sessions === undefined ? new Map() : new Map([["db1", new Set(more.sessions)]]),
    stickTables: tables === null ? new Map() : new Map([...scene.haproxies.keys()].map((name) => [name, tables])),
    preflight: null,
    commandText: (change) => world.commandText(change),
  });
}

/** `guard verdict` of everything that is not "pass"; ` force` where it may be forced. */
function verdicts(scene: Scene, request: Ask, more?: Parameters<typeof planOn>[2]): string[] {
  return planOn(scene, request, more)
    .guards.filter(({ verdict }) => verdict !== "pass")
    .map(({ guard, verdict, forceable }) => `${guard} ${verdict}${verdict !== "warn" && forceable ? " force" : ""}`);
}

const DRAIN_READER: Ask = { command: "drain", targets: ["read_nodes/db3"] };
const DRAIN_WRITER: Ask = { command: "drain", targets: ["write_nodes/db1"] };
const READY_READER: Ask = { command: "ready", targets: ["read_nodes/db3"] };
const drained = (scene: Scene) => scene.state("lb1", "read_nodes/db3", "drain");

describe("Guards of a calm cluster", () => {
  it.each<[string, Scene, Ask]>([
    ["drain of one of three readers", buildR1(), DRAIN_READER],
    ["maint of one of three readers", buildR1(), { command: "maint", targets: ["read_nodes/db3"] }],
    ["ready of a healthy drained reader", drained(buildR1()), READY_READER],
    ["weight", buildR1(), { command: "weight", targets: ["read_nodes/db3"], weight: 50 }],
    ["drain of one of two writers that are meant", buildR4(), { command: "drain", targets: ["mysql/db1"] }],
    ["start of replication", buildR1().channel("db3", { sql: "no" }), { command: "replica-start", targets: ["db3"] }],
    [
      "read-only of a writable reader",
      buildR1().node("db3", { readOnly: false }),
      { command: "read-only-on", targets: ["db3"] },
    ],
    ["a session that is there", buildR1(), { command: "kill-session", targets: ["db1"], sessionId: 7 }],
  ])("let through: %s", (_, scene, request) => {
    expect(verdicts(scene, request, { sessions: [7] })).toEqual([]);
  });

  it("tell that they passed, one line each", () => {
    const plan = planOn(buildR1(), DRAIN_READER);
    expect(plan.guards.map(({ guard }) => guard)).toEqual([
      "haproxy-readable",
      "level",
      "same-process",
      "many-processes",
      "last-usable-server",
      "writer-drain",
      "tracked-server",
      "agent-check",
      "stick-table",
    ]);
  });

  it("have names of their own", () => {
    expect(new Set(GUARDS.map(({ name }) => name)).size).toBe(GUARDS.length);
  });
});

describe("Guards about the last server", () => {
  const last = () => buildR1().state("lb1", "read_nodes/db2", "drain").state("lb1", "read_nodes/db4", "down");

  it("refuse to drain the last usable reader, with the states of the others", () => {
    const plan = planOn(last(), DRAIN_READER);
    const found = plan.guards.find(({ guard }) => guard === "last-usable-server");
    expect(found).toMatchObject({ verdict: "block", forceable: true, subject: "lb1 read_nodes" });
    expect(found?.message).toContain("db3 is the last usable server of read_nodes on lb1 (db2 drain, db4 down)");
  });

  it("count the combined effect of several targets", () => {
    const targets = ["read_nodes/db2", "read_nodes/db3", "read_nodes/db4"];
    expect(verdicts(buildR1(), { command: "drain", targets })).toEqual(["last-usable-server block force"]);
    expect(verdicts(buildR1(), { command: "drain", targets: targets.slice(1) })).toEqual([]);
  });

  it("take weight 0 for what it is", () => {
    expect(verdicts(last(), { command: "weight", targets: ["read_nodes/db3"], weight: 0 })).toEqual([
      "last-usable-server block force",
    ]);
  });

  it("do not count a server of weight 0 as usable", () => {
    const scene = buildR1()
      .server("lb1", "read_nodes/db2", { weight: 0 })
      .server("lb1", "read_nodes/db4", { weight: 0 });
    expect(verdicts(scene, DRAIN_READER)).toEqual(["last-usable-server block force"]);
  });
});

describe("Guards about the active writer", () => {
  it.each<[string, Scene, string]>([
    ["is read-only", buildR1(), "writer-drain block"],
    ["is a replica although writable", buildR1().node("db2", { readOnly: false }), "writer-drain block"],
    ["lags", buildR3().channel("db2", { secondsBehind: 60 }), "writer-drain block"],
    ["does not replicate", buildR3().channel("db2", { sql: "no" }), "writer-drain block"],
    ["cannot be read", buildR1().kill("db2"), "writer-drain unknown"],
    ["is writable: two writers while old sessions last", buildR3(), "writer-drain block force"],
  ])("refuse to drain it when its backup %s", (_, scene, expected) => {
    const request = scene.haproxyReport("lb1").proxies.some(({ name }) => name === "mysql")
      ? ({ command: "drain", targets: ["mysql/db1"] } as const)
      : DRAIN_WRITER;
    expect(verdicts(scene, request)).toEqual([expected]);
  });

  it("name promote as the safe way", () => {
    const { advice } = planOn(buildR1(), DRAIN_WRITER).guards.find(
      ({ verdict }) => verdict === "block",
    ) as GuardVerdict;
    expect(advice).toBe("Use `signalbox promote db2`: it moves the writes safely.");
  });

  it("say the same of maint and of weight 0", () => {
    expect(verdicts(buildR1(), { ...DRAIN_WRITER, command: "maint" })).toEqual(["writer-drain block"]);
    expect(verdicts(buildR1(), { ...DRAIN_WRITER, command: "weight", weight: 0 })).toEqual(["writer-drain block"]);
  });

  it("leave draining of the backup alone", () => {
    expect(verdicts(buildR1(), { command: "drain", targets: ["write_nodes/db2"] })).toEqual([]);
  });
});

describe("Guards about a server that comes back", () => {
  const back = () => drained(buildR1());

  it.each<[string, Scene, string[]]>([
    ["is dead", back().kill("db3"), ["ready-node block force"]],
    ["cannot be read for a password", back().kill("db3", { kind: "auth" }), ["ready-node unknown force"]],
    ["lags", back().channel("db3", { secondsBehind: 60 }), ["ready-node block force"]],
    ["has an unknown lag", back().channel("db3", { secondsBehind: null }), ["ready-node unknown force"]],
    ["does not replicate", back().channel("db3", { sql: "no" }), ["ready-node block force"]],
    ["is writable among readers", back().node("db3", { readOnly: false }), ["ready-node block force"]],
  ])("refuse a reader that %s", (_, scene, expected) => {
    expect(verdicts(scene, READY_READER)).toEqual(expected);
  });

  it("refuse a server whose node nobody knows", () => {
    const scene = buildR1().server("lb1", "read_nodes/db3", { server: "other", host: "10.9.9.9" });
    scene.state("lb1", "read_nodes/other", "drain");
    expect(verdicts(scene, { command: "ready", targets: ["read_nodes/other"] })).toEqual(["ready-node unknown force"]);
  });

  it("refuse the old primary while the backup takes the writes", () => {
    const scene = buildR1().state("lb1", "write_nodes/db1", "maint").node("db2", { readOnly: false, channels: [] });
    expect(verdicts(scene, { command: "ready", targets: ["write_nodes/db1"] })).toEqual(["second-writer block"]);
  });

  it("refuse the old primary while the other one still has writing sessions", () => {
    const scene = buildR1().state("lb1", "write_nodes/db1", "maint").node("db2", { readOnly: false, channels: [] });
    scene.state("lb1", "write_nodes/db2", "maint", { sessions: 3 });
    expect(verdicts(scene, { command: "ready", targets: ["write_nodes/db1"] })).toEqual(["second-writer block"]);
    scene.server("lb1", "write_nodes/db2", { sessions: 0 });
    expect(verdicts(scene, { command: "ready", targets: ["write_nodes/db1"] })).toEqual([]);
  });

  it("refuse a writer on one HAProxy while another HAProxy sends the writes elsewhere", () => {
    const scene = buildR1Twice().node("db2", { readOnly: false, channels: [] });
    for (const name of ["write_nodes/db1", "write_nodes/db2"]) scene.state("lb1", name, "maint", { sessions: 0 });
    scene.state("lb2", "write_nodes/db1", "maint", { sessions: 0 });
    const request: Ask = { command: "ready", targets: ["write_nodes/db1"], haproxy: "lb1" };
    expect(verdicts(scene, request)).toEqual(["second-writer block"]);
    scene.state("lb2", "write_nodes/db2", "maint", { sessions: 0 });
    expect(verdicts(scene, request)).toEqual([]);
  });

  it("refuse a plan that opens two nodes at once, and one beside a node that does not tell", () => {
    const scene = buildR1().node("db1", { readOnly: true });
    const both: Ask = { command: "read-only-off", targets: ["db1", "db2"] };
    expect(verdicts(scene, both)).toEqual(["opened-replica block", "opened-replica block"]);
    expect(verdicts(scene, { command: "read-only-off", targets: ["db1"] })).toEqual([]);
    scene.node("db3", { readOnly: null });
    expect(verdicts(scene, { command: "read-only-off", targets: ["db1"] })).toEqual(["opened-replica unknown force"]);
  });

  it("refuse a plan that puts two writable servers into the writer backend at once", () => {
    const scene = buildR1().node("db2", { readOnly: false, channels: [] });
    scene.server("lb1", "write_nodes/db2", { active: true, backup: false });
    for (const name of ["write_nodes/db1", "write_nodes/db2"]) scene.state("lb1", name, "maint", { sessions: 0 });
    const request: Ask = { command: "ready", targets: ["write_nodes/db1", "write_nodes/db2"] };
    expect(verdicts(scene, request)).toEqual(["second-writer block", "second-writer block"]);
  });

  it("cannot tell about a second writer while another HAProxy is silent", () => {
    const scene = buildR1Twice();
    for (const name of ["write_nodes/db1", "write_nodes/db2"]) scene.state("lb1", name, "maint", { sessions: 0 });
    scene.haproxy("lb2", { reading: { state: "never", from: "lb2" } });
    const request: Ask = { command: "ready", targets: ["write_nodes/db1"], haproxy: "lb1" };
    expect(verdicts(scene, request)).toEqual(["second-writer unknown force"]);
  });

  it("refuse a second writer also where nobody knows which backend is the writer's", () => {
    const scene = buildR1().configure({ writer: null, readers: ["read_nodes"] });
    scene.server("lb1", "write_nodes/db2", { active: true, backup: false });
    scene.state("lb1", "write_nodes/db1", "maint", { sessions: 0 }).node("db2", { readOnly: false, channels: [] });
    expect(verdicts(scene, { command: "ready", targets: ["write_nodes/db1"] })).toEqual(["second-writer block"]);
  });

  it("take unknown sessions of another writable server for writing ones", () => {
    const scene = buildR1().state("lb1", "write_nodes/db1", "maint").node("db2", { readOnly: false, channels: [] });
    scene.state("lb1", "write_nodes/db2", "maint", { sessions: null });
    expect(verdicts(scene, { command: "ready", targets: ["write_nodes/db1"] })).toEqual(["second-writer block"]);
  });

  it("leave --force where both sides of a pair follow each other", () => {
    const scene = buildR3().state("lb1", "mysql/db1", "drain");
    expect(verdicts(scene, { command: "ready", targets: ["mysql/db1"] })).toEqual(["second-writer block force"]);
  });

  it("refuse a read-only node that would get the writes", () => {
    const scene = buildR1().state("lb1", "write_nodes/db1", "drain").node("db1", { readOnly: true });
    scene.state("lb1", "write_nodes/db2", "down");
    expect(verdicts(scene, { command: "ready", targets: ["write_nodes/db1"] })).toEqual(["ready-node block"]);
  });

  it("let the read-only backup of the writer backend come back as a backup", () => {
    const scene = buildR1().state("lb1", "write_nodes/db2", "maint");
    expect(verdicts(scene, { command: "ready", targets: ["write_nodes/db2"] })).toEqual([]);
  });
});

describe("Guards about HAProxy itself", () => {
  const process = (patch: object) => (scene: Scene) => {
    const report = scene.haproxyReport("lb1");
    if (report.process === null) throw new Error("no process");
    return scene.haproxy("lb1", { reading: fresh({ ...report, process: { ...report.process, ...patch } }) });
  };
  const report = (scene: Scene, patch: object) =>
    scene.haproxy("lb1", { reading: fresh({ ...scene.haproxyReport("lb1"), ...patch }) });

  it.each<[string, Scene, string[]]>([
    ["a socket of level operator", report(buildR1(), { level: "operator" }), ["level block"]],
    ["a level that is not told", report(buildR1(), { level: null }), ["level warn"]],
    ["a stats page", report(buildR1(), { source: "stats-page", level: "read-only", process: null }), ["level block"]],
    ["a process that is not told", process({ pid: null })(buildR1()), ["same-process unknown force"]],
    ["nbproc above 1", process({ nbproc: 2 })(buildR1()), ["many-processes block force"]],
    ["an agent check", buildR1().server("lb1", "read_nodes/db3", { agentEnabled: true }), ["agent-check block force"]],
    [
      "a server that follows another",
      buildR1().server("lb1", "read_nodes/db3", { tracks: "x/y" }),
      ["tracked-server block"],
    ],
    [
      "a server that others follow",
      buildR1().server("lb1", "read_nodes/db4", { tracks: "read_nodes/db3" }),
      ["tracked-server warn"],
    ],
  ])("speak of %s", (_, scene, expected) => {
    expect(verdicts(scene, DRAIN_READER)).toEqual(expected);
  });

  it("let a stats page be left out by force, and say so; alone there is nothing to force", () => {
    const page = { source: "stats-page", level: "read-only", process: null } as const;
    const scene = buildR1Twice();
    scene.haproxy("lb2", { reading: fresh({ ...scene.haproxyReport("lb2"), ...page }) });
    expect(verdicts(scene, DRAIN_READER)).toContain("level block force");
    const forced = planOn(scene, { ...DRAIN_READER, force: true });
    expect(forced.steps.map(({ target }) => target)).toEqual([{ kind: "haproxy", haproxy: "lb1" }]);
    expect(forced.notes[0]).toBe("lb2 is left out: only its stats page is known.");
    // In rotation there as before: a wait for it would end as if somebody had taken the drain back.
    expect(forced.watch.map(({ haproxy }) => haproxy)).toEqual(["lb1"]);
  });

  it("leave nothing to force where a silent HAProxy is the only one to be changed", () => {
    const scene = buildR1Twice().state("lb1", "read_nodes/db3", "drain");
    scene.haproxy("lb2", { reading: failed(scene.haproxyReport("lb2")) });
    expect(verdicts(scene, DRAIN_READER)).toEqual(["haproxy-readable unknown"]);
  });

  it("are content with a socket per process", () => {
    const scene = process({ nbproc: 2, processNumber: 1 })(buildR1());
    const second = scene.haproxyReport("lb1");
    scene.addHaproxy("lb1p2", second.servers);
    if (second.process === null) throw new Error("no process");
    scene.haproxy("lb1p2", {
      reading: fresh({ ...second, process: { ...second.process, processNumber: 2, pid: 124 } }),
    });
    expect(verdicts(scene, DRAIN_READER)).toEqual([]);
  });

  it("speak of stick tables: known, elsewhere, not told; maintenance is stronger", () => {
    expect(verdicts(buildR1(), DRAIN_READER, { tables: ["read_nodes"] })).toEqual(["stick-table block force"]);
    expect(verdicts(buildR1(), DRAIN_READER, { tables: ["limits"] })).toEqual(["stick-table warn"]);
    expect(verdicts(buildR1(), DRAIN_READER, { tables: null })).toEqual(["stick-table warn"]);
    expect(verdicts(buildR1(), { ...DRAIN_READER, command: "maint" }, { tables: ["read_nodes"] })).toEqual([]);
  });

  it("count a HAProxy that cannot be read as failed; --force leaves it out, --haproxy does not ask for it", () => {
    const scene = buildR1Twice();
    scene.haproxy("lb2", { reading: failed(scene.haproxyReport("lb2")) });
    const plan = planOn(scene, DRAIN_READER);
    expect(verdicts(scene, DRAIN_READER)).toEqual(["haproxy-readable unknown force"]);
    expect(selectRefusals(plan.guards, false)).toHaveLength(1);
    expect(selectRefusals(plan.guards, true)).toEqual([]);
    expect(plan.steps.map(({ target }) => target)).toEqual([{ kind: "haproxy", haproxy: "lb1" }]);
    expect(verdicts(scene, { ...DRAIN_READER, haproxy: "lb1" })).toEqual([]);
    expect(verdicts(scene, { ...DRAIN_READER, haproxy: "lb2" })).toEqual(["haproxy-readable unknown"]);
  });
});

describe("Guards about nodes", () => {
  it.each<[string, Scene, Ask, string[]]>([
    [
      "stopping a relay",
      buildR2().state("lb1", "read_nodes/db2", "drain"),
      { command: "replica-stop", targets: ["db2"] },
      ["relay-stop block force"],
    ],
    [
      "stopping a reader in service",
      buildR1(),
      { command: "replica-stop", targets: ["db3"] },
      ["reader-in-service warn"],
    ],
    [
      "a node that does not answer",
      buildR1().kill("db3"),
      { command: "replica-stop", targets: ["db3"] },
      ["node-readable unknown"],
    ],
    [
      "an applier that stopped on an error",
      buildR1().channel("db3", { sql: "no", sqlError: { code: 1062, message: "Duplicate entry" } }),
      { command: "replica-start", targets: ["db3"] },
      ["applier-error warn"],
    ],
    [
      "making the writer read-only",
      buildR1(),
      { command: "read-only-on", targets: ["db1"] },
      ["writer-read-only block force"],
    ],
    ["opening a second node", buildR1(), { command: "read-only-off", targets: ["db2"] }, ["opened-replica block"]],
    [
      "opening a node while another one is silent",
      buildR1().node("db1", { readOnly: true }).kill("db4"),
      { command: "read-only-off", targets: ["db1"] },
      ["opened-replica unknown force"],
    ],
    [
      "cutting sessions of a server in rotation",
      buildR1(),
      { command: "shutdown-sessions", targets: ["read_nodes/db3"] },
      ["sessions-return warn"],
    ],
    [
      "a session that is gone",
      buildR1(),
      { command: "kill-session", targets: ["db1"], sessionId: 9 },
      ["client-session block"],
    ],
    [
      "sessions that cannot be read",
      buildR1(),
      { command: "kill-session", targets: ["db2"], sessionId: 9 },
      ["client-session unknown"],
    ],
  ])("speak of %s", (_, scene, request, expected) => {
    expect(verdicts(scene, request, { sessions: [7] })).toEqual(expected);
  });

  it("do not take the other side of a pair for a dependent", () => {
    const scene = buildR3();
    expect(verdicts(scene, { command: "replica-stop", targets: ["db1"] })).toEqual([]);
    expect(scene.report("db1").channels).toEqual([buildChannel("10.0.0.12:3306", { sourceServerId: 2 })]);
  });

  it("are not about sessions of the server itself: those are never in the list", async () => {
    const world = new FakeWorld(buildR1());
    world.sessions.set("db1", [buildSession(5, { system: true }), buildSession(6)]);
    const { readSessionIds } = await import("../../../src/operations/executor/look.ts");
    const change = { kind: "kill-session", node: "db1", sessionId: 5 } as const;
    expect([...((await readSessionIds(world, [{ change }], 100)).get("db1") ?? [])]).toEqual([6]);
  });
});
