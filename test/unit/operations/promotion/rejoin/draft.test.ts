import { expect, test } from "vitest";
import type { PreflightFacts } from "../../../../../src/model/preflight.ts";
import { draftRejoin } from "../../../../../src/operations/promotion/rejoin/draft.ts";
import { buildView } from "../../../../../src/operations/view.ts";
import { buildR1, buildR3, buildR4, NOW, type Scene } from "../../../../support/model-builders.ts";
import { buildRequest } from "../../../../support/requests.ts";
import { lines } from "../failover/input.ts";
import { healthyPreflight, onNode } from "../support/preflight.ts";

function draft(scene: Scene, node: string, patch: (facts: PreflightFacts) => PreflightFacts = (facts) => facts) {
  const cluster = scene.snapshot();
  return draftRejoin({
    request: buildRequest({ command: "rejoin", targets: [node] }),
    view: buildView(cluster),
    now: NOW,
    record: null,
    settings: scene.settings,
    preflight: patch(healthyPreflight(cluster)),
  });
}

/** db2 took over while db1 was dead; db1 is back, writable, with its server in rotation. */
function returned(flavor: "mariadb" | "mysql" = "mariadb"): Scene {
  const scene = buildR1(flavor).configure({ replication: { user: "repl", password: null } });
  scene.node("db2", { readOnly: false, superReadOnly: flavor === "mysql" ? false : null, channels: [] });
  for (const id of [3, 4]) scene.channel(`db${id}`, { sourceHost: "10.0.0.12", sourceServerId: 2, sourceUuid: null });
  return scene.state("lb1", "write_nodes/db1", "maint");
}

const demoted =
  (patch: Partial<NonNullable<PreflightFacts["lastPromotion"]>> = {}) =>
  (facts: PreflightFacts) => ({
    ...facts,
    lastPromotion: { operation: "op", from: "db1", to: "db2", failover: true, positions: {}, ...patch },
  });

test("the steps of a rejoin on MariaDB, in order", () => {
  expect(lines(draft(returned(), "db1").steps).join("\n")).toMatchSnapshot();
});

test("a node in rotation leaves the writer backend before anything else, and never comes back by an undo", () => {
  const scene = returned().state("lb1", "write_nodes/db1", "up", { sessions: 3 });
  const { steps } = draft(scene, "db1", demoted());
  expect(steps[0]).toMatchObject({
    group: 1,
    change: { kind: "server-state", server: "db1", state: "maint" },
    undo: null,
  });
  const freeze = steps.find(({ change }) => change.kind === "read-only");
  expect(freeze).toMatchObject({ change: { on: true }, undo: null });
  expect(steps.some(({ change }) => change.kind === "shutdown-sessions")).toBe(true);
});

test("nothing is forgotten before the primary is seen to have everything of the node", () => {
  const scene = returned();
  scene.node("db1", {
    channels: [{ ...(scene.report("db3").channels ?? [])[0], sourceHost: "10.0.0.14", sourceServerId: 4 } as never],
  });
  const kinds = draft(scene, "db1").steps.map(({ change }) => change.kind);
  const order = ["replication", "confirm-contained", "reset-replication", "gtid-position", "change-source"] as const;
  const at = order.map((kind) => kinds.indexOf(kind));
  expect(at.every((index) => index >= 0)).toBe(true);
  expect(at).toEqual([...at].sort((a, b) => a - b));
});

test("the present primary cannot be made a replica", () => {
  expect(() => draft(buildR1(), "db1")).toThrow(/db1 gets the writes: it is the primary/);
  expect(() => draft(buildR3(), "db1")).toThrow(/db1 gets the writes/);
});

test("with two others that take writes nobody guesses which one is to be followed", () => {
  const scene = returned().node("db3", { readOnly: false });
  for (const name of ["db1", "db2"]) scene.state("lb1", `write_nodes/${name}`, "maint");
  expect(() => draft(scene, "db1")).toThrow(/db2 and db3 take writes/);
});

test("a replica that follows and is read-only has nothing to be done", () => {
  const scene = buildR1("mysql").state("lb1", "write_nodes/db2", "maint");
  const { steps, notes } = draft(scene, "db2");
  expect(steps).toEqual([]);
  expect(notes).toEqual(["db2 follows db1 already and is where it belongs: nothing is to be done."]);
});

test("readers that the promotion took out serve again once it has caught up, those of somebody else stay out", () => {
  const scene = buildR1("mysql").state("lb1", "write_nodes/db2", "maint").state("lb1", "read_nodes/db2", "maint");
  const takenOut = [{ haproxy: "lb1", backend: "read_nodes", server: "db2" }];
  const { steps } = draft(scene, "db2", demoted({ from: "db2", to: "db1", takenOut }));
  expect(steps.map(({ change }) => change.kind)).toEqual(["read-position", "wait-position", "server-state"]);
  expect(steps[2]).toMatchObject({ change: { state: "ready", backend: "read_nodes" }, needs: [2] });
  expect(draft(scene, "db2").steps).toEqual([]);
});

