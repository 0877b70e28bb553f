import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { scenarios } from "../../../src/simulator/training/scenarios.ts";
import { shapeNames } from "../../../src/simulator/world/shapes.ts";

const page = readFileSync(new URL("../../../docs/simulator.md", import.meta.url), "utf8");

/** First cells of the rows of a section's table. */
function namesIn(section: string): string[] {
  const text = page.split(`## ${section}\n`)[1]?.split("\n## ")[0] ?? "";
  return [...text.matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name ?? "");
}

test("docs/simulator.md has every scenario and every shape, and no other", () => {
  expect(namesIn("Scenarios")).toEqual(scenarios.map(({ name }) => name));
  expect(namesIn("Shapes")).toEqual([...shapeNames]);
});
