import { describe, expect, test } from "vitest";
import type { HaproxyChange } from "../../../../src/drivers/contract.ts";
import { DriverError } from "../../../../src/drivers/errors.ts";
import { buildHaproxyCommand } from "../../../../src/drivers/haproxy/change-command.ts";
import type { AdminState } from "../../../../src/model/operation.ts";

const where = { haproxy: "lb1", backend: "read_nodes", server: "db2" } as const;

test.each([
  [{ kind: "server-state", ...where, state: "drain" }, "set server read_nodes/db2 state drain"],
  [{ kind: "server-state", ...where, state: "maint" }, "set server read_nodes/db2 state maint"],
  [{ kind: "server-state", ...where, state: "ready" }, "set server read_nodes/db2 state ready"],
  [{ kind: "server-weight", ...where, weight: 0 }, "set server read_nodes/db2 weight 0"],
  [{ kind: "server-weight", ...where, weight: 256 }, "set server read_nodes/db2 weight 256"],
  [{ kind: "shutdown-sessions", ...where }, "shutdown sessions server read_nodes/db2"],
  [
    { kind: "shutdown-sessions", ...where, backend: "a.b:c-d_E", server: "10.0.0.1:3306" },
    "shutdown sessions server a.b:c-d_E/10.0.0.1:3306",
  ],
] satisfies readonly (readonly [HaproxyChange, string])[])("the command of %j is %s", (change, command) => {
  expect(buildHaproxyCommand(change)).toBe(command);
});

function refusalOf(change: HaproxyChange): DriverError {
  try {
    buildHaproxyCommand(change);
  } catch (error) {
    if (error instanceof DriverError) return error;
    throw error;
  }
  throw new Error("it was not refused");
}

describe("a name that would be more than a name is refused, and the character is told", () => {
  test.each([
    ["db2;shutdown frontend web", '";"'],
    ["db2\nshow info", '"\\n"'],
    ["db2\r", '"\\r"'],
    ["db 2", '" "'],
    ["db2\\", '"\\\\"'],
    ["#1", '"#"'],
    ["a/b", '"/"'],
    ["dbé", '"é"'],
    ["db\u0000", '"\\u0000"'],
    ["😀", '"😀"'],
  ])("%j", (name, character) => {
    for (const change of [
      { kind: "shutdown-sessions", ...where, server: name },
      { kind: "shutdown-sessions", ...where, backend: name },
    ] as const) {
      const error = refusalOf(change);
      expect(error).toMatchObject({ kind: "rejected", target: "lb1", operation: "shutdown-sessions" });
      expect(error.message).toContain(`holds ${character}`);
      expect(error.message).not.toContain("\n");
    }
  });

  test("an empty name is refused too", () => {
    expect(refusalOf({ kind: "shutdown-sessions", ...where, server: "" }).message).toContain("no name");
  });
});

test.each([-1, 257, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("a weight of %s is refused", (weight) => {
  expect(refusalOf({ kind: "server-weight", ...where, weight })).toMatchObject({
    kind: "rejected",
    message: expect.stringContaining("0 to 256"),
  });
});

test("a state or a kind of change that is not known is refused", () => {
  expect(refusalOf({ kind: "server-state", ...where, state: "stop;show env" as AdminState }).kind).toBe("rejected");
  const frontend = { kind: "shutdown-frontend", ...where } as unknown as HaproxyChange;
  expect(refusalOf(frontend).message).toContain("no change");
});
