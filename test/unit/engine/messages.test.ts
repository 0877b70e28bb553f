import { describe, expect, it } from "vitest";
import { isEngineEvent, parseHostMessage } from "../../../src/engine/messages.ts";

describe("messages at the worker boundary", () => {
  it.each([
    { type: "ack", of: "snapshot" },
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

  it("takes only events of the engine for events", () => {
    expect(isEngineEvent({ type: "log", at: 1, line: "x" })).toBe(true);
    expect(isEngineEvent({ type: "stopped" })).toBe(true);
    expect(isEngineEvent({ type: "snapshot" })).toBe(false);
    expect(isEngineEvent({ type: "other" })).toBe(false);
    expect(isEngineEvent(undefined)).toBe(false);
  });
});
