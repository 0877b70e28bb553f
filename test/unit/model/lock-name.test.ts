import { expect, test } from "vitest";
import { buildLockName, isLockName } from "../../../src/model/lock-name.ts";

test("the lock of a cluster is named after it", () => {
  expect(buildLockName("prod-eu")).toBe("signalbox:prod-eu");
});

test("a name that is too long or has odd characters gets a stable name of its own, within 64 characters", () => {
  const names = [
    "x".repeat(54),
    "x".repeat(55),
    "x".repeat(500),
    `${"x".repeat(500)}y`,
    "O'Hara",
    "O_Hara",
    "näher",
    "a\nb",
    "",
  ];
  const locks = names.map(buildLockName);
  expect(locks).toEqual(names.map(buildLockName));
  expect(new Set(locks).size).toBe(names.length);
  for (const lock of locks) {
    expect(isLockName(lock), lock).toBe(true);
    expect(lock).toMatch(/^signalbox:/);
  }
  expect(locks[0]).toHaveLength(64);
});
