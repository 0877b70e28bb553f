import { describe, expect, it } from "vitest";
import type { HaproxyReport } from "../../../src/model/haproxy.ts";
import type { CommandRequest } from "../../../src/model/operation.ts";
import type { SqlProxyProduct } from "../../../src/model/settings.ts";
import { selectRefusals } from "../../../src/operations/guards/table.ts";
import { buildPlan } from "../../../src/operations/plan.ts";
import { buildHaproxyReport, buildR1, buildServer, failed, fresh, type Scene } from "../../support/model-builders.ts";
import { buildRequest } from "../../support/requests.ts";
import { FAILOVER, listVerdicts, type Situation, withDeadPrimary, wordsOf } from "./promotion/guards/ask.ts";
import { FakeWorld } from "./support/fake-world.ts";
import { buildR1Twice } from "./support/scenes.ts";

type Ask = Partial<CommandRequest> & Pick<CommandRequest, "command">;

const PROCESS = buildHaproxyReport([]).process;

/** R1 with its servers behind an SQL proxy, lb1 in place of a HAProxy, and db2 in a second host group. */
function buildBehind(product: SqlProxyProduct, patch: Partial<HaproxyReport> = {}): Scene {
  const [writers, readers] = product === "proxysql" ? ["hg10", "hg20"] : ["rw", "ro"];
  const scene = buildR1().configure({
    writer: { backend: writers, address: null, multiWriter: false },
    readers: [readers],
  });
  const servers = [
    buildServer(`${writers}/10.0.0.11:3306`, "10.0.0.11:3306"),
    ...[2, 3, 4].map((id) => buildServer(`${readers}/10.0.0.1${id}:3306`, `10.0.0.1${id}:3306`)),
  ];
  return asSqlAdmin(scene.addHaproxy("lb1", servers), product, patch);
}

function asSqlAdmin(scene: Scene, product: SqlProxyProduct, patch: Partial<HaproxyReport> = {}, name = "lb1"): Scene {
  const { servers } = scene.haproxyReport(name);
  const process = product === "proxysql" && PROCESS !== null ? { ...PROCESS, pid: null, nbproc: null } : null;
  const report = buildHaproxyReport(servers, {
    source: "sql-admin",
    level: product === "mysql-proxy" ? "read-only" : "admin",
    process,
    sqlAdmin: { product, pending: [] },
    ...patch,
  });
  return scene.haproxy(name, { reading: fresh(report) });
}

function planOn(scene: Scene, request: Ask) {
  const world = new FakeWorld(scene);
  return buildPlan({
    request: buildRequest(request),
    cluster: scene.snapshot(),
    settings: scene.settings,
    now: scene.now,
    random: () => "abcd",
    record: null,
    sessions: new Map(),
    stickTables: new Map([["lb1", []]]),
    preflight: null,
    commandText: (change) => world.commandText(change),
  });
}

const verdicts = (scene: Scene, request: Ask) =>
  planOn(scene, request)
    .guards.filter(({ verdict }) => verdict !== "pass")
    .map(({ guard, verdict, forceable }) => `${guard} ${verdict}${verdict !== "warn" && forceable ? " force" : ""}`);

const words = (scene: Scene, request: Ask, guard: string) =>
  planOn(scene, request)
    .guards.filter((each) => each.guard === guard && each.verdict !== "pass")
    .map(({ message }) => message)
    .join("\n");

const DRAIN_NODE: Ask = { command: "drain", targets: ["db3"] };
const MAINT_NODE: Ask = { command: "maint", targets: ["db3"] };

