import { expect, test } from "vitest";
import { parseCount } from "../../../../src/drivers/haproxy/number.ts";

test.each([
  ["0", 0],
  ["007", 7],
  ["-1", -1],
  ["999999999999999", 999_999_999_999_999],
  ["18446744073709551615", 2 ** 64],
  ["1.5", 1.5],
  ["", null],
  [undefined, null],
  [" 1", null],
  ["1e3", null],
  ["0x10", null],
  ["-", null],
  ["12a", null],
  ["Infinity", null],
])("reads %j as %j", (text, count) => {
  expect(parseCount(text)).toBe(count);
});
