import { describe, expect, it } from "vitest";
import { ENGINE_TARGET } from "../../../../src/model/reading.ts";
import { takeSnapshot, takeTime } from "../../../../src/ui/wall/reduce.ts";
import type { WallState } from "../../../../src/ui/wall/state.ts";
import { elapsedMs } from "../../../../src/ui/wall/time.ts";
import * as build from "../../../support/snapshots.ts";
import { at, see, show, startWall, wait } from "./support.ts";

const HOUR = 3_600;
const calm = build.buildCluster({ name: "shop" });
const text = (state: WallState) => show(state).join("\n");
/** The same where there is no room for large type. */
const words = (state: WallState) => show({ ...state, size: { columns: 59, rows: 6 } }).join("\n");

function start(): WallState {
  return see(startWall(["shop"], 40, 12), [calm], 0);
}

describe("clocks that do not go as they should", () => {
  it("the larger of the two tells how old something is", () => {
    const then = { epochMs: 1_000, monotonicMs: 1_000 };
    expect(elapsedMs(then, { epochMs: 1_500, monotonicMs: 1_700 })).toBe(700);
    expect(elapsedMs(then, { epochMs: 9_000, monotonicMs: 1_000 })).toBe(8_000);
    expect(elapsedMs(then, { epochMs: 0, monotonicMs: 1_000 })).toBe(0);
  });

  it("set back by an hour, a picture that stays away is still seen to be old", () => {
    const back = { epochMs: build.START - HOUR * 1_000 + 10_000, monotonicMs: at(10).monotonicMs };
    const state = takeTime(start(), back);
    expect(text(state)).toMatch(/data 10s old/);
    expect(words(state)).toMatch(/UNKNOWN shop/);
  });

  it("set back by an hour, pictures that come are fresh", () => {
    const back = { epochMs: build.START - HOUR * 1_000, monotonicMs: at(10).monotonicMs };
    const state = takeSnapshot(start(), build.buildSnapshot({ at: back.epochMs, clusters: [calm] }), [], back);
    expect(text(state)).toMatch(/data <1s/);
    expect(text(takeTime(state, { ...back, monotonicMs: back.monotonicMs + 1_000 }))).toMatch(/data <1s/);
  });

  it("after a sleep in which only the wall clock went on, what is there is old until something new comes", () => {
    const woken = { epochMs: at(8 * HOUR).epochMs, monotonicMs: at(1).monotonicMs };
    const state = takeTime(start(), woken);
    expect(text(state)).toMatch(/data 8h old/);
    expect(words(state)).toMatch(/UNKNOWN shop/);
    // What was on its way when the machine fell asleep is not the present either.
    const late = takeSnapshot(state, build.buildSnapshot({ at: at(1).epochMs, clusters: [calm] }), [], woken);
    expect(text(late)).toMatch(/data 7h old/);
    expect(words(late)).toMatch(/UNKNOWN shop/);
    const fresh = takeSnapshot(late, build.buildSnapshot({ at: woken.epochMs, clusters: [calm] }), [], woken);
    expect(text(fresh)).toMatch(/data <1s/);
  });

  it("an older picture never replaces a newer one", () => {
    const newer = build.buildSnapshot({ clusters: [calm] });
    const older = {
      ...newer,
      seq: newer.seq - 1,
      clusters: [build.buildCluster({ name: "shop", health: "critical" })],
    };
    const state = takeSnapshot(startWall(["shop"], 40, 12), newer, [], at(0));
    expect(takeSnapshot(state, older, [], at(1))).toBe(state);
  });
});

describe("what changed", () => {
  const critical = build.buildCluster({ name: "shop", health: "critical", alerts: [build.buildAlert()] });

  it("is marked for a minute and no longer", () => {
    const changed = see(start(), [critical], 5);
    expect(text(changed)).toMatch(/◆ 0s/);
    expect(text(changed)).toMatch(/was OK/);
    expect(text(see(changed, [critical], 64))).toMatch(/◆ 59s/);
    const over = see(changed, [critical], 66);
    expect(text(over)).not.toMatch(/◆|was OK/);
  });

  it("what comes in at the start is no change", () => {
    const never = {
      ...calm,
      health: "unknown" as const,
      nodes: [build.buildNode("ubuntu1", { reading: { state: "never", from: "x" } })],
    };
    const state = see(see(startWall(["shop"], 40, 12), [never], 0), [calm], 1);
    expect(text(state)).not.toMatch(/◆/);
  });

  it("a writer that moved is told with the one before", () => {
    const writer = calm.writer === null ? null : { ...calm.writer, expected: ["ubuntu2"] };
    expect(text(see(start(), [{ ...calm, writer }], 3))).toMatch(/writer ubuntu2 ◆ was ubuntu1/);
  });

  it("is kept in bounds however much changes", () => {
    const change = {
      at: build.START,
      cluster: "shop",
      kind: "node",
      severity: "info",
      subject: "x",
      before: "a",
      after: "b",
    } as const;
    const state = see(start(), [calm], 1, { changes: Array(5_000).fill(change) });
    expect(state.memories.shop?.recent.length).toBe(20);
    expect(wait(state, 90).memories.shop?.recent).toEqual([]);
  });
});

describe("signalbox's own engine", () => {
  const failure = { kind: "unreachable", target: ENGINE_TARGET, message: "gone" } as const;
  const lost = {
    ...calm,
    health: "unknown" as const,
    haproxies: calm.haproxies.map((each) => ({ ...each, reading: build.failed<never>(failure, null) })),
    nodes: calm.nodes.map((each) => ({ ...each, reading: build.failed<never>(failure, null) })),
  };

  it("is said to be lost while it is, and to run again for a minute after", () => {
    const gone = see(start(), [lost], 2);
    expect(text(gone)).toMatch(/own engine is not heard/);
    expect(words(gone)).toMatch(/UNKNOWN shop/);
    expect(words(gone)).toMatch(/it was OK 2s ago/);
    const back = see(gone, [calm], 5);
    expect(text(see(back, [calm], 30))).toMatch(/own engine was lost/);
    expect(text(see(back, [calm], 70))).not.toMatch(/engine/);
    const again = see(see(back, [lost], 80), [calm], 81);
    expect(show({ ...again, size: { columns: 120, rows: 24 } }).join("\n")).toMatch(/2 times since the start/);
  });
});
