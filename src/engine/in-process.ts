/** The engine in the thread of its caller: for headless commands, tests, and inside the worker. */
import type { ClusterInput } from "../model/join.ts";
import type { Settings } from "../model/settings.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { Monitor } from "../monitor/monitor.ts";
import { observeOnceWith } from "../monitor/observe-once.ts";
import type { MonitorParts } from "../monitor/parts.ts";
import { settledWithin } from "../monitor/within.ts";
import type { Journal } from "../operations/journal/journal.ts";
import { createJournalWatch, type JournalWatch } from "../operations/journal/watch.ts";
import type { Operations } from "../operations/operations.ts";
import { openDrivers, type RealDrivers } from "./drivers.ts";
import { createAlertHook } from "./hook/hook.ts";
import { openMetrics } from "./metrics/metrics.ts";
import { openJournal, openOperations } from "./operations.ts";
import { createOperationsDesk, type OperationsDesk } from "./operations-desk.ts";
import type { Engine, EngineEvent, EngineRequest } from "./protocol.ts";

const STOP_WITHIN_MS = 2_000;
const ONCE_TIMEOUT_MS = 3_000;
/** A running operation is not cut off between two steps: it has this long to reach a safe point. */
const SAFE_POINT_WITHIN_MS = 10_000;

/** How the engine gets at operations; tests give their own. */
export interface EngineOperations {
  readonly journal: Journal;
  /** Null when started read-only. */
  readonly open: (
    settings: Settings,
    base: (cluster: string) => ClusterInput | null,
    drivers: RealDrivers | null,
  ) => Operations | null;
}

const realOperations: EngineOperations = {
  journal: openJournal(),
  open: (settings, base, drivers) => openOperations(settings, drivers === null ? { base } : { base, drivers }),
};

/**
 * Looks once at everything, in parallel, and resolves when all have answered or failed, at the latest after `timeoutMs` (default 3 s;
 * what has not answered by then is failed: timeout). Never rejects for what a server does.
 */
export async function observeOnce(
  settings: Settings,
  options: { readonly timeoutMs?: number } = {},
  given: MonitorParts | null = null,
): Promise<Snapshot> {
  const drivers = given === null ? openDrivers(settings) : null;
  const parts = given ?? (drivers as RealDrivers).parts;
  const watch = given === null ? watchJournal(settings, parts, realOperations.journal) : null;
  await watch?.refresh();
  const known = watch === null ? parts : { ...parts, journalFacts: watch.facts };
  try {
    return await observeOnceWith(settings, known, { timeoutMs: options.timeoutMs ?? ONCE_TIMEOUT_MS });
  } finally {
    watch?.close();
    await drivers?.close();
  }
}

function watchJournal(settings: Settings, { clock }: MonitorParts, journal: Journal): JournalWatch {
  const clusters = settings.clusters.map(({ name }) => name);
  return createJournalWatch(journal, clusters, clock);
}

/** Starts polling at once; subscribe in the same turn of the event loop to miss nothing. */
export function createInProcessEngine(
  settings: Settings,
  given: MonitorParts | null = null,
  own: EngineOperations | null = given === null ? realOperations : null,
): Engine {
  const drivers = given === null ? openDrivers(settings) : null;
  const plain = given ?? (drivers as RealDrivers).parts;
  const listeners = new Set<(event: EngineEvent) => void>();
  const emit = (event: EngineEvent) => {
    for (const listener of [...listeners]) listener(event);
  };
  const log = (at: number, line: string) => emit({ type: "log", at, line });
  const metrics = openMetrics(settings, plain, log);
  const parts = metrics?.parts ?? plain;
  const watch = own === null ? null : watchJournal(settings, parts, own.journal);
  const hook = createAlertHook(settings, parts.clock, log);
  const monitor = new Monitor(settings, watch === null ? parts : { ...parts, journalFacts: watch.facts }, {
    snapshot: (snapshot) => {
      metrics?.see(snapshot);
      emit({ type: "snapshot", snapshot: hook?.see(snapshot) ?? snapshot });
    },
    sessions: (cluster, node, reading) => emit({ type: "sessions", report: { cluster, node, reading } }),
    log,
  });
  const operations = own?.open(settings, (cluster) => monitor.input(cluster), drivers) ?? null;
  const desk = createOperationsDesk(operations, own?.journal ?? null, (event) => {
    emit(event);
    // What was changed is seen at once, and what an operation left behind with the next picture.
    if (event.type === "operation") {
      monitor.refresh();
      const { state } = event.progress;
      if (state !== "running" && state !== "draining") monitor.askBeside();
    }
    if (event.type === "operations") void watch?.refresh();
  });
  let stopping: Promise<void> | null = null;
  const stop = () => {
    stopping ??= shutDown();
    return stopping;
  };
  async function shutDown(): Promise<void> {
    await settledWithin(parts.clock, SAFE_POINT_WITHIN_MS, desk.stopAll());
    watch?.close();
    metrics?.close();
    const closed = Promise.allSettled([monitor.close(), operations?.close(), hook?.close()]);
    await settledWithin(parts.clock, STOP_WITHIN_MS, closed);
    await drivers?.close();
    emit({ type: "stopped" });
  }
  monitor.start();
  return {
    send: (request) => obey(monitor, desk, request, stop),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stop,
  };
}

function obey(monitor: Monitor, desk: OperationsDesk, request: EngineRequest, stop: () => Promise<void>): void {
  switch (request.type) {
    case "refresh":
      monitor.refresh();
      monitor.askBeside();
      return;
    case "watch-sessions":
      monitor.watchSessions(request.cluster, request.node);
      return;
    case "plan":
      void desk.plan(request.requestId, request.request);
      return;
    case "run":
      desk.run(request.planId);
      return;
    case "stop-operation":
      desk.stop(request.operationId);
      return;
    case "choose":
      desk.choose(request.operationId, request.choice);
      return;
    case "list-operations":
      void desk.list(request.cluster);
      return;
    case "record":
    case "replay":
      return;
    case "stop":
      void stop();
      return;
  }
}
