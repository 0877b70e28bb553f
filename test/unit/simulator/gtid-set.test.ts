import { expect, test } from "vitest";
import { uuidOf } from "../../../src/simulator/world/gtid.ts";
import { formatGtidSet, parseGtidSet, subtractGtidSet, toGtidSet } from "../../../src/simulator/world/gtid-set.ts";

const [a, b] = ["3e11fa47-71ca-11e1-9e33-c80aa9429562", "4a6f2a8e-71ca-11e1-9e33-c80aa9429562"];

function read(text: string) {
  const set = parseGtidSet(text);
  if (set === null) throw new Error(`no set: ${text}`);
  return set;
}

test.each([
  ["", ""],
  [`${a}:1`, `${a}:1`],
  [`${a}:5-7:1-4`, `${a}:1-7`],
  [`${b}:3,\n${a.toUpperCase()}:1-2:9`, `${a}:1-2:9,\n${b}:3`],
  [`${a}:1,${a}:2`, `${a}:1-2`],
])("a set is written in order, with intervals that touch made one: %s", (text, written) => {
  expect(formatGtidSet(read(text))).toBe(written);
});

test.each(["0-1-7", `${a}`, `${a}:`, `${a}:0`, `${a}:x`, "1-2:3"])("%s is no set", (text) => {
  expect(parseGtidSet(text)).toBeNull();
});

test.each([
  [`${a}:1-10`, `${a}:3-5`, `${a}:1-2:6-10`],
  [`${a}:1-10`, `${a}:1-10`, ""],
  [`${a}:1-10,${b}:1`, `${b}:1-4`, `${a}:1-10`],
  [`${a}:4`, `${a}:1-3:5`, `${a}:4`],
  [`${a}:2-9`, `${a}:1-4:8-20`, `${a}:5-7`],
])("%s without %s is %s", (left, right, rest) => {
  expect(formatGtidSet(subtractGtidSet(read(left), read(right)))).toBe(rest);
});

test("a position is everything of each server up to it, or from where it was received", () => {
  const position = new Map([
    [1, { serverId: 1, sequence: 9 }],
    [2, { serverId: 2, sequence: 1 }],
  ]);
  expect(formatGtidSet(toGtidSet(position))).toBe(`${uuidOf(1)}:1-9,\n${uuidOf(2)}:1`);
  expect(formatGtidSet(toGtidSet(position, new Map([[1, 9]])))).toBe(`${uuidOf(1)}:9,\n${uuidOf(2)}:1`);
});
