import { describe, expect, it } from "vitest";
import { buildRequest } from "../../../../src/ui/act/request.ts";
import { plainText } from "../../../../src/ui/paint.ts";
import { selectHeader } from "../../../../src/ui/selectors/header.ts";
import type { ConsoleState } from "../../../../src/ui/state/state.ts";
import { buildConsoleState } from "../../../support/console-state.ts";
import { failed, type Scene } from "../../../support/model-builders.ts";
import { buildPlan, buildProgress } from "../../../support/plans.ts";
import { buildR1Twice } from "../../operations/support/scenes.ts";

const probe = {
  address: "10.0.0.9:3306",
  state: "fresh",
  failure: null,
  failedAt: null,
  failsAgain: false,
  mismatch: null,
  confirmed: false,
} as const;

const plainState = (now: number, columns: number): ConsoleState =>
  buildConsoleState({ now, size: { columns, rows: 24 }, themeName: "mono", color: false, unicode: false });

/** The status line of R1 behind two HAProxies, with writes seen to reach db1. */
function lineAt(
  columns: number,
  scene: Scene = buildR1Twice(),
  change: Partial<ConsoleState> = {},
  name = "db1",
): string {
  const cluster = scene.snapshot();
  if (cluster.writer === null) throw new Error("R1 has a writer");
  const at = scene.now;
  const writer = { ...cluster.writer, probe: { ...probe, last: { name, at: at - 3_000, readOnly: false } } };
  const snapshot = { seq: 1, at, intervalMs: 1_000, changes: [], clusters: [{ ...cluster, writer }] };
  const state = plainState(at, columns);
  const feed = { snapshot, sessions: null, timeline: [] };
  return plainText(selectHeader({ ...state, feed, ...change }, columns)[0]);
}

describe("the status line", () => {
  it("names every HAProxy with its level where there is room", () => {
    expect(lineAt(120)).toMatch(/lb1 \S?admin {2}lb2 \S?admin {2}writes db1 3s/);
  });

  it("says less of HAProxies that are as they should be, so that where writes go is never cut", () => {
    for (const columns of [80, 72]) expect(lineAt(columns), `${columns} columns`).toContain("writes db1 3s ");
    expect(lineAt(72)).not.toContain("admin");
  });

  it("still says where writes go when a HAProxy hangs: its own name goes before that does", () => {
    const hangs = buildR1Twice();
    hangs.haproxy("lb2", { reading: failed(hangs.haproxyReport("lb2"), { kind: "timeout" }) });
    expect(lineAt(80, hangs)).toMatch(/ lb2 \S?timeout .*writes db1 3s /);
    expect(lineAt(60, hangs)).toContain("writes db1 3s ");
  });

  it("still says where writes go while an operation runs: its title goes before that does", () => {
    const request = { command: "drain", cluster: "lab", targets: ["read_nodes/db3"] } as const;
    const plan = buildPlan(buildRequest(request.command, request.cluster, request), {
      title: "Re-apply what the reload of lb1 took back",
    });
    const live = [{ progress: buildProgress(plan, { state: "running" }), heardAt: 0 }];
    for (const columns of [80, 120]) {
      expect(lineAt(columns, buildR1Twice(), { live }), `${columns} columns`).toContain("writes db1 3s ");
      expect(lineAt(columns, buildR1Twice(), { live })).toContain("RUNS Re-appl");
    }
  });

  it("tells the nodes of a fleet apart by both ends of their names", () => {
    const name = "prod-eu-central-1-mysql-shop-01";
    for (const columns of [60, 80, 120])
      expect(lineAt(columns, buildR1Twice().configure({ name: "shop-production-eu-central" }), {}, name)).toMatch(
        columns < 80 ? /writes prod\S+-01 / : /writes prod\S+-01 3s /,
      );
  });

  it("is as long as the terminal is wide, however long a filter or the name of a cluster is", () => {
    const { panes } = plainState(0, 80);
    const filtered = { panes: { ...panes, nodes: { ...panes.nodes, filter: "x".repeat(200) } } };
    for (const columns of [60, 80, 120]) {
      const line = lineAt(columns, buildR1Twice().configure({ name: "shop".repeat(16) }), filtered);
      expect(line).toHaveLength(columns);
      expect(line).toMatch(columns < 80 ? / \d\d:\d\d:\d\d$/ : /writes db1 3s .* \d\d:\d\d:\d\d$/);
    }
  });
});

describe("the line of the tabs", () => {
  /** The sessions of a node with this name are on screen, and the list is 12 s old. */
  function tabsAt(columns: number, node: string): string {
    const scene = buildR1Twice();
    const cluster = scene.snapshot();
    const [first] = cluster.nodes;
    if (first === undefined) throw new Error("R1 has nodes");
    const at = scene.now;
    const snapshot = {
      seq: 1,
      at,
      intervalMs: 1_000,
      changes: [],
      clusters: [{ ...cluster, nodes: [{ ...first, name: node }] }],
    };
    const reading = { state: "stale", value: [], at: at - 12_000, from: node } as const;
    const sessions = { cluster: cluster.name, node, reading };
    const state = { ...plainState(at, columns), pane: "sessions" as const };
    return plainText(selectHeader({ ...state, feed: { snapshot, sessions, timeline: [] } }, columns)[1]).trimEnd();
  }

  it("tells whose sessions these are and how old they are, however long the name: titles of other panes go first", () => {
    for (const columns of [60, 80, 120])
      for (const node of ["db1", "prod-mysql-0123"])
        expect(tabsAt(columns, node), `${columns} columns`).toMatch(new RegExp(`\\[Sessions\\].*  of ${node} 12s$`));
  });

  it("has all titles where there is room", () => {
    expect(tabsAt(120, "db1")).toMatch(/^1 Nodes {2}2 HAProxy {2}/);
  });
});
