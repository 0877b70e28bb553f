import { describe, expect, it } from "vitest";
import type { ClusterSnapshot } from "../../../../src/model/snapshot.ts";
import { lineWidth } from "../../../../src/ui/paint.ts";
import { selectWallScreen } from "../../../../src/ui/wall/screen.ts";
import type { WallOptions, WallState } from "../../../../src/ui/wall/state.ts";
import * as build from "../../../support/snapshots.ts";
import { see, show, startWall, wait } from "./support.ts";

const NAMES = ["shop", "pay", "auth", "search"];
const MANY = Array.from({ length: 25 }, (_, index) => `cluster-${index + 1}`);

function critical(name: string): ClusterSnapshot {
  return build.buildCluster({ name, health: "critical", alerts: [build.buildAlert()] });
}

function lagging(name: string): ClusterSnapshot {
  const calm = build.buildCluster({ name });
  const channels = [build.buildChannel("ubuntu1", { lagSeconds: 12 })];
  const nodes = calm.nodes.map((node) => (node.name === "ubuntu4" ? { ...node, channels } : node));
  const alert = build.buildAlert({
    code: "replica-lag",
    severity: "warning",
    node: "ubuntu4",
    subject: "ubuntu4",
    message: "ubuntu4 is 12 s behind ubuntu1 by status.",
  });
  return { ...calm, nodes, health: "warning", alerts: [alert] };
}

function blind(name: string): ClusterSnapshot {
  const calm = build.buildCluster({ name });
  const last = { value: build.buildReport(), at: build.START - 12_000 };
  return {
    ...calm,
    health: "unknown",
    haproxies: calm.haproxies.map((each) => ({ ...each, reading: build.failed({}, null) })),
    nodes: calm.nodes.map((node) => ({ ...node, role: "unknown", reading: build.failed({}, last) })),
  };
}

const calmly = (names: readonly string[]) => names.map((name) => build.buildCluster({ name }));

const replicationStopped = {
  at: build.START,
  cluster: "shop",
  kind: "replication",
  severity: "critical",
  subject: "ubuntu3 replication",
  before: "yes/yes",
  after: "yes/no",
} as const;

type Draw = (columns: number, rows: number, options?: Partial<WallOptions>) => WallState;

const SCENES: Readonly<Record<string, Draw>> = {
  healthy: (columns, rows, options) => see(startWall(["shop"], columns, rows, options), calmly(["shop"]), 0),
  critical: (columns, rows, options) => {
    const before = see(startWall(["shop"], columns, rows, options), calmly(["shop"]), 0);
    const broken = see(before, [critical("shop")], 3, { changes: [replicationStopped] });
    return wait(see(broken, [critical("shop")], 15), 15);
  },
  "four clusters": (columns, rows, options) => {
    const before = see(startWall(NAMES, columns, rows, options), calmly(NAMES), 0);
    const now = [build.buildCluster({ name: "shop" }), lagging("pay"), critical("auth"), blind("search")];
    return see(before, now, 5);
  },
  "stale picture": (columns, rows, options) =>
    wait(see(startWall(["shop"], columns, rows, options), calmly(["shop"]), 0), 42),
  "no answer yet": (columns, rows, options) => startWall(NAMES, columns, rows, options),
  "25 clusters": (columns, rows, options) => {
    const before = see(startWall(MANY, columns, rows, options), calmly(MANY), 0);
    const now = MANY.map((name, index) => {
      if (index === 20) return critical(name);
      return index === 11 ? lagging(name) : index === 3 ? blind(name) : build.buildCluster({ name });
    });
    return see(before, now, 5);
  },
};

const SHOWN: readonly (readonly [string, number, number, Partial<WallOptions>])[] = [
  ...Object.keys(SCENES).map((scene) => [scene, 80, 24, {}] as const),
  ...Object.keys(SCENES).map((scene) => [scene, 160, 48, {}] as const),
  ["critical", 320, 100, {}],
  ["four clusters", 320, 100, {}],
  ["25 clusters", 320, 100, {}],
  ["four clusters", 20, 5, {}],
  ["critical", 40, 12, {}],
  ["critical", 80, 24, { unicode: false }],
  ["four clusters", 160, 48, { unicode: false }],
  ["four clusters", 80, 24, { rotateMs: 20_000 }],
];