describe("A proxy that tells no pid", () => {
  it.each<SqlProxyProduct>(["proxysql", "atlas"])(
    "is neither refused for it nor passed over in silence: %s",
    (product) => {
      const scene = buildBehind(product);
      expect(verdicts(scene, DRAIN_NODE)).toEqual(["same-process warn"]);
      expect(words(scene, DRAIN_NODE, "same-process")).toMatch(
        /lb1 does not tell its process: a restart since the plan/,
      );
    },
  );

  it("is bound to the state that was found instead of to a process", () => {
    const [step] = planOn(buildBehind("proxysql"), DRAIN_NODE).steps;
    const name = { haproxy: "lb1", backend: "hg20", server: "10.0.0.13:3306" };
    expect(step?.before).toEqual([{ kind: "admin-state", ...name, state: "ready" }]);
    expect(step?.after).toEqual([{ kind: "admin-state", ...name, state: "drain" }]);
  });

  it("a HAProxy that does not tell its process is still refused", () => {
    const scene = buildR1();
    const report = scene.haproxyReport("lb1");
    if (report.process === null) throw new Error("no process");
    scene.haproxy("lb1", { reading: fresh({ ...report, process: { ...report.process, pid: null } }) });
    expect(verdicts(scene, { command: "drain", targets: ["read_nodes/db3"] })).toEqual(["same-process unknown force"]);
  });
});

describe("What an SQL proxy can do", () => {
  it("MySQL Proxy: nothing", () => {
    const scene = buildBehind("mysql-proxy");
    expect(verdicts(scene, DRAIN_NODE)).toEqual(["level block", "same-process warn"]);
    expect(words(scene, DRAIN_NODE, "level")).toBe("lb1 is a MySQL Proxy: its admin can be read and changes nothing.");
  });

  it("beside a HAProxy MySQL Proxy is left out by force, and told", () => {
    const scene = buildBehind("mysql-proxy").configure({
      haproxies: ["lb1", "lb2"].map((name) => ({ name, location: { kind: "unix", path: `/run/${name}` } as const })),
    });
    scene.addHaproxy(
      "lb2",
      [3, 4].map((id) => buildServer(`read_nodes/db${id}`, `10.0.0.1${id}:3306`)),
    );
    expect(verdicts(scene, DRAIN_NODE)).toContain("level block force");
    const forced = planOn(scene, { ...DRAIN_NODE, force: true });
    expect(forced.steps.map(({ target }) => target)).toEqual([{ kind: "haproxy", haproxy: "lb2" }]);
    expect(forced.notes[0]).toBe("lb1 is left out: its admin can only be read.");
  });

  it.each<[Ask, RegExp]>([
    [MAINT_NODE, /only one way out, which is drain/],
    [{ command: "weight", targets: ["db3"], weight: 5 }, /cannot change a weight/],
    [{ command: "shutdown-sessions", targets: ["db3"] }, /cannot cut the sessions/],
  ])("Atlas: not %j, and force does not help", (request, why) => {
    const scene = buildBehind("atlas");
    expect(words(scene, request, "level")).toMatch(why);
    expect(selectRefusals(planOn(scene, { ...request, force: true }).guards, true)).toMatchObject([{ guard: "level" }]);
  });

  it("ProxySQL: maint is told to drop connections at once, drain is not", () => {
    const scene = buildBehind("proxysql");
    expect(words(scene, MAINT_NODE, "level")).toMatch(/OFFLINE_HARD .* dropped at once, and open transactions/);
    expect(words(scene, DRAIN_NODE, "level")).toBe("");
  });

  it("ProxySQL: read-only by its variable or its account", () => {
    const scene = buildBehind("proxysql", { level: "read-only" });
    expect(verdicts(scene, DRAIN_NODE)).toContain("level block");
  });

  it.each<[string, readonly string[] | null, string]>([
    ["edits that wait", ["hg10/10.0.0.11:3306: status ONLINE → OFFLINE_HARD"], "level block"],
    ["what cannot be told", null, "level unknown"],
  ])("ProxySQL: LOAD would bring %s into effect, so that nobody can force it", (_, pending, expected) => {
    const scene = buildBehind("proxysql", { sqlAdmin: { product: "proxysql", pending } });
    expect(verdicts(scene, DRAIN_NODE)).toEqual([expected, "same-process warn"]);
    expect(selectRefusals(planOn(scene, { ...DRAIN_NODE, force: true }).guards, true)).toHaveLength(1);
  });

  it("ProxySQL: a server that stays in by another host group is told; the node's name takes it out of all", () => {
    const scene = buildBehind("proxysql");
    const more = buildServer("hg10/10.0.0.13:3306", "10.0.0.13:3306");
    scene.addHaproxy("lb1", [...scene.haproxyReport("lb1").servers, more]);
    scene.node("db3", { readOnly: false });
    asSqlAdmin(scene, "proxysql");
    const one: Ask = { command: "drain", targets: ["hg20/10.0.0.13:3306"] };
    expect(words(scene, one, "level")).toBe(
      "10.0.0.13:3306 stays in on lb1 as hg10/10.0.0.13:3306: a server has one row per host group.",
    );
    expect(words(scene, DRAIN_NODE, "level")).toBe("");
    expect(planOn(scene, DRAIN_NODE).steps.map(({ title }) => title)).toEqual([
      "drain hg20/10.0.0.13:3306",
      "drain hg10/10.0.0.13:3306",
    ]);
  });

  it("the notes tell what keeps it over a restart, not haproxy.cfg", () => {
    expect(planOn(buildBehind("proxysql"), DRAIN_NODE).notes).toEqual([
      "A restart of lb1 (ProxySQL) takes this back. SAVE MYSQL SERVERS TO DISK keeps it.",
    ]);
    expect(planOn(buildBehind("atlas"), DRAIN_NODE).notes).toEqual([
      "A restart of lb1 (Atlas) takes this back. SAVE CONFIG keeps addresses only, not who is offline.",
    ]);
  });

  it("a wait is told what its count means there", () => {
    const notesOf = (scene: Scene) => planOn(scene, { ...DRAIN_NODE, waitMs: 1000 }).notes.at(-1);
    expect(notesOf(buildBehind("proxysql"))).toMatch(
      /^Sessions of lb1 are its connections in use: at 0 no transaction/,
    );
    expect(notesOf(buildBehind("atlas"))).toBe("lb1 does not tell its sessions: the wait ends at its limit.");
    expect(notesOf(buildR1())).toMatch(/^Sessions of an old HAProxy process/);
  });

  it("guards of servers hold as with HAProxy: the last one is not taken out", () => {
    expect(verdicts(buildBehind("proxysql"), { command: "drain", targets: ["db1"] })).toContain(
      "last-usable-server block force",
    );
  });
});

