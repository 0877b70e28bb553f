import { describe, expect, it } from "vitest";
import { HookRules } from "../../../../src/engine/hook/rules.ts";
import type { Alert } from "../../../../src/model/alert.ts";
import type { ClusterSnapshot } from "../../../../src/model/snapshot.ts";
import { buildAlert, buildChannel, buildCluster, buildHaproxy, buildNode, failed } from "../../../support/snapshots.ts";

const lag = (severity: Alert["severity"] = "warning") =>
  buildAlert({ code: "replica-lag", subject: "ubuntu2", node: "ubuntu2", severity });
const many = (count: number, severity: Alert["severity"] = "warning") =>
  Array.from({ length: count }, (_, n) => buildAlert({ code: "server-down", subject: `s${n}`, node: null, severity }));

/** Alerts by the second at which they are the case from then on; what the hook is told, as `second change code subject severity`. */
function play(
  scene: Readonly<Record<number, readonly Alert[] | Partial<ClusterSnapshot>>>,
  untilSeconds: number,
  endsAfterSeconds = 0,
) {
  const rules = new HookRules();
  const told: string[] = [];
  const notes: string[] = [];
  const running = new Map<string, number>();
  let now: Partial<ClusterSnapshot> = { alerts: [] };
  for (let second = 0; second <= untilSeconds; second += 1) {
    const next = scene[second];
    if (next !== undefined) now = Array.isArray(next) ? { alerts: next } : (next as Partial<ClusterSnapshot>);
    for (const [key, endsAt] of running) {
      if (second < endsAt) continue;
      running.delete(key);
      rules.finished(key);
    }
    rules.see(buildCluster(now), second * 1_000, second * 1_000);
    for (const { key, change, alert } of rules.take(second * 1_000)) {
      expect(running.has(key)).toBe(false);
      running.set(key, second + endsAfterSeconds);
      told.push(`${second} ${change} ${alert.code} ${alert.subject} ${alert.severity}`);
    }
    notes.push(...rules.takeNotes());
  }
  return { told, notes };
}

