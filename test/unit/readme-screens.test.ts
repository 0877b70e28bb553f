import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readScreen, replaceScreen } from "../../scripts/readme/markers.ts";
import { SCREENS } from "../../scripts/readme/screens.ts";
import { haproxyColumns } from "../../src/ui/columns/node-haproxies.ts";
import { NODE_COLUMNS } from "../../src/ui/columns/nodes.ts";
import { textWidth } from "../../src/ui/format/text.ts";
import { plainText } from "../../src/ui/paint.ts";
import { selectNodeDetail } from "../../src/ui/selectors/detail-node.ts";
import { selectFooter } from "../../src/ui/selectors/footer.ts";
import { selectHeader } from "../../src/ui/selectors/header.ts";
import { buildConsoleState } from "../support/console-state.ts";
import { buildCluster, buildNode } from "../support/snapshots.ts";

const README = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
const AGAIN = "take the screens anew: npm run screens";

const state = (columns: number, rows: number) => buildConsoleState({ size: { columns, rows } });

/** Titles in the order of the table, as far as they are in the line; what is left over is told, too. */
function readTitles(heading: string): { readonly titles: string[]; readonly rest: string } {
  const columns = [...NODE_COLUMNS, ...haproxyColumns(["lb1", "lb2"])];
  const titles: string[] = [];
  let rest = heading;
  for (const { title } of columns) {
    if (!rest.trimStart().startsWith(title)) continue;
    titles.push(title);
    rest = rest.trimStart().slice(title.length);
  }
  return { titles, rest: rest.trim() };
}

describe("the screens of the README", () => {
  it.each(SCREENS)(
    "$id is as large as it says, with the panes and the keys that there are",
    ({ id, columns, rows }) => {
      const lines = readScreen(README, id);
      expect(lines, AGAIN).toHaveLength(rows);
      for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(columns);
      expect(lines[0]).toMatch(/^signalbox {2}lab .* \d\d:\d\d:\d\d$/);
      expect(lines[1], AGAIN).toBe(plainText(selectHeader(state(columns, rows), columns)[1]).trimEnd());
      const { overlay } = state(columns, rows);
      const detail = { kind: "detail", pane: "nodes", key: "db4", top: 0 } as const;
      const shown = { ...state(columns, rows), overlay: id === "detail" ? detail : overlay };
      expect(lines.at(-1), AGAIN).toBe(plainText(selectFooter(shown, columns)).trimEnd());
    },
  );

  it.each(["nodes", "wide"])("%s has the columns of the Nodes pane, in their order", (id) => {
    const { titles, rest } = readTitles(readScreen(README, id)[2] ?? "");
    expect(rest, AGAIN).toBe("");
    expect(titles.length).toBeGreaterThan(8);
  });

  it("detail has the parts that the detail of a node has", () => {
    const cluster = buildCluster();
    const node = cluster.nodes.at(-1) ?? buildNode("db4");
    const headings = selectNodeDetail(state(120, 40), cluster, node, 120)
      .filter((line) => line[0]?.token === "heading")
      .map(plainText);
    const shown = readScreen(README, "detail").map((line) => line.split("  ")[0] ?? "");
    const order = headings.filter((heading) => shown.includes(heading));
    expect(order, AGAIN).toEqual(expect.arrayContaining(["Node", "In HAProxy"]));
    expect(shown, AGAIN).toContain("History");
  });

  it("are replaced between their markers only", () => {
    const text = "a\n<!-- screen x -->\n```\nold\n```\n<!-- end of screen -->\nb\n";
    expect(replaceScreen(text, "x", ["new  ", "", "$& "])).toBe(text.replace("old", () => "new\n\n$&"));
    expect(() => readScreen(text, "y")).toThrow("no markers of the screen y");
  });
});
