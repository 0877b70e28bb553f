import { describe, expect, it } from "vitest";
import { isWorkerMessage, parseHostMessage } from "../../../src/engine/messages.ts";

describe("messages at the worker boundary", () => {
  it.each([
    { type: "ack", of: "snapshot" },
    { type: "resync" },
    { type: "request", request: { type: "refresh" } },
    { type: "request", request: { type: "stop" } },
    { type: "request", request: { type: "watch-sessions", cluster: "shop", node: "db1" } },
    { type: "request", request: { type: "watch-sessions", cluster: "shop", node: null } },
  ])("understands $type $request.type", (message) => {
    expect(parseHostMessage(structuredClone(message))).toEqual(message);
  });

  it.each([
    null,
    "refresh",
    { type: "ack", of: "everything" },
    { type: "request" },
    { type: "request", request: { type: "drop-database" } },
    { type: "request", request: { type: "watch-sessions", cluster: "shop" } },
  ])("drops %j", (message) => {
    expect(parseHostMessage(message)).toBeNull();
  });

  it("takes only messages of the worker for such", () => {
    expect(isWorkerMessage({ type: "log", at: 1, line: "x" })).toBe(true);
    expect(isWorkerMessage({ type: "stopped" })).toBe(true);
    expect(isWorkerMessage({ type: "snapshot", seq: 2, base: 1, patch: [] })).toBe(true);
    expect(isWorkerMessage({ type: "snapshot", seq: 2, base: null, patch: null })).toBe(false);
    expect(isWorkerMessage({ type: "snapshot" })).toBe(false);
    expect(isWorkerMessage({ type: "other" })).toBe(false);
    expect(isWorkerMessage(undefined)).toBe(false);
  });
});
