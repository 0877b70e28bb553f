import { expect, test } from "vitest";
import { draftFailover } from "../../../../../src/operations/promotion/failover/draft.ts";
import { selectDeadPrimary } from "../../../../../src/operations/promotion/failover/scene.ts";
import { buildView } from "../../../../../src/operations/view.ts";
import { buildR1, buildR3, buildR4, buildServer, type Scene, uuidOf } from "../../../../support/model-builders.ts";
import { healthyPreflight, onNode, proofOfDeath } from "../support/preflight.ts";
import { failoverInput, lines } from "./input.ts";

/** db1 dead; HAProxy has noticed and sends writes to the backup db2. */
function deadR1(flavor: "mariadb" | "mysql" = "mariadb"): Scene {
  const scene = buildR1(flavor);
  for (const id of [2, 3, 4]) scene.channel(`db${id}`, { io: "connecting", receivedGtid: received(flavor, 100) });
  return scene.kill("db1").state("lb1", "write_nodes/db1", "down");
}

const received = (flavor: "mariadb" | "mysql", count: number) =>
  flavor === "mysql" ? `${uuidOf(1)}:1-${count}` : `0-1-${count}`;

const draft = (scene: Scene, node: string) => draftFailover(failoverInput(scene, node));
const titles = (scene: Scene, node: string) => lines(draft(scene, node).steps);

test("the steps of a failover behind one HAProxy, in order", () => {
  expect(titles(deadR1(), "db2").join("\n")).toMatchSnapshot();
});

test("the primary that is replaced is the one the candidate follows, not the backup that HAProxy sends writes to by now", () => {
  const view = buildView(deadR1().snapshot());
  expect(view.cluster.writer?.expected).toEqual(["db2"]);
  expect(selectDeadPrimary(view, "db3")).toBe("db1");
});

test("every eligible server of the writer backend is out before a sibling is touched, the dead one's first of all", () => {
  const scene = deadR1();
  scene.addHaproxy("lb1", [
    ...scene.haproxyReport("lb1").servers,
    buildServer("write_nodes/db3", "10.0.0.13:3306", { backup: true }),
  ]);
  const first = draft(scene, "db3").steps.filter(({ group }) => group === 1);
  expect(first.map(({ change }) => change)).toEqual([
    expect.objectContaining({ kind: "server-state", server: "db1", state: "maint" }),
    expect.objectContaining({ kind: "server-state", server: "db2", state: "maint" }),
    expect.objectContaining({ kind: "server-state", server: "db3", state: "maint" }),
  ]);
});

test("an applier that stands still is started before any receiver is stopped, and only while its receiver tries to connect", () => {
  const scene = deadR1().channel("db3", { sql: "no" });
  const { steps } = draft(scene, "db2");
  const start = steps.find(({ change }) => change.kind === "replication" && change.action === "start");
  const stops = steps.filter(({ change }) => change.kind === "replication" && change.thread === "io");
  expect(start?.before).toEqual([{ kind: "replication", node: "db3", channel: "", io: "running", sql: "stopped" }]);
  expect(stops.length).toBe(3);
  for (const stop of stops) expect(stop.group).toBeGreaterThan(start?.group ?? 0);
});

test("on MariaDB a receiver is started again only while its applier runs: else relay logs would be thrown away", () => {
  const steps = draft(deadR1(), "db2").steps.filter(
    ({ change }) => change.kind === "replication" && change.thread === "io",
  );
  for (const { undo } of steps) expect(undo?.before).toEqual([expect.objectContaining({ sql: "running", io: null })]);
});

test("a MariaDB replica whose threads both stand still is not started, and cannot be promoted", () => {
  const scene = deadR1().channel("db3", { io: "no", sql: "no" });
  expect(titles(scene, "db2").some((line) => /applier of db3|receiver of db3|db3 has received/.test(line))).toBe(false);
  scene.channel("db2", { io: "no", sql: "no" });
  expect(() => draft(scene, "db2")).toThrow(/throw away relay logs/);
});

test.each([
  ["delayed", { delaySeconds: 3600 }, /delayed by 3600 s/],
  ["with a failed applier", { sql: "no", sqlError: { code: 1062, message: "Duplicate entry" } }, /error 1062/],
] as const)("a replica %s cannot be promoted", (_what, patch, why) => {
  expect(() => draft(deadR1().channel("db2", patch), "db2")).toThrow(why);
});

