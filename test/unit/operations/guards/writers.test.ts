import { describe, expect, it } from "vitest";
import { buildR1, buildR3, buildR4, buildServer, failed, fresh, type Scene } from "../../../support/model-builders.ts";
import { buildR1Twice } from "../support/scenes.ts";
import { type Ask, listVerdicts, selectFindings } from "./verdicts.ts";

const READY_DB1: Ask = { command: "ready", targets: ["write_nodes/db1"] };
const writer = { backend: "write_nodes", address: null, multiWriter: false };
const add = (scene: Scene, ...servers: readonly ReturnType<typeof buildServer>[]) =>
  scene.addHaproxy("lb1", [...scene.haproxyReport("lb1").servers, ...servers]);
/** db2 was promoted and takes the writes; db1 is out. */
const promoted = () =>
  buildR1().state("lb1", "write_nodes/db1", "maint", { sessions: 0 }).node("db2", { readOnly: false, channels: [] });

describe("A second writer", () => {
  it("is also a server that is DOWN now: it takes the writes with its next good check", () => {
    const scene = promoted().server("lb1", "write_nodes/db1", { state: "down", adminReasons: ["drain-forced"] });
    expect(listVerdicts(scene, READY_DB1)).toEqual(["second-writer block"]);
  });

  it("is also a server of weight 0 that is DOWN now", () => {
    const scene = promoted().server("lb1", "write_nodes/db1", { state: "down", weight: 0, adminReasons: [] });
    expect(listVerdicts(scene, { ...READY_DB1, command: "weight", weight: 1 })).toEqual(["second-writer block"]);
  });

  it("is also a server whose weight nobody tells", () => {
    const patch = { weight: 0, assignedWeight: null, initialWeight: null };
    const scene = promoted().server("lb1", "write_nodes/db1", patch);
    expect(listVerdicts(scene, READY_DB1)).toEqual(["second-writer block"]);
  });

  it("is not a server that stays at weight 0 when it is enabled", () => {
    const scene = promoted().server("lb1", "write_nodes/db1", { weight: 0, assignedWeight: 0 });
    expect(listVerdicts(scene, READY_DB1)).toEqual([]);
  });

  it("is also a server of the same name that leads to another node on another HAProxy", () => {
    const scene = buildR1Twice().node("db3", { readOnly: false, channels: [] });
    for (const name of ["write_nodes/db1", "write_nodes/db2"]) {
      for (const haproxy of ["lb1", "lb2"]) scene.state(haproxy, name, "maint", { sessions: 0 });
    }
    scene.state("lb2", "write_nodes/db1", "up", { host: "10.0.0.13" });
    scene.configure({ writer, readers: ["read_nodes"] });
    expect(listVerdicts(scene, { ...READY_DB1, haproxy: "lb1" })).toEqual(["second-writer block"]);
  });

  it("is looked for in every backend that may carry writes; --force is left where that is not known", () => {
    const scene = add(promoted(), buildServer("batch/db2", "10.0.0.12:3306", { sessions: 2 }));
    scene.state("lb1", "write_nodes/db2", "maint", { sessions: 0 }).configure({ writer, readers: ["read_nodes"] });
    expect(listVerdicts(scene, READY_DB1)).toEqual(["second-writer block force"]);
    scene.node("db2", { readOnly: null });
    expect(listVerdicts(scene, READY_DB1)).toEqual(["second-writer unknown force"]);
    scene.node("db2", { readOnly: true });
    expect(listVerdicts(scene, READY_DB1)).toEqual([]);
  });

  it("is refused in a backend that is not named as one for reading, too", () => {
    const scene = add(
      buildR1().node("db4", { readOnly: false, channels: [] }),
      buildServer("batch/db4", "10.0.0.14:3306", { sessions: 0 }),
    );
    scene.state("lb1", "batch/db4", "maint").configure({ writer, readers: ["read_nodes"] });
    expect(listVerdicts(scene, { command: "ready", targets: ["batch/db4"] })).toEqual(["second-writer block force"]);
  });

  it("is no question for a web server behind the same HAProxy", () => {
    const scene = add(buildR1(), ...[1, 2].map((id) => buildServer(`web/app${id}`, `10.5.0.${id}:80`)));
    const report = scene.haproxyReport("lb1");
    const proxies = report.proxies.map((proxy) => (proxy.name === "web" ? { ...proxy, mode: "http" } : proxy));
    scene.haproxy("lb1", { reading: fresh({ ...report, proxies }) });
    scene.state("lb1", "web/app1", "drain").configure({ writer: null, readers: null });
    expect(listVerdicts(scene, { command: "ready", targets: ["web/app1"] })).toEqual(["ready-node unknown force"]);
  });
});

