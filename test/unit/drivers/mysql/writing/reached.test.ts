import { expect, test } from "vitest";
import { compareCoordinates, selectMissing } from "../../../../../src/drivers/mysql/writing/reached.ts";
import { parseMariadbSet } from "../../../../../src/model/gtid/mariadb-set.ts";

const missing = (wanted: string, replicated: string, logged: string) =>
  selectMissing(parseMariadbSet(wanted), parseMariadbSet(replicated), parseMariadbSet(logged));

test.each([
  ["0-1-100", "0-1-100", "", null],
  ["0-1-100", "0-1-101", "", null],
  ["0-1-100", "0-1-99", "", "0-1-100"],
  ["0-1-100", "", "", "0-1-100"],
  ["", "", "", null],
  // A domain that never arrived is missing, also when another one is far ahead.
  ["0-1-100,1-1-1", "0-1-500", "", "1-1-1"],
  // What it wrote itself once comes back to it, and is not applied again.
  ["0-1-100,2-7-5", "0-1-100", "2-7-5", null],
  // Writes of its own that nobody else has are no progress: another server's id is wanted.
  ["0-1-100", "0-1-99", "0-1-99,0-2-5000", "0-1-100"],
])("of %s, with %s replicated and %s logged, %s is missing", (wanted, replicated, logged, expected) => {
  expect(missing(wanted, replicated, logged)).toBe(expected);
});

test("coordinates are ordered by the number of the file, then by offset; files of other names have no order", () => {
  const at = (file: string, pos: number) => ({ file, pos });
  expect(compareCoordinates(at("b.000001", 5), at("b.000001", 4))).toBeGreaterThan(0);
  expect(compareCoordinates(at("b.000002", 4), at("b.000001", 500))).toBeGreaterThan(0);
  expect(compareCoordinates(at("b.999999", 4), at("b.1000000", 4))).toBeLessThan(0);
  expect(compareCoordinates(at("b.000001", 4), at("b.000001", 4))).toBe(0);
  expect(compareCoordinates(at("a.000002", 4), at("b.000001", 4))).toBeNull();
  expect(compareCoordinates(at("b", 4), at("b.000001", 4))).toBeNull();
});