test("what another replica has received more is fetched from it before the candidate is opened", () => {
  const scene = deadR1("mysql").channel("db4", { receivedGtid: received("mysql", 120) });
  const { steps, promotion } = draft(scene, "db2");
  const kinds = steps.map(({ change }) => change.kind);
  const fetch = steps.find(({ change }) => change.kind === "change-source" && change.node === "db2");
  expect(fetch?.change).toMatchObject({ host: "10.0.0.14", follow: "auto-position", login: { kind: "keep" } });
  expect(fetch?.onFailure).toBeUndefined();
  const order = ["drain-relay", "change-source", "read-position", "wait-position", "confirm-most-advanced"] as const;
  const at = order.map((kind) => kinds.indexOf(kind));
  expect(at).toEqual([...at].sort((a, b) => a - b));
  expect(kinds.indexOf("confirm-most-advanced")).toBeLessThan(steps.findIndex(({ noReturn }) => noReturn));
  expect(promotion?.knownLoss).toBeNull();
  const drain = steps.find(({ change }) => change.kind === "drain-relay" && change.node === "db4");
  expect(drain?.onFailure).toBeUndefined();
});

test("transactions of the dead primary that nobody has received are told as known loss, with the time of what is known", () => {
  const scene = buildR1("mysql");
  for (const id of [2, 3, 4]) scene.channel(`db${id}`, { io: "connecting", receivedGtid: received("mysql", 100) });
  scene.node("db1", { gtid: { ...scene.report("db1").gtid, executed: received("mysql", 103) } }).kill("db1");
  const { promotion, notes } = draft(scene, "db2");
  expect(promotion?.knownLoss).toMatch(/^3 transactions that db1 had at \d\d:\d\d:\d\d UTC \(.*:101-103\)$/);
  expect(notes[0]).toContain("are lost");
});

test("a primary that was never read gives no figure of what is lost, and says so", () => {
  const scene = deadR1().readNode("db1", { state: "never", from: "db1" });
  const { promotion, notes } = draft(scene, "db2");
  expect(promotion?.knownLoss).toBeNull();
  expect(notes.join(" ")).toContain("how much is lost cannot be known");
});

function deadByFile(): Scene {
  const scene = deadR1();
  for (const id of [2, 3, 4]) scene.channel(`db${id}`, { usesGtid: false, gtidMode: "No" });
  return scene;
}

test("by coordinates only the furthest replica can be promoted", () => {
  const scene = deadByFile().channel("db4", { readFile: "bin.000002", readPos: 4 });
  expect(() => draft(scene, "db2")).toThrow(/db4 has received more than db2: bin.000002:4/);
});

test("by coordinates what cannot be compared is told as a loss that may be, and never left out", () => {
  const scene = deadByFile();
  for (const node of ["db2", "db3"]) scene.channel(node, { readFile: "mysql-bin.000012", readPos: 900 });
  scene.channel("db4", { readFile: "binlog.000001", readPos: 400 });
  expect(draft(scene, "db2").promotion?.knownLoss).toMatch(
    /perhaps what db4 has received, up to binlog\.000001:400 \(which mysql-bin\.000012:900 of db2 cannot be compared with\)/,
  );
});

test("by coordinates the end of the dead primary's log under another name is no proof that nothing is lost", () => {
  const scene = deadByFile();
  for (const node of ["db2", "db3", "db4"]) scene.channel(node, { readFile: "old.000012", readPos: 900 });
  expect(draft(scene, "db2").promotion?.knownLoss).toMatch(
    /^db1 had written up to \S+ at .*, db2 has received up to old\.000012:900: how much lies between them cannot be told$/,
  );
});

test("by coordinates a primary whose log could not be read gives no figure of what is lost, and says so", () => {
  const scene = buildR1().node("db1", { position: null });
  for (const id of [2, 3, 4]) scene.channel(`db${id}`, { io: "connecting", usesGtid: false, gtidMode: "No" });
  const { promotion, notes } = draft(scene.kill("db1"), "db2");
  expect(promotion?.knownLoss).toBeNull();
  expect(notes.join(" ")).toContain("how much is lost cannot be known");
});