test("enabled events stand still before the node follows", () => {
  const event = { schema: "shop", name: "e", definer: "app@%", status: "enabled" } as const;
  const { steps } = draft(returned(), "db1", (facts) =>
    onNode(facts, "db1", { eventScheduler: "on", events: [event] }),
  );
  const kinds = steps.map(({ change }) => change.kind);
  expect(kinds.indexOf("event-scheduler")).toBeGreaterThan(kinds.indexOf("read-only"));
  expect(kinds.indexOf("event-scheduler")).toBeLessThan(kinds.indexOf("change-source"));
});

test("semi-sync of its time as primary is switched off before it follows: its applier would wait for acknowledgements", () => {
  const semi = { sourceEnabled: true, replicaEnabled: false, clients: 0, waitSessions: 0 };
  const { steps } = draft(returned().node("db1", { semiSync: semi }), "db1");
  const off = steps.find(({ change }) => change.kind === "semi-sync-source");
  expect(off).toMatchObject({ change: { node: "db1", on: false }, undo: null });
  const follow = steps.find(({ change }) => change.kind === "change-source");
  expect(off?.group).toBeLessThan(follow?.group ?? 0);
  const pair = buildR3().node("db1", { readOnly: true, semiSync: semi }).channel("db1", { io: "no", sql: "no" });
  expect(draft(pair, "db1").steps.some(({ change }) => change.kind === "semi-sync-source")).toBe(false);
});

test("by coordinates it follows from where the new primary's log was before its first own write, or not at all", () => {
  const scene = returned();
  for (const id of [3, 4]) scene.channel(`db${id}`, { usesGtid: false, gtidMode: "No" });
  expect(() => draft(scene, "db1")).toThrow(/is not in the journal of this machine/);
  const open = { gtid: null, file: "bin.000007", pos: 4711 };
  const { steps } = draft(scene, "db1", demoted({ positions: { open } }));
  const change = steps.find(({ change: each }) => each.kind === "change-source")?.change;
  expect(change).toMatchObject({ follow: "file", position: { kind: "known", position: open } });
});

test("without an account to replicate with it is refused before anything is changed", () => {
  const scene = returned().configure({ replication: null });
  expect(() => draft(scene, "db1")).toThrow(/is not known/);
});

test("in a pair the primary takes from the returned node again only when it lacks nothing of it", () => {
  const scene = buildR3().node("db1", { readOnly: true }).channel("db2", { io: "no" });
  scene.state("lb1", "mysql/db1", "maint");
  const { steps, promotion } = draft(scene, "db1");
  expect(promotion?.variant).toBe("pair");
  const kinds = steps.map(({ change }) => change.kind);
  expect(kinds).not.toContain("change-source");
  const start = steps.findIndex(({ change }) => change.kind === "replication" && change.node === "db2");
  expect(kinds.indexOf("confirm-contained")).toBeLessThan(start);
  expect(kinds.indexOf("confirm-contained")).toBeGreaterThanOrEqual(0);
});

test("the second of two writers is opened only while both follow each other, and leaves the writes first when taken back", () => {
  const scene = buildR4().node("db1", { readOnly: true });
  for (const name of ["lb1", "lb2"]) scene.state(name, "mysql/db1", "maint");
  const { steps, promotion } = draft(scene, "db1");
  expect(promotion?.variant).toBe("multi-writer");
  const open = steps.find(({ change }) => change.kind === "read-only" && !change.on);
  expect(open?.before.filter(({ kind }) => kind === "follows")).toHaveLength(2);
  const route = steps.filter(({ change }) => change.kind === "server-state" && change.state === "ready");
  expect(route).toHaveLength(2);
  for (const { undo } of route) expect(undo?.rank).toBeLessThan(open?.undo?.rank ?? 0);
});

test("a side that two nodes do not share by configuration never gets writes by a rejoin", () => {
  const { steps } = draft(returned("mysql"), "db1");
  expect(steps.some(({ change }) => change.kind === "read-only" && !change.on)).toBe(false);
  expect(
    steps.some(
      ({ change }) => change.kind === "server-state" && change.backend === "write_nodes" && change.state === "ready",
    ),
  ).toBe(false);
});

test("a failed applier cannot be mended by a rejoin", () => {
  const scene = buildR1().channel("db2", { sql: "no", sqlError: { code: 1062, message: "Duplicate entry" } });
  expect(() => draft(scene, "db2")).toThrow(/error 1062/);
});