describe("A server of which no MySQL node is known", () => {
  const scene = () => add(buildR1(), ...[1, 2, 3].map((id) => buildServer(`redis/r${id}`, `10.6.0.${id}:6379`)));
  const ready: Ask = { command: "ready", targets: ["redis/r1"] };

  it("is no second writer where the writer's backend is known", () => {
    expect(listVerdicts(scene().state("lb1", "redis/r1", "drain"), ready)).toEqual(["ready-node unknown force"]);
  });

  it("may be one where it is not known: one finding, which a person may force", () => {
    const unknown = scene()
      .configure({ readers: ["read_nodes"] })
      .state("lb1", "redis/r1", "drain");
    unknown.server("lb1", "redis/r3", { active: false, backup: true });
    expect(unknown.snapshot().writer).toBeNull();
    const found = selectFindings(unknown, ready);
    expect(found).toMatchObject([{ guard: "second-writer", forceable: true }, { guard: "ready-node" }]);
  });
});

describe("A node that is put in", () => {
  const unknownWriter = () => buildR1().configure({ writer: null, readers: ["read_nodes"] });

  it("is refused read-only where writes may go and nobody knows the writer's backend", () => {
    const scene = unknownWriter().server("lb1", "write_nodes/db2", { active: true, backup: false });
    scene.state("lb1", "write_nodes/db2", "maint", { sessions: 0 });
    expect(listVerdicts(scene, { command: "ready", targets: ["write_nodes/db2"] })).toEqual([
      "ready-node unknown force",
    ]);
  });

  it("is let in read-only where other read-only nodes serve already", () => {
    const scene = add(unknownWriter(), buildServer("more/db1", "10.0.0.11:3306", { backup: true }));
    for (const id of [3, 4]) add(scene, buildServer(`more/db${id}`, `10.0.0.1${id}:3306`));
    scene.state("lb1", "more/db3", "drain");
    expect(scene.snapshot().writer).toBeNull();
    expect(listVerdicts(scene, { command: "ready", targets: ["more/db3"] })).toEqual([]);
  });

  it("is not judged anew for another weight while it serves: less traffic for one that lags is let through", () => {
    const scene = buildR1().channel("db3", { secondsBehind: 60 });
    expect(listVerdicts(scene, { command: "weight", targets: ["read_nodes/db3"], weight: 10 })).toEqual([]);
    scene.server("lb1", "read_nodes/db3", { weight: 0, assignedWeight: 0 });
    expect(listVerdicts(scene, { command: "weight", targets: ["read_nodes/db3"], weight: 10 })).toEqual([
      "ready-node block force",
    ]);
  });

  it.each<[string, (scene: Scene) => Scene, string]>([
    ["does not tell its channels", (scene) => scene.node("db3", { channels: null }), "ready-node unknown force"],
    [
      "does not tell whether it is read-only",
      (scene) => scene.node("db3", { readOnly: null }),
      "ready-node unknown force",
    ],
    ["follows nobody", (scene) => scene.node("db3", { channels: [] }), "ready-node block force"],
  ])("is refused among readers when it %s", (_, bend, expected) => {
    const scene = bend(buildR1().state("lb1", "read_nodes/db3", "drain"));
    expect(listVerdicts(scene, { command: "ready", targets: ["read_nodes/db3"] })).toEqual([expected]);
  });
});

describe("Taking the writer out", () => {
  const drain = (name: string): Ask => ({ command: "drain", targets: [name] });

  it("is refused, past --force, when the backup has nothing to do with it", () => {
    const scene = buildR1().node("db2", { readOnly: false, channels: [] });
    expect(listVerdicts(scene, drain("write_nodes/db1"))).toEqual(["writer-drain block"]);
  });

  it("says when another HAProxy would go on sending writes to it", () => {
    const scene = buildR3();
    scene.addHaproxy("lb2", scene.haproxyReport("lb1").servers);
    const [found] = selectFindings(scene, { ...drain("mysql/db1"), haproxy: "lb1" });
    expect(found?.message).toContain("while lb2 goes on sending them to db1: two writers.");
    scene.haproxy("lb2", { reading: failed(scene.haproxyReport("lb2")) });
    const [silent] = selectFindings(scene, { ...drain("mysql/db1"), haproxy: "lb1" });
    expect(silent?.message).toContain("while lb2 (which cannot be read) perhaps goes on sending them to db1");
  });

  it("is refused in a second backend of the writer as well", () => {
    const scene = add(
      buildR1().configure({ writer }),
      buildServer("batch/db1", "10.0.0.11:3306", { sessions: 2 }),
      buildServer("batch/db2", "10.0.0.12:3306", { backup: true }),
    );
    expect(listVerdicts(scene, drain("batch/db1"))).toEqual(["writer-drain block force"]);
  });
});