test("by coordinates a replica that holds exactly the same follows, one that holds less is to be rebuilt", () => {
  const scene = deadByFile().channel("db4", { readPos: 900 });
  const { steps, promotion } = draft(scene, "db2");
  const follow = steps.filter(({ change }) => change.kind === "change-source");
  expect(follow.map(({ change }) => change)).toEqual([
    expect.objectContaining({ node: "db3", position: { kind: "role", role: "open", node: "db2" } }),
  ]);
  expect(promotion?.byHand.filter(({ code }) => code === "rebuild-node").map(({ subject }) => subject)).toEqual([
    "db4",
  ]);
  const openRead = steps.findIndex(({ change }) => change.kind === "read-position" && change.role === "open");
  expect(steps[openRead]?.change).toMatchObject({ channel: null });
  expect(openRead).toBeLessThan(steps.findIndex(({ noReturn }) => noReturn));
  expect(follow[0]?.needs).toContain(openRead + 1);
});

test("a primary that takes connections and says nothing is fenced within two seconds, and the run goes on without an answer", () => {
  const scene = deadR1();
  const preflight = healthyPreflight(scene.snapshot(), { death: proofOfDeath("db1", { verdict: "hanging" }) });
  const { steps } = draftFailover(failoverInput(scene, "db2", { preflight }));
  const fence = steps.find(({ target }) => target.kind === "node" && target.node === "db1");
  expect(fence).toMatchObject({ change: { kind: "read-only", on: true }, limitMs: 2000, onFailure: "go-on" });
  expect(fence?.undo?.before).toEqual([{ kind: "writable", node: "db2", is: false }]);
});

test("a dead primary gets no statement, and stays told as not fenced", () => {
  const { steps, promotion } = draft(deadR1(), "db2");
  expect(steps.filter(({ target }) => target.kind === "node" && target.node === "db1")).toEqual([]);
  expect(promotion?.byHand[0]).toMatchObject({ code: "not-fenced", subject: "db1" });
});

test("a candidate whose server has weight 0 would get no write, and is refused with the command that gives it one", () => {
  const scene = deadR1().server("lb1", "write_nodes/db2", { weight: 0, assignedWeight: 0 });
  expect(() => draft(scene, "db2")).toThrow(/write_nodes\/db2 has weight 0 on lb1/);
});

test("a node that another operator has promoted meanwhile is told to be the primary, not to follow nobody", () => {
  const scene = deadR1().node("db2", { readOnly: false, channels: [] });
  expect(() => draft(scene, "db2")).toThrow(/^db2 is the primary already\./);
  const closed = deadR1().node("db2", { channels: [] });
  expect(() => draft(closed, "db2")).toThrow(/db2 follows nobody: which primary it would replace cannot be told/);
});

test("a second node that is writable has to be the one that is promoted", () => {
  const scene = deadR1().node("db3", { readOnly: false });
  expect(() => draft(scene, "db2")).toThrow(/db3 is writable/);
});

test("the other side of a pair that takes writes already keeps them: nothing is reset and nothing gated", () => {
  const scene = buildR3().channel("db2", { io: "connecting" }).kill("db1");
  const { steps, promotion } = draft(scene, "db2");
  expect(promotion?.variant).toBe("pair");
  const kinds = steps.map(({ change }) => change.kind);
  expect(kinds).not.toContain("change-source");
  expect(kinds).not.toContain("reset-replication");
  expect(kinds).not.toContain("read-only");
  expect(steps.filter(({ change }) => "server" in change && change.server === "db2")).toEqual([]);
  expect(promotion?.byHand.some(({ lines: todo }) => todo.includes("signalbox rejoin db1"))).toBe(true);
});

test("the read-only side of a pair is opened, after everything received is applied", () => {
  const scene = buildR3().node("db2", { readOnly: true }).channel("db2", { io: "connecting" }).kill("db1");
  const { steps } = draft(scene, "db2");
  const open = steps.findIndex(({ noReturn }) => noReturn);
  expect(steps[open]?.change).toMatchObject({ kind: "read-only", node: "db2", on: false });
  expect(steps.slice(0, open).map(({ change }) => change.kind)).toContain("drain-relay");
});

test("beside a candidate that takes writes already the dead primary's server does not come back, whatever is taken back", () => {
  const scene = buildR3().channel("db2", { io: "connecting" }).kill("db1");
  const out = draft(scene, "db2").steps.find(({ change }) => "server" in change && change.server === "db1");
  expect(out?.undo?.before).toEqual([{ kind: "writable", node: "db2", is: false }]);
  const both = buildR4().channel("db2", { io: "connecting" }).kill("db1");
  const meant = draft(both, "db2").steps.find(({ change }) => "server" in change && change.server === "db1");
  expect(meant?.undo?.before).toEqual([]);
});

