import { describe, expect, it } from "vitest";
import { UNICODE_GLYPHS } from "../../../../src/ui/glyphs.ts";
import { orderTree } from "../../../../src/ui/selectors/tree.ts";
import * as build from "../../../support/snapshots.ts";

const node = (name: string, ...sources: (string | null)[]) =>
  build.buildNode(name, { channels: sources.map((source) => build.buildChannel("x", { sourceNode: source })) });
const draw = (nodes: ReturnType<typeof node>[], preferred: string[] = []) =>
  orderTree(nodes, preferred, UNICODE_GLYPHS).map((row) => row.prefix + row.node.name);

describe("orderTree", () => {
  it("puts replicas below their source, and relays' replicas below them", () => {
    expect(draw([node("db3", "relay"), node("relay", "db1"), node("db2", "db1"), node("db1")])).toEqual([
      "db1",
      "├─relay",
      "│ └─db3",
      "└─db2",
    ]);
  });

  it("enters a primary–primary pair at the writer", () => {
    expect(draw([node("a", "b"), node("b", "a")], ["b"])).toEqual(["b", "└─a"]);
  });

  it("loses nobody in a ring, nor a node that follows itself or a stranger", () => {
    const names = draw([node("a", "c"), node("b", "a"), node("c", "b"), node("self", "self"), node("orphan", null)]);
    expect(names.map((name) => name.replace(/^[│├└─ ]*/, "")).sort()).toEqual(["a", "b", "c", "orphan", "self"]);
  });

  it("shows a node with several sources once", () => {
    expect(draw([node("a"), node("b"), node("multi", "a", "b")])).toEqual(["a", "└─multi", "b"]);
  });
});
