/** An engine that says what the test tells it to say, and remembers what it was asked. */
import type { Engine, EngineEvent, EngineRequest } from "../../src/engine/protocol.ts";

export interface FakeEngine extends Engine {
  readonly requests: readonly EngineRequest[];
  readonly stopped: boolean;
  emit(event: EngineEvent): void;
}

export function createFakeEngine(onRequest: (request: EngineRequest) => void = () => undefined): FakeEngine {
  const listeners = new Set<(event: EngineEvent) => void>();
  const requests: EngineRequest[] = [];
  let stopped = false;
  return {
    requests,
    get stopped() {
      return stopped;
    },
    send(request) {
      requests.push(request);
      onRequest(request);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async stop() {
      stopped = true;
    },
    emit(event) {
      for (const listener of listeners) listener(event);
    },
  };
}