test("leaving the dead source may take longer than a minute, and is no part of what has a budget", () => {
  const { steps } = draft(deadR1(), "db2");
  const stops = steps.filter(
    ({ change }) => change.kind === "replication" && change.action === "stop" && change.thread === "both",
  );
  expect(stops.map(({ target }) => target)).toContainEqual({ kind: "node", node: "db2" });
  for (const { section, limitMs } of stops) {
    expect(section).not.toBe("write-stop");
    expect(limitMs).toBeGreaterThan(60_000);
  }
});

test("one side of a round-robin pair that died leaves the writes to the other", () => {
  const scene = buildR4().channel("db2", { io: "connecting" }).kill("db1");
  const { steps, promotion } = draft(scene, "db2");
  expect(promotion?.variant).toBe("multi-writer");
  expect(steps.filter(({ change }) => change.kind === "server-state").map(({ target }) => target)).toEqual([
    { kind: "haproxy", haproxy: "lb1" },
    { kind: "haproxy", haproxy: "lb2" },
  ]);
});

test("semi-sync goes on under the new primary where another replica acknowledges, and is told to be missing where none does", () => {
  const semi = { sourceEnabled: false, replicaEnabled: true, clients: 0, waitSessions: 0 };
  const build = (...replicas: string[]) => {
    const scene = buildR1().node("db1", { semiSync: { ...semi, sourceEnabled: true, clients: 3 } });
    for (const id of [2, 3, 4]) scene.channel(`db${id}`, { io: "connecting", receivedGtid: received("mariadb", 100) });
    for (const node of replicas) scene.node(node, { semiSync: semi });
    return draft(scene.kill("db1"), "db2");
  };
  const { steps } = build("db2", "db3");
  const on = steps.findIndex(({ change }) => change.kind === "semi-sync-source");
  expect(steps[on]?.change).toEqual({ kind: "semi-sync-source", node: "db2", on: true });
  expect(steps[on + 1]?.noReturn).toBe(true);
  const alone = build("db2");
  expect(alone.steps.filter(({ change }) => change.kind === "semi-sync-source")).toEqual([]);
  expect(alone.promotion?.byHand.map(({ message }) => message).join(" ")).toMatch(/db2 does without/);
});

test("no event is enabled: a replica has those disabled that its source had switched off as well; they are told, with what enables them", () => {
  const scene = deadR1();
  const status = "replica-disabled" as const;
  const nightly = { schema: "shop", name: "night`ly", definer: "app@%", status };
  const preflight = onNode(healthyPreflight(scene.snapshot(), { death: proofOfDeath("db1") }), "db2", {
    events: [nightly, { ...nightly, name: "resting", status: "disabled" }],
  });
  const { steps, promotion } = draftFailover(failoverInput(scene, "db2", { preflight }));
  expect(steps.filter(({ change }) => change.kind === "enable-event")).toEqual([]);
  const task = promotion?.byHand.find(({ message }) => message.includes("events"));
  expect(task).toMatchObject({ subject: "db2", message: expect.stringContaining("is not known: none is enabled") });
  expect(task?.lines.slice(1)).toEqual(["ALTER EVENT `shop`.`night``ly` ENABLE;", "SET GLOBAL event_scheduler = ON;"]);
});

test("every way back before the point of no return asks first that the candidate is read-only, where it would let writes to another node", () => {
  const { steps } = draft(deadR1(), "db2");
  const open = steps.findIndex(({ noReturn }) => noReturn);
  for (const { change, undo } of steps.slice(0, open)) {
    if (change.kind !== "server-state" || undo === null) continue;
    expect(undo.before).toEqual([{ kind: "writable", node: "db2", is: false }]);
  }
  for (const { undo } of steps.slice(open)) expect(undo).toBeNull();
});

test("the configuration of HAProxy has to keep the dead primary out: back, it would be writable", () => {
  const task = draft(deadR1(), "db2").promotion?.byHand.find(({ code }) => code === "config-names-old-primary");
  expect(task?.lines).toContain("server db1 … disabled");
});
