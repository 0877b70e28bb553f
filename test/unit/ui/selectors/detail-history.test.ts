import { describe, expect, it } from "vitest";
import { appendFrame } from "../../../../src/model/history/append.ts";
import { type ClusterHistory, createHistory, NODE_FIGURES } from "../../../../src/model/history/history.ts";
import { formatCount } from "../../../../src/ui/format/number.ts";
import { lineWidth, plainText } from "../../../../src/ui/paint.ts";
import {
  formatMs,
  formatRate,
  formatSeconds,
  selectHistoryLines,
} from "../../../../src/ui/selectors/detail-history.ts";
import type { ConsoleState } from "../../../../src/ui/state/state.ts";
import { buildConsoleState } from "../../../support/console-state.ts";
import { buildCluster, START } from "../../../support/snapshots.ts";

/** One tick a second up to START, for one node. */
function build(lags: readonly (number | null)[]): ClusterHistory {
  const began = START - (lags.length - 1) * 1_000;
  return lags.reduce<ClusterHistory>(
    (history, lag, index) => {
      const nodes = new Float32Array(NODE_FIGURES.length).fill(lag ?? Number.NaN);
      return appendFrame(history, { at: began + index * 1_000, nodes, servers: new Float32Array(0) }, 0);
    },
    { ...createHistory(1_000), nodes: ["db1"] },
  );
}

function stateAt(afterMs: number, change: Partial<ConsoleState> = {}): ConsoleState {
  const initial = buildConsoleState({ now: START + afterMs });
  return { ...initial, ...change };
}

function draw(state: ConsoleState, history: ClusterHistory, width = 80): string[] {
  const subject = { node: "db1", figure: "lagSeconds" } as const;
  const charts = [{ name: "lag", subject, floor: 1, format: formatSeconds }];
  const lines = selectHistoryLines(state, buildCluster({ history }), charts, width);
  return lines.map((line) => plainText(line).trimEnd());
}

const count = (length: number) => Array.from({ length }, (_, index) => index);

describe("the charts of a detail", () => {
  it("tell scale, unit, newest and highest value, and when it was, with the newest at the right", () => {
    expect(draw(stateAt(0), build(count(60)))).toMatchInlineSnapshot(`
      [
        "History  −60 s  z of 60 s, 5 min, 15 min  ░ data missing",
        "lag 59s  highest 59s",
        "  100s┤",
        "      │                       ⢀⣀⣀⣀⣤⣤⣤",
        "      │          ⢀⣀⣀⣠⣤⣤⣤⣶⣶⣶⣾⣿⣿⣿⣿⣿⣿⣿⣿⣿",
        "    0s┤⣠⣤⣤⣴⣶⣶⣶⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿",
        "      └──────────────────────────────",
        "       −60 s                      now",
        "",
      ]
    `);
  });

  it("show a gap as no dots above its own mark on the axis, and zero as dots above the rule", () => {
    const gap = Array<null>(20).fill(null);
    const lines = draw(stateAt(0), build([...Array<number>(20).fill(0), ...gap, ...Array<number>(20).fill(3)]));
    expect(lines).toMatchInlineSnapshot(`
      [
        "History  −60 s  z of 60 s, 5 min, 15 min  ░ data missing",
        "lag 3s  highest 3s",
        "    5s┤",
        "      │                    ⣤⣤⣤⣤⣤⣤⣤⣤⣤⣤",
        "      │                    ⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿",
        "    0s┤⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀          ⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿",
        "      └──────────░░░░░░░░░░──────────",
        "       −60 s                      now",
        "",
      ]
    `);
  });

  it("begin where watching began: what was before is neither value nor gap", () => {
    const axis = draw(stateAt(0), build([1, 1, 1, 1])).find((line) => line.includes("└"));
    expect(axis).toBe(`      └${" ".repeat(28)}──`);
  });

  it("go on with a gap when nothing comes any more, say for how long, and show no newest value", () => {
    const lines = draw(stateAt(12_400), build(count(60)));
    expect(lines[1]).toBe("lag ?  highest 59s  none for 11s");
    expect(lines[6]).toMatch(/─░{6}$/);
  });

  it("say that they are frozen, and stand still", () => {
    const history = build(count(60));
    const before = draw(stateAt(0), history);
    const feed = stateAt(0).feed;
    const lines = draw(stateAt(30_000, { frozen: { feed, at: START } }), history);
    expect(lines.at(-2)).toMatch(/−60 s +frozen \d\d:\d\d:\d\d$/);
    expect(lines.slice(0, -2)).toEqual(before.slice(0, -2));
  });

  it("reach further back with each press, and keep the peak of one tick in a quarter of an hour", () => {
    const lags = Array<number>(900).fill(0);
    lags[100] = 42;
    const history = build(lags);
    const spans = [0, 1, 2, 3].map((historySpan) => draw(stateAt(0, { historySpan }), history));
    expect(spans.map((lines) => lines[0]?.slice(0, 16))).toEqual([
      "History  −60 s  ",
      "History  −5 min ",
      "History  −15 min",
      "History  −60 s  ",
    ]);
    expect(spans.map((lines) => lines[1])).toEqual([
      "lag 0s  highest 0s",
      "lag 0s  highest 0s",
      "lag 0s  highest 42s",
      "lag 0s  highest 0s",
    ]);
    expect(spans[2]?.at(-2)).toMatch(/−15 min +now$/);
  });

  it("in ASCII have no other character, and gaps of their own", () => {
    const lines = draw(stateAt(0, { unicode: false }), build([...count(30), null, null, ...count(28)]));
    expect(lines).toMatchInlineSnapshot(`
      [
        "History  -60 s  z of 60 s, 5 min, 15 min  ? data missing",
        "lag 27s  highest 29s",
        "   50s+",
        "      |           ...:            ...",
        "      |     ..::######      ..::#####",
        "    0s+::############# ::############",
        "      +---------------?--------------",
        "       -60 s                      now",
        "",
      ]
    `);
    expect(lines.join("\n")).toMatch(/^[\x20-\x7e\n]*$/);
  });

  it("stand side by side as far as there is room, and never wider than it", () => {
    const subject = { node: "db1", figure: "lagSeconds" } as const;
    const charts = ["a", "b", "c", "d"].map((name) => ({ name, subject, floor: 1, format: formatCount }));
    const cluster = buildCluster({ history: build(count(60)) });
    const rows = [60, 80, 120, 200].map((width) => {
      const lines = selectHistoryLines(stateAt(0), cluster, charts, width);
      // The heading is cut by the screen, as all lines are.
      for (const line of lines.slice(1)) expect(lineWidth(line)).toBeLessThanOrEqual(width);
      return lines.filter((line) => plainText(line).includes("highest")).length;
    });
    expect(rows).toEqual([4, 2, 2, 1]);
  });

  it("are left out where nothing was ever known", () => {
    expect(draw(stateAt(0), build([null, null]))).toEqual([]);
    expect(draw(stateAt(0), createHistory(1_000))).toEqual([]);
  });
});

it.each([
  [formatSeconds(0.44), "0.4s"],
  [formatSeconds(12.4), "12s"],
  [formatMs(1_001), "1001ms"],
  [formatRate(0.25), "0.3"],
])("figures are short: %s", (text, wanted) => {
  expect(text).toBe(wanted);
});