// Large figures of the clock cannot be left out as the small ones are.
process.env.TZ = "UTC";

const withoutClock = (lines: readonly string[]) => lines.join("\n").replaceAll(/\d\d:\d\d:\d\d/g, "hh:mm:ss");

describe("the wall screen", { timeout: 30_000 }, () => {
  it.each(SHOWN)("%s at %ix%i looks as it did", async (scene, columns, rows, options) => {
    const state = SCENES[scene]?.(columns, rows, options) as WallState;
    const variant = options.unicode === false ? "-ascii" : options.rotateMs == null ? "" : "-rotate";
    const name = `${scene.replaceAll(" ", "-")}-${columns}x${rows}${variant}.txt`;
    await expect(`${withoutClock(show(state))}\n`).toMatchFileSnapshot(`screens/${name}`);
  });

  it.each(Object.keys(SCENES))("%s is never larger than the terminal, whatever size that has", (scene) => {
    const sizes = [1, 2, 5, 10, 20, 34, 59, 60, 80, 133, 320];
    for (const columns of sizes) {
      for (const rows of [1, 2, 3, 5, 7, 8, 14, 15, 24, 40, 100]) {
        for (const unicode of [true, false]) {
          const lines = selectWallScreen(SCENES[scene]?.(columns, rows, { unicode }) as WallState);
          expect(lines, `${columns}x${rows}`).toHaveLength(rows);
          expect(Math.max(...lines.map(lineWidth)), `${columns}x${rows}`).toBeLessThanOrEqual(columns);
        }
      }
    }
  });

  it("tells the worst first, and what has no tile by number", () => {
    const lines = show(SCENES["25 clusters"]?.(80, 24) as WallState).join("\n");
    expect(lines).toMatch(/1 CRITICAL +1 WARNING +1 UNKNOWN +22 OK/);
    expect(lines).toMatch(/cluster-21.*cluster-12/);
    expect(lines).toMatch(/\+21 more: +21 OK/);
  });

  it("never says OK of a picture that is old, of a cluster nobody sees, or before the first answer", () => {
    for (const scene of ["stale picture", "no answer yet"]) {
      const text = show(SCENES[scene]?.(20, 5) as WallState).join("\n");
      expect(text).toContain("UNKNOWN");
      expect(text).not.toMatch(/\bOK\b/);
    }
    const old = show(SCENES["stale picture"]?.(80, 24) as WallState).join("\n");
    expect(old).toMatch(/data 42s old/);
    expect(old).toMatch(/nothing heard for 42s; it was OK/);
    expect(old).toMatch(/was ubuntu1/);
  });

  it("shows a hostile name as text", () => {
    const name = "a\u001b[2Jb";
    const alerts = [build.buildAlert({ message: "\u001b]0;owned\u0007", node: "\u202eevil" })];
    const expected = ["\u009b31m"];
    const cluster = build.buildCluster({ name, health: "critical", alerts });
    const hostile = { ...cluster, writer: cluster.writer === null ? null : { ...cluster.writer, expected } };
    for (const [columns, rows] of [
      [20, 5],
      [80, 24],
      [160, 48],
    ] as const) {
      const text = show(see(startWall([name], columns, rows), [hostile], 0)).join("");
      expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
    }
  });
});

it("large letters are never cut, whatever is beside them", { timeout: 30_000 }, () => {
  const names = ["a", "search", "a-longer-name", "warehouse", "x".repeat(30)];
  const clusters = names.map((name, index) => (index % 2 === 0 ? critical(name) : lagging(name)));
  for (const unicode of [true, false]) {
    for (const columns of [60, 80, 100, 133, 160, 200, 320]) {
      for (const rows of [15, 24, 30, 48, 60, 100]) {
        const calm = see(startWall(names, columns, rows, { unicode }), calmly(names), 0);
        const lines = show(see(calm, clusters, 5));
        const cut = lines.filter((line) => (unicode ? /[█▀▄] *…/ : /#+ *\.\./).test(line));
        expect(cut, `${columns}x${rows}`).toEqual([]);
      }
    }
  }
});