describe("what the alert hook is told", () => {
  it.each([
    [
      "a worsening and its recovery at once",
      { 1: [lag()], 20: [] },
      ["1 raised replica-lag ubuntu2 warning", "20 cleared replica-lag ubuntu2 warning"],
    ],
    [
      "that it got worse, not that it got milder",
      { 1: [lag()], 3: [lag("critical")], 20: [lag()], 30: [lag("critical")], 40: [] },
      [
        "1 raised replica-lag ubuntu2 warning",
        "3 raised replica-lag ubuntu2 critical",
        "40 cleared replica-lag ubuntu2 critical",
      ],
    ],
    [
      "nothing of what stood at the start but its end",
      { 0: [lag()], 9: [] },
      ["9 cleared replica-lag ubuntu2 warning"],
    ],
    [
      "a blip: its end when it has lasted five seconds",
      { 1: [lag()], 3: [] },
      ["1 raised replica-lag ubuntu2 warning", "8 cleared replica-lag ubuntu2 warning"],
    ],
    [
      "one raising of an alert that comes back within five seconds",
      { 1: [lag()], 3: [], 5: [lag()], 30: [] },
      ["1 raised replica-lag ubuntu2 warning", "30 cleared replica-lag ubuntu2 warning"],
    ],
    [
      "an alert that is taken away and comes back at once: nothing",
      { 1: [lag()], 20: [], 21: [lag()], 22: [], 23: [lag()] },
      [
        "1 raised replica-lag ubuntu2 warning",
        "20 cleared replica-lag ubuntu2 warning",
        "28 raised replica-lag ubuntu2 warning",
      ],
    ],
  ] as const)("%s", (_what, scene, told) => {
    expect(play(scene, 60).told).toEqual(told);
  });

  it("an alert that is back before its end was told is said to come and go; one blip is not", () => {
    expect(play({ 1: [lag()], 3: [], 5: [lag()], 30: [] }, 60).notes).toEqual([
      "replica-lag ubuntu2 comes and goes: it is told when it stays, and 3 times a minute at most",
    ]);
    expect(play({ 1: [lag()], 3: [] }, 60).notes).toEqual([]);
  });

  it("an alert that comes and goes slowly is raised three times a minute at most, and it is said", () => {
    const scene = Object.fromEntries(
      [0, 1, 2, 3, 4, 5].flatMap((n) => [
        [1 + n * 12, [lag()]],
        [7 + n * 12, []],
      ]),
    );
    const { told, notes } = play(scene, 200);
    const raised = told.filter((line) => line.includes("raised")).map((line) => Number(line.split(" ")[0]));
    expect(raised).toEqual([1, 13, 25, 61]);
    expect(told.at(-1)).toMatch(/cleared/);
    expect(notes.filter((note) => note.includes("comes and goes"))).toHaveLength(1);
  });

  it("ten runs a minute at most: the worst first, the others later, none is lost", () => {
    const all = [...many(14), buildAlert({ code: "no-writer", subject: "write_nodes", node: null })];
    const { told, notes } = play({ 1: all }, 130);
    expect(told[0]).toBe("1 raised no-writer write_nodes critical");
    expect(told.filter((line) => line.startsWith("1 "))).toHaveLength(10);
    expect(told.filter((line) => line.startsWith("61 "))).toHaveLength(5);
    expect(notes).toEqual(["more than 10 changes in a minute: 5 wait, the worst are told first"]);
  });

  it("what came and went while it waited is not told", () => {
    const { told } = play({ 1: many(10), 5: [...many(10), lag("info")], 20: many(10) }, 130);
    expect(told.filter((line) => line.includes("replica-lag"))).toEqual([]);
  });

  it("never two runs of one alert at once: the next waits for the end of the first", () => {
    const { told } = play({ 1: [lag()], 2: [lag("critical")], 20: [] }, 60, 7);
    expect(told).toEqual([
      "1 raised replica-lag ubuntu2 warning",
      "8 raised replica-lag ubuntu2 critical",
      "20 cleared replica-lag ubuntu2 critical",
    ]);
  });

  it("an alert that is gone because its node is silent is not cleared until the node speaks", () => {
    const dark = { nodes: [buildNode("ubuntu2", { reading: failed({}, null) }), buildNode("ubuntu1")], alerts: [] };
    expect(play({ 1: [lag()], 10: dark, 30: [] }, 40).told).toEqual([
      "1 raised replica-lag ubuntu2 warning",
      "30 cleared replica-lag ubuntu2 warning",
    ]);
  });

  it("an alert that several tell of together is not cleared while one that told of it is silent", () => {
    const lbs = (...silent: string[]) =>
      ["lb1", "lb2"].map((name) => {
        return buildHaproxy(name, [], silent.includes(name) ? { reading: failed({}, null) } : {});
      });
    const closed = buildAlert({ code: "writer-read-only", subject: "ubuntu2", node: "ubuntu2" });
    const nodes = [buildNode("ubuntu1"), buildNode("ubuntu2")];
    const seen = (alerts: readonly Alert[], ...silent: string[]) => ({ nodes, haproxies: lbs(...silent), alerts });
    expect(play({ 1: seen([closed]), 10: seen([], "lb1", "lb2"), 20: seen([], "lb2"), 30: seen([]) }, 40).told).toEqual(
      ["1 raised writer-read-only ubuntu2 critical", "30 cleared writer-read-only ubuntu2 critical"],
    );
    // lb2 was silent before: it had no part in it.
    expect(play({ 1: seen([closed]), 10: seen([closed], "lb2"), 20: seen([], "lb2") }, 40).told).toEqual([
      "1 raised writer-read-only ubuntu2 critical",
      "20 cleared writer-read-only ubuntu2 critical",
    ]);
  });

  it("the lag of a replica whose source is silent is not cleared", () => {
    const behind = { channels: [buildChannel("ubuntu1", { lagSeconds: null })] };
    const dark = [buildNode("ubuntu1", { reading: failed({}, null) }), buildNode("ubuntu2", behind)];
    const nodes = [buildNode("ubuntu1"), buildNode("ubuntu2", behind)];
    const scene = {
      1: { nodes, alerts: [lag()] },
      10: { nodes: dark, alerts: [lag()] },
      15: { nodes: dark, alerts: [] },
    };
    expect(play({ ...scene, 30: { nodes, alerts: [] } }, 40).told).toEqual([
      "1 raised replica-lag ubuntu2 warning",
      "30 cleared replica-lag ubuntu2 warning",
    ]);
  });

  it("an alert of the cluster is not cleared while no HAProxy answers", () => {
    const noWriter = buildAlert({ code: "no-writer", subject: "write_nodes", node: null });
    const lost = buildAlert({ code: "haproxy-unreachable", subject: "lb1", node: null });
    const dark = { haproxies: [buildHaproxy("lb1", [], { reading: failed({}, null) })], alerts: [lost] };
    expect(play({ 1: [noWriter], 10: dark, 30: [noWriter], 40: [] }, 60).told).toEqual([
      "1 raised no-writer write_nodes critical",
      "10 raised haproxy-unreachable lb1 critical",
      "30 cleared haproxy-unreachable lb1 critical",
      "40 cleared no-writer write_nodes critical",
    ]);
  });

  it("what is seen while first answers come in stood at the start; it is not waited for longer than ten seconds", () => {
    const waiting = buildNode("ubuntu9", { reading: { state: "never", from: "ubuntu9" } });
    const first = { nodes: [waiting], alerts: [] };
    expect(play({ 0: first, 2: [lag()], 9: [] }, 30).told).toEqual(["9 cleared replica-lag ubuntu2 warning"]);
    const never = { nodes: [waiting, buildNode("ubuntu2")] };
    expect(play({ 0: { ...never, alerts: [] }, 15: { ...never, alerts: [lag()] } }, 30).told).toEqual([
      "15 raised replica-lag ubuntu2 warning",
    ]);
  });
});
