import { describe, expect, it } from "vitest";
import { holdEvents } from "../../../src/cli/hold-events.ts";
import type { Engine, EngineEvent, EngineRequest } from "../../../src/engine/protocol.ts";
import { buildSnapshot } from "../../support/snapshots.ts";

/** An engine that says what the test tells it to. */
function createScriptedEngine() {
  const listeners = new Set<(event: EngineEvent) => void>();
  const requests: EngineRequest[] = [];
  const engine: Engine = {
    send: (request) => requests.push(request),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stop: () => Promise.resolve(),
  };
  const emit = (event: EngineEvent) => {
    for (const listener of [...listeners]) listener(event);
  };
  return { engine, emit, requests, listeners };
}

describe("an engine whose events are held", () => {
  it("hands over what was said before the first subscriber came, of snapshots only the newest", () => {
    const { engine, emit } = createScriptedEngine();
    const held = holdEvents(engine);
    emit({ type: "snapshot", snapshot: buildSnapshot({ seq: 1 }) });
    emit({ type: "log", at: 1, line: "one" });
    emit({ type: "snapshot", snapshot: buildSnapshot({ seq: 2 }) });
    const got: EngineEvent[] = [];
    held.subscribe((event) => got.push(event));
    expect(got.map((event) => (event.type === "snapshot" ? event.snapshot.seq : event.type))).toEqual(["log", 2]);
    emit({ type: "log", at: 2, line: "two" });
    expect(got).toHaveLength(3);
  });

  it("gives nothing twice and keeps nothing once somebody listens", () => {
    const { engine, emit, listeners } = createScriptedEngine();
    const held = holdEvents(engine);
    emit({ type: "log", at: 1, line: "one" });
    const first: EngineEvent[] = [];
    const second: EngineEvent[] = [];
    const unsubscribe = held.subscribe((event) => first.push(event));
    held.subscribe((event) => second.push(event));
    emit({ type: "log", at: 2, line: "two" });
    expect([first.length, second.length]).toEqual([2, 1]);
    unsubscribe();
    emit({ type: "log", at: 3, line: "three" });
    expect([first.length, second.length]).toEqual([2, 2]);
    expect(listeners.size).toBe(1);
  });

  it("a watcher hears everything and does not count as the subscriber", () => {
    const { engine, emit, requests } = createScriptedEngine();
    const held = holdEvents(engine);
    const watched: EngineEvent[] = [];
    held.watch((event) => watched.push(event));
    emit({ type: "log", at: 1, line: "one" });
    const got: EngineEvent[] = [];
    held.subscribe((event) => got.push(event));
    expect([watched.length, got.length]).toEqual([1, 1]);
    held.send({ type: "refresh" });
    expect(requests).toEqual([{ type: "refresh" }]);
  });
});
