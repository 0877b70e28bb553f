/** The engine in the thread of its caller: for headless commands, tests, and inside the worker. */
import type { Settings } from "../model/settings.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { Monitor } from "../monitor/monitor.ts";
import { observeOnceWith } from "../monitor/observe-once.ts";
import type { MonitorParts } from "../monitor/parts.ts";
import { settledWithin } from "../monitor/within.ts";
import { realParts } from "./drivers.ts";
import type { Engine, EngineEvent, EngineRequest } from "./protocol.ts";

const STOP_WITHIN_MS = 2_000;
const ONCE_TIMEOUT_MS = 3_000;

/**
 * Looks once at everything, in parallel, and resolves when all have answered or failed, at the latest after `timeoutMs` (default 3 s;
 * what has not answered by then is failed: timeout). Never rejects for what a server does.
 */
export function observeOnce(
  settings: Settings,
  options: { readonly timeoutMs?: number } = {},
  parts: MonitorParts = realParts,
): Promise<Snapshot> {
  return observeOnceWith(settings, parts, { timeoutMs: options.timeoutMs ?? ONCE_TIMEOUT_MS });
}

/** Starts polling at once; subscribe in the same turn of the event loop to miss nothing. */
export function createInProcessEngine(settings: Settings, parts: MonitorParts = realParts): Engine {
  const listeners = new Set<(event: EngineEvent) => void>();
  const emit = (event: EngineEvent) => {
    for (const listener of [...listeners]) listener(event);
  };
  const monitor = new Monitor(settings, parts, {
    snapshot: (snapshot) => emit({ type: "snapshot", snapshot }),
    sessions: (cluster, node, reading) => emit({ type: "sessions", report: { cluster, node, reading } }),
    log: (at, line) => emit({ type: "log", at, line }),
  });
  let stopping: Promise<void> | null = null;
  const stop = () => {
    stopping ??= settledWithin(parts.clock, STOP_WITHIN_MS, monitor.close()).then(() => emit({ type: "stopped" }));
    return stopping;
  };
  monitor.start();
  return {
    send: (request) => obey(monitor, request, stop),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stop,
  };
}

function obey(monitor: Monitor, request: EngineRequest, stop: () => Promise<void>): void {
  switch (request.type) {
    case "refresh":
      monitor.refresh();
      return;
    case "watch-sessions":
      monitor.watchSessions(request.cluster, request.node);
      return;
    case "stop":
      void stop();
      return;
  }
}