describe("Promotion", () => {
  const REFUSAL = /lb1 is not a HAProxy: promote cannot route through it/;

  it.each<[string, SqlProxyProduct, (scene: Scene) => Scene, Situation]>([
    ["a switchover", "proxysql", (scene) => scene, {}],
    ["a failover", "proxysql", withDeadPrimary, FAILOVER],
    ["a switchover", "atlas", (scene) => scene, {}],
    ["a failover", "mysql-proxy", withDeadPrimary, FAILOVER],
  ])("%s does not go through %s, and force does not help", (_, product, bend, situation) => {
    const scene = asSqlAdmin(bend(buildR1()), product);
    expect(listVerdicts(scene, situation)).toContain("every-haproxy block");
    expect(wordsOf("every-haproxy", scene, situation)).toMatch(REFUSAL);
  });

  it("nor through one that is silent: a failover, which goes on without a silent HAProxy, does not either", () => {
    const location = {
      kind: "sql-admin",
      product: "proxysql",
      host: "px1",
      port: 6032,
      user: "ops",
      password: null,
      ssh: null,
    } as const;
    const scene = withDeadPrimary(buildR1Twice()).haproxy("lb2", { reading: failed() });
    expect(listVerdicts(scene, FAILOVER)).toContain("every-haproxy warn");
    scene.configure({
      haproxies: scene.settings.haproxies.map((each) => (each.name === "lb2" ? { ...each, location } : each)),
    });
    expect(listVerdicts(scene, FAILOVER)).toContain("every-haproxy block");
  });
});