describe("Making a node read-only", () => {
  const close = (node: string): Ask => ({ command: "read-only-on", targets: [node] });

  it("is refused when nobody knows the writer's backend and clients reach the node where writes may go", () => {
    const scene = buildR1().configure({ writer: null, readers: ["read_nodes"] });
    scene.server("lb1", "write_nodes/db2", { active: true, backup: false, state: "maint" });
    expect(scene.snapshot().writer).toBeNull();
    expect(listVerdicts(scene, close("db1"))).toEqual(["writer-read-only unknown force"]);
  });

  it("is refused when a HAProxy that cannot be read may send it the writes", () => {
    const scene = buildR1Twice().state("lb1", "write_nodes/db1", "maint", { sessions: 0 });
    scene.haproxy("lb2", { reading: failed(scene.haproxyReport("lb2")) });
    expect(listVerdicts(scene, close("db1"))).toEqual(["writer-read-only unknown force"]);
    scene.node("db3", { readOnly: false });
    expect(listVerdicts(scene, close("db3"))).toEqual([]);
    scene.haproxy("lb2", { reading: { state: "never", from: "lb2" } });
    expect(listVerdicts(scene, close("db3"))).toEqual(["writer-read-only unknown force"]);
  });

  it("warns of writing sessions that are left", () => {
    const scene = buildR1().state("lb1", "write_nodes/db1", "drain", { sessions: 3 });
    const [found] = selectFindings(scene, close("db1"));
    expect(found).toMatchObject({ guard: "writer-read-only", verdict: "warn" });
    expect(found?.message).toContain("3 sessions of write_nodes/db1 on lb1 are left on db1");
  });
});

describe("Opening a node", () => {
  const open: Ask = { command: "read-only-off", targets: ["db2"] };
  const closed = () => buildR1().node("db1", { readOnly: true });

  it("is refused past --force while a node that does not answer gets the writes of HAProxy", () => {
    const scene = closed().kill("db1");
    expect(listVerdicts(scene, open)).toEqual(["opened-replica unknown"]);
    scene.state("lb1", "write_nodes/db1", "maint", { sessions: 0 });
    expect(listVerdicts(scene, open)).toEqual(["opened-replica unknown force"]);
  });

  it("is refused past --force while the writes go to a server whose node nobody knows", () => {
    const scene = closed().server("lb1", "write_nodes/db1", { server: "other", host: "10.9.9.9" });
    expect(listVerdicts(scene, open)).toEqual(["opened-replica unknown"]);
  });

  it("is refused while it follows a source that is not known", () => {
    const scene = closed().channel("db2", { sourceHost: "10.9.9.9", sourceServerId: 99, sourceUuid: null });
    expect(listVerdicts(scene, open)).toEqual(["opened-replica unknown force"]);
  });
});

describe("What cannot be told", () => {
  it("is a warning for an agent check, which only might be there", () => {
    const scene = buildR1().server("lb1", "read_nodes/db3", { agentEnabled: null });
    expect(listVerdicts(scene, { command: "drain", targets: ["read_nodes/db3"] })).toEqual(["agent-check warn"]);
  });
});

describe("One of two writers that leaves", () => {
  const DRAIN_DB1: Ask = { command: "drain", targets: ["mysql/db1"] };
  const both = (verdict: string) => [verdict, verdict];

  it.each<[name: string, scene: Scene, found: readonly string[]]>([
    ["is let go while the other one is fit", buildR4(), []],
    ["is kept while the other one is read-only", buildR4().node("db2", { readOnly: true }), both("writer-drain block")],
    [
      "is kept while the other one is late",
      buildR4().channel("db2", { secondsBehind: 60 }),
      both("writer-drain block force"),
    ],
    [
      "is kept while the other one does not replicate",
      buildR4().channel("db2", { sql: "no" }),
      both("writer-drain block force"),
    ],
    ["is kept while the other one cannot be read", buildR4().kill("db2"), both("writer-drain unknown force")],
    [
      "is let go where it is read-only itself",
      buildR4().node("db1", { readOnly: true }).node("db2", { readOnly: true }),
      [],
    ],
  ])("%s", (_name, scene, found) => {
    expect(listVerdicts(scene, DRAIN_DB1)).toEqual(found);
  });
});
