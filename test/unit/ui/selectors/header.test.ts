import { describe, expect, it } from "vitest";
import { plainText } from "../../../../src/ui/paint.ts";
import { selectHeader } from "../../../../src/ui/selectors/header.ts";
import type { ConsoleState } from "../../../../src/ui/state/state.ts";
import { buildConsoleState } from "../../../support/console-state.ts";
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
function lineAt(columns: number): string {
  const scene = buildR1Twice();
  const cluster = scene.snapshot();
  if (cluster.writer === null) throw new Error("R1 has a writer");
  const at = scene.now;
  const writer = { ...cluster.writer, probe: { ...probe, last: { name: "db1", at: at - 3_000, readOnly: false } } };
  const snapshot = { seq: 1, at, intervalMs: 1_000, changes: [], clusters: [{ ...cluster, writer }] };
  const state = plainState(at, columns);
  return plainText(selectHeader({ ...state, feed: { snapshot, sessions: null, timeline: [] } }, columns)[0]);
}

describe("the status line", () => {
  it("names every HAProxy with its level where there is room", () => {
    expect(lineAt(120)).toMatch(/lb1 \S?admin {2}lb2 \S?admin {2}writes db1 3s/);
  });

  it("says less of HAProxies that are as they should be, so that where writes go is never cut", () => {
    for (const columns of [80, 72]) expect(lineAt(columns), `${columns} columns`).toContain("writes db1 3s ");
    expect(lineAt(72)).not.toContain("admin");
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
