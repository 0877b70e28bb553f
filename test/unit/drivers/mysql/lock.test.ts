import { expect, test } from "vitest";
import {
  buildGetLock,
  buildLockHolder,
  buildLockName,
  buildReleaseLock,
  isLockName,
  parseLockHolder,
} from "../../../../src/drivers/mysql/lock.ts";
import { writingSession } from "../../../../src/drivers/mysql/writing-session.ts";
import { toRow } from "./recordings.ts";

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

test.each(["prod", "into", "O'Hara", "x".repeat(99)])("the lock statements of cluster %s may be sent", (cluster) => {
  const name = buildLockName(cluster);
  for (const sql of [buildGetLock(name, 0.2), buildReleaseLock(name), buildLockHolder(name)]) {
    expect(() => writingSession.assertMaySend(sql)).not.toThrow();
  }
  expect(buildGetLock(name, 0.2)).toContain(", 1)");
  expect(buildGetLock(name, -3)).toContain(", 0)");
});

test("the holder is told with user and host where they can be seen, and whether it is the asker", () => {
  const owner = toRow({ user: "ops", host: "10.0.0.7:4242" });
  expect(parseLockHolder(toRow({ id: "7", own: "8" }), owner)).toEqual({
    connectionId: 7,
    user: "ops",
    host: "10.0.0.7:4242",
    own: false,
  });
  expect(parseLockHolder(toRow({ id: "8", own: "8" }), null)).toMatchObject({ user: null, host: null, own: true });
  expect(parseLockHolder(toRow({ id: null, own: "8" }), owner)).toBeNull();
  expect(parseLockHolder(undefined, null)).toBeNull();
});
