import { describe, expect, test } from "vitest";
import { isInTransition, selectServerState } from "../../../../src/drivers/haproxy/server-status.ts";
import type { ServerState } from "../../../../src/model/haproxy.ts";

const STATUSES: readonly (readonly [status: string, state: ServerState, inTransition: boolean])[] = [
  ["UP", "up", false],
  ["UP 1/3", "up", true],
  ["UP 2/3", "up", true],
  ["UP -99999985/3", "up", false],
  ["DOWN", "down", false],
  ["DOWN 1/2", "down", true],
  ["DOWN 4/99999999", "down", true],
  ["DOWN (agent)", "down", false],
  ["NOLB", "nolb", false],
  ["NOLB 1/3", "nolb", true],
  ["DRAIN", "drain", false],
  ["DRAIN 1/3", "drain", true],
  ["DRAIN (agent)", "drain", false],
  ["MAINT", "maint", false],
  ["MAINT(via)", "maint", false],
  ["MAINT (via read_nodes/db3)", "maint", false],
  ["MAINT (resolution)", "maint", false],
  ["no check", "unchecked", false],
  ["", "unknown", false],
  ["OPEN", "unknown", false],
  ["UP (2/3)", "unknown", false],
  ["UPPER", "unknown", false],
  ["up", "unknown", false],
  ["SLEEPING", "unknown", false],
  ["\u001b[31mUP", "unknown", false],
];

describe("selectServerState", () => {
  test.each(STATUSES)("reads status %j as %s (checks being counted: %s)", (status, state, inTransition) => {
    expect(selectServerState(status, null)).toBe(state);
    expect(isInTransition(status)).toBe(inTransition);
  });

  test("calls a server that is down and drained down, as HAProxy does", () => {
    expect(selectServerState("DOWN", 8)).toBe("down");
  });

  test("keeps a server up that is disabled in the configuration and was made ready", () => {
    expect(selectServerState("UP", 4)).toBe("up");
  });

  test.each([
    [1, "maint"],
    [2, "maint"],
    [5, "maint"],
    [32, "maint"],
    [96, "maint"],
    [104, "maint"],
    [8, "drain"],
    [16, "drain"],
    [24, "drain"],
    [0, "unknown"],
    [4, "unknown"],
    [64, "unknown"],
    [null, "unknown"],
  ] as const)("reads admin bits %s without a status as %s", (bits, state) => {
    expect(selectServerState(null, bits)).toBe(state);
    expect(isInTransition(null)).toBe(false);
  });
});
