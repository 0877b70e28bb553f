/** Names as fleets have them: long, and alike but for a few letters. */
import { expect, it } from "vitest";
import { buildRequest } from "../../../../src/ui/act/request.ts";
import { type Line, plainText } from "../../../../src/ui/paint.ts";
import { selectScreen } from "../../../../src/ui/selectors/screen.ts";
import type { ConsoleState, PlanPanel } from "../../../../src/ui/state/state.ts";
import { buildConsoleState } from "../../../support/console-state.ts";
import { buildPlan } from "../../../support/plans.ts";
import * as build from "../../../support/snapshots.ts";

const nameOf = (number: number) => `prod-eu-central-1-mysql-shop-server-0${number}`;
/** The longest there may be. */
const LONGEST = "node-".padEnd(63, "x").concat("9");

function stateAt(columns: number, overlay: PlanPanel | null = null): ConsoleState {
  const snapshot = build.buildSnapshot({
    clusters: [build.buildCluster({ nodes: [1, 2, 3].map((number) => build.buildNode(nameOf(number))) })],
  });
  const state = buildConsoleState({ size: { columns, rows: 24 }, themeName: "mono", color: false });
  return { ...state, feed: { snapshot, sessions: null, timeline: [] }, overlay };
}

function linesOf(state: ConsoleState): string[] {
  const model = selectScreen(state);
  const lines: readonly Line[] = model.kind === "tiny" ? model.lines : model.body.map(({ line }) => line);
  return lines.map((line) => plainText(line).trimEnd());
}

const planOf = (word: string, typed: string): PlanPanel => {
  const request = buildRequest("promote", "shop", { targets: [word] });
  const plan = buildPlan(request, { danger: "disruptive", confirmWord: word, title: `Promote ${word} (now ${word})` });
  return {
    kind: "plan",
    serial: 1,
    requestId: "screen-1",
    request,
    plan: { ...plan, notes: Array.from({ length: 30 }, (_, index) => `note ${index}`) },
    refusal: null,
    notice: null,
    typed,
    pendingSince: null,
    top: 0,
  };
};

it("tells the nodes of a fleet apart in the table, where their names are cut", () => {
  const rows = linesOf(stateAt(80)).filter((line) => line.includes("prod"));
  expect(rows).toHaveLength(3);
  for (const [index, row] of rows.entries()) expect(row).toMatch(new RegExp(`prod\\S+-0${index + 1} `));
});

it.each([
  [80, nameOf(2)],
  [80, LONGEST],
  [60, LONGEST],
])("at %i columns the word that has to be typed is whole, and so are the key and the way out: %s", (columns, word) => {
  const lines = linesOf(stateAt(columns, planOf(word, "")));
  const caret = lines.findIndex((line) => line.startsWith("  > "));
  const asked = lines.slice(1, caret).join(" ").replace(/\s+/g, " ");
  expect(asked.replaceAll(" ", "")).toContain(`Type${word}andpressEntertorunit;Escleaves`);
  for (const line of lines) expect(line).not.toContain("run it; E…");
});

it("shows the end of what is typed, and that there is more below, however long the names are", () => {
  const lines = linesOf(stateAt(60, planOf(LONGEST, LONGEST)));
  expect(lines.find((line) => line.startsWith("  > "))).toMatch(/x9▏$/);
  expect(lines[0]).toMatch(/ {2}1-17 of \d+$/);
});

it.each([
  [["shop-production-eu-central", "billing-production-eu-central"], /\[ \] ✖1 other$/],
  [["shop", "billing"], / ✖billing$/],
  [Array.from({ length: 30 }, (_, index) => `cluster-${index}`), /\[ \] ✖29 others$/],
])("shows at 80 columns that another cluster is in trouble, whatever is wrong with this one: %j", (names, shown) => {
  const alerts = (["critical", "warning", "info"] as const).map((severity) => build.buildAlert({ severity }));
  const clusters = names.map((name, index) =>
    build.buildCluster({ name, alerts: index === 0 ? alerts : [], health: index === 0 ? "warning" : "critical" }),
  );
  const feed = { snapshot: build.buildSnapshot({ clusters }), sessions: null, timeline: [] };
  const model = selectScreen({ ...stateAt(80), feed });
  if (model.kind === "tiny") throw new Error("80x24 is not tiny");
  expect(plainText(model.alerts[0] ?? []).trimEnd()).toMatch(shown);
});
