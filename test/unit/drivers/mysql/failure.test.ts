import { describe, expect, it } from "vitest";
import { DriverError } from "../../../../src/drivers/errors.ts";
import { isStatementError, mapError } from "../../../../src/drivers/mysql/failure.ts";

const target = "db1 10.0.0.11:3306";
const serverError = (errno: number, message = "words of the server") =>
  Object.assign(new Error(message), { errno, code: "ER_SOMETHING" });
const systemError = (code: string) =>
  Object.assign(new Error(`connect ${code}`), { errno: -111, code, syscall: "connect" });

describe("An error of the server becomes", () => {
  it.each([
    [1040, "rejected"],
    [1203, "rejected"],
    [1226, "rejected"],
    [1129, "rejected"],
    [1130, "auth"],
    [1044, "auth"],
    [1045, "auth"],
    [1698, "auth"],
    [1251, "auth"],
    [1275, "auth"],
    [1820, "auth"],
    [3118, "auth"],
    [4151, "auth"],
    [3159, "tls"],
    [1053, "rejected"],
    [3032, "rejected"],
    [1969, "timeout"],
    [3024, "timeout"],
    [1205, "timeout"],
  ] as const)("%i: %s, with what to do", (errno, kind) => {
    const error = mapError(serverError(errno), target, "connect");
    expect(error).toMatchObject({ kind, target, operation: "connect", serverCode: errno });
    expect(error.message).toContain(`${target}: connect: `);
    expect(error.message).toContain(`${errno}: words of the server`);
    expect(error.advice).toMatch(/\S.*\.$/);
  });

  it("rejected when its number is not known, with number and words", () => {
    expect(mapError(serverError(1234), target, "counters")).toMatchObject({
      kind: "rejected",
      serverCode: 1234,
      advice: null,
    });
  });
});

describe("An error of the system becomes", () => {
  it.each([
    ["ECONNREFUSED", "unreachable"],
    ["EHOSTUNREACH", "unreachable"],
    ["ENETUNREACH", "unreachable"],
    ["ENOTFOUND", "unreachable"],
    ["EAI_AGAIN", "unreachable"],
    ["ECONNRESET", "unreachable"],
    ["EPIPE", "unreachable"],
    ["ETIMEDOUT", "timeout"],
    ["PROTOCOL_CONNECTION_LOST", "unreachable"],
    ["HANDSHAKE_NO_SSL_SUPPORT", "tls"],
    ["HANDSHAKE_SSL_ERROR", "tls"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "tls"],
    ["SELF_SIGNED_CERT_IN_CHAIN", "tls"],
    ["CERT_HAS_EXPIRED", "tls"],
    ["PROTOCOL_ERROR", "protocol"],
    ["SOMETHING_NEW", "protocol"],
  ] as const)("%s: %s", (code, kind) => {
    expect(mapError(systemError(code), target, "connect")).toMatchObject({ kind, serverCode: code });
  });

  it("the first of several when a name has several addresses", () => {
    const both = Object.assign(new AggregateError([systemError("ECONNREFUSED"), systemError("ECONNREFUSED")], ""), {
      code: "ECONNREFUSED",
    });
    expect(mapError(both, target, "connect").message).toContain("connect ECONNREFUSED");
  });
});

describe("What was thrown", () => {
  it("keeps its cause, and a DriverError passes unchanged", () => {
    const cause = serverError(1045);
    const error = mapError(cause, target, "connect");
    expect(error.cause).toBe(cause);
    expect(mapError(error, "other", "other")).toBe(error);
  });

  it("is shown even when it is no error at all", () => {
    expect(mapError("odd", target, "connect")).toBeInstanceOf(DriverError);
    expect(mapError("odd", target, "connect").message).toContain("odd");
  });

  it.each([
    ["an answer of the server", serverError(1227), true],
    ["a fatal error of the connection", Object.assign(serverError(1053), { fatal: true }), false],
    ["an error of the system", systemError("ECONNRESET"), false],
    ["a defect", new TypeError("x"), false],
  ])("leaves the connection usable after %s: %s", (_, error, usable) => {
    expect(isStatementError(error)).toBe(usable);
  });
});
