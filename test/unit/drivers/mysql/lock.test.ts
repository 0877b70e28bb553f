import { expect, test } from "vitest";
import {
  buildGetLock,
  buildLockHolder,
  buildReleaseLock,
  parseLockHolder,
} from "../../../../src/drivers/mysql/lock.ts";
import { writingSession } from "../../../../src/drivers/mysql/writing-session.ts";
import { buildLockName } from "../../../../src/model/lock-name.ts";
import { toRow } from "./recordings.ts";

test.each(["prod", "into", "O'Hara", "x".repeat(99)])("the lock statements of cluster %s may be sent", (cluster) => {
  const name = buildLockName(cluster);
  for (const sql of [buildGetLock(name, 0.2), buildReleaseLock(name), buildLockHolder(name)]) {
    expect(() => writingSession.assertMaySend(sql)).not.toThrow();
  }
  expect(buildGetLock(name, 0.2)).toContain(", 1)");
  expect(buildGetLock(name, -3)).toContain(", 0)");
});

test("the holder is told with user and host where they can be seen, since when, and whether it is the asker", () => {
  const owner = toRow({ user: "ops", host: "10.0.0.7:4242", held: "12" });
  expect(parseLockHolder(toRow({ id: "7", own: "8" }), owner)).toEqual({
    connectionId: 7,
    user: "ops",
    host: "10.0.0.7:4242",
    heldSeconds: 12,
    own: false,
  });
  expect(parseLockHolder(toRow({ id: "8", own: "8" }), null)).toMatchObject({ user: null, host: null, own: true });
  expect(parseLockHolder(toRow({ id: null, own: "8" }), owner)).toBeNull();
  expect(parseLockHolder(undefined, null)).toBeNull();
});
