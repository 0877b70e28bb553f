import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { appendFrame } from "../../../../src/model/history/append.ts";
import {
  type ClusterHistory,
  createHistory,
  FRAMES_PER_TIER,
  NODE_FIGURES,
} from "../../../../src/model/history/history.ts";
import { compactHistory } from "../../../../src/model/history/places.ts";
import {
  extendSeries,
  type Series,
  selectNewest,
  selectSeries,
  selectSilenceMs,
} from "../../../../src/model/history/series.ts";

const START = Date.UTC(2026, 10, 20, 3, 0, 0);
const SUBJECT = { node: "db1", figure: "lagSeconds" } as const;

/** One tick a second; null: no data, undefined: no tick at all. */
function build(lags: readonly (number | null | undefined)[], tickMs = 1_000): ClusterHistory {
  let history: ClusterHistory = { ...createHistory(tickMs), nodes: ["db1"], servers: [] };
  let missed = 0;
  lags.forEach((lag, index) => {
    if (lag === undefined) {
      missed += 1;
      return;
    }
    const nodes = new Float32Array(NODE_FIGURES.length).fill(lag ?? Number.NaN);
    history = appendFrame(history, { at: START + index * tickMs, nodes, servers: new Float32Array(0) }, missed);
    missed = 0;
  });
  return history;
}

function seriesOf(history: ClusterHistory, tier = 0): Series {
  const series = selectSeries(history, SUBJECT, tier);
  if (series === null) throw new Error("no series");
  return series;
}

/** Drawn as text: `?` missing, `3?` missing in part, `.` not watched. */
function text({ values, missing }: Series): string {
  return values.map((value, index) => `${value ?? ""}${missing[index] ? "?" : value === null ? "." : ""}`).join(" ");
}

const lags = fc.array(fc.oneof(fc.constantFrom(null, undefined, 0), fc.integer({ min: 0, max: 1_000 })), {
  maxLength: 400,
});

describe("history", () => {
  it("keeps every tick of the last minute, and a tick without data is a gap, never a zero", () => {
    expect(text(seriesOf(build([0, 2, null, 1])))).toBe("0 2 ? 1");
  });

  it("fills ticks that never came with gaps", () => {
    expect(text(seriesOf(build([1, undefined, undefined, 4])))).toBe("1 ? ? 4");
  });

  it("keeps of older ticks the highest, and says where some of them had no data", () => {
    const history = build([1, 7, 2, 0, 0, 0, null, 3, 0, 0, null, null, null, undefined, null, 0, 0]);
    expect(history.tiers.map(({ ticksPerFrame }) => ticksPerFrame)).toEqual([1, 5, 15]);
    expect(text(seriesOf(history, 1))).toBe("7 3? ? 0");
    expect(text(seriesOf(history, 2))).toBe("7? 0");
  });

  it("is bounded, and long pauses cost no more than short ones", () => {
    const history = build([1, ...Array<undefined>(50_000), 2]);
    for (const { frames } of history.tiers) expect(frames.length).toBeLessThanOrEqual(FRAMES_PER_TIER);
    expect(history.ticks).toBe(50_002);
    expect(seriesOf(history).values.at(-1)).toBe(2);
    expect(seriesOf(history, 2).values.filter((value) => value !== null)).toEqual([2]);
  });

  it("never makes a value of a gap nor loses a highest one, in any tier", () => {
    fc.assert(
      fc.property(lags, (ticks) => {
        const first = ticks.findIndex((lag) => lag !== undefined);
        const last = ticks.findLastIndex((lag) => lag !== undefined);
        fc.pre(first >= 0);
        const told = ticks.slice(first, last + 1).map((lag) => lag ?? null);
        const history = build(ticks);
        history.tiers.forEach(({ ticksPerFrame }, tier) => {
          const chunks: (number | null)[][] = [];
          for (let at = 0; at < told.length; at += ticksPerFrame) chunks.push(told.slice(at, at + ticksPerFrame));
          const { values, missing } = seriesOf(history, tier);
          const shown = chunks.slice(-values.length);
          expect(values.length).toBeGreaterThanOrEqual(Math.min(chunks.length, FRAMES_PER_TIER));
          shown.forEach((chunk, index) => {
            const known = chunk.filter((lag) => lag !== null);
            expect(values[index]).toBe(known.length === 0 ? null : Math.max(...known));
            expect(missing[index]).toBe(known.length < chunk.length);
          });
        });
      }),
      { numRuns: 200 },
    );
  });

  it("with slow ticks has no tier that would reach no further than the first", () => {
    expect(createHistory(60_000).tiers.map(({ ticksPerFrame }) => ticksPerFrame)).toEqual([1]);
    expect(createHistory(10_000).tiers.map(({ ticksPerFrame }) => ticksPerFrame)).toEqual([1, 2]);
    expect(createHistory(250).tiers.map(({ ticksPerFrame }) => ticksPerFrame)).toEqual([1, 20, 60]);
  });

  it("goes on with gaps while no tick comes, from the moment the next one is overdue", () => {
    const history = build([3, 3]);
    const end = START + 1_000;
    const at = (ms: number) => text(extendSeries(seriesOf(history), 1_000, end + ms));
    expect([at(0), at(1_400), at(1_600), at(3_600)]).toEqual(["3 3", "3 3", "3 3 ?", "3 3 ? ? ?"]);
    expect(selectSilenceMs(history, SUBJECT, end)).toBe(0);
    expect(selectSilenceMs(history, SUBJECT, end + 3_600)).toBe(3_000);
  });

  it("knows no newest value when the newest tick had none", () => {
    expect(selectNewest(build([4]), SUBJECT)).toBe(4);
    expect(selectNewest(build([4, null]), SUBJECT)).toBeNull();
    expect(selectSeries(build([4]), { ...SUBJECT, node: "db9" })).toBeNull();
    expect(selectSilenceMs(build([null]), SUBJECT, START)).toBeNull();
  });

  it("tells a part of a sum as a part, also when it is zero", () => {
    expect(text(seriesOf(build([-3, -0, 0])))).toBe("3? 0? 0");
  });

  it("tells what was not watched yet from a gap", () => {
    const before = build([1, 2]);
    const both = new Float32Array(2 * NODE_FIGURES.length).fill(5);
    const frame = { at: START, nodes: both, servers: new Float32Array(0) };
    const history = appendFrame({ ...before, nodes: ["db1", "db2"] }, frame, 0);
    const series = selectSeries(history, { node: "db2", figure: "sessions" });
    expect(series === null ? "" : text(series)).toBe(". . 5");
  });
});

describe("places of names that are gone", () => {
  const block = (figures: readonly (number | null)[]) =>
    Float32Array.from(figures.flatMap((figure) => Array<number>(4).fill(figure ?? Number.NaN)));

  it("are given up with those that never knew anything, and the others keep their values", () => {
    let history: ClusterHistory = { ...createHistory(1_000), nodes: ["gone", "empty", "db1", "db2"] };
    const frames = [
      [1, null, 5],
      [null, null, 6, 9],
    ];
    for (const figures of frames) {
      history = appendFrame(history, { at: START, nodes: block(figures), servers: new Float32Array(0) }, 0);
    }
    const compact = compactHistory(history, { nodes: new Set(["db1", "db2"]), servers: new Set() });
    expect(compact.nodes).toEqual(["gone", "db1", "db2"]);
    for (const node of compact.nodes) {
      expect(selectSeries(compact, { ...SUBJECT, node })).toEqual(selectSeries(history, { ...SUBJECT, node }));
    }
  });
});
