/** The engine as the screen's thread holds it: a worker that is started, listened to, and started again when it dies. */
import { Worker } from "node:worker_threads";
import type { OperationProgress } from "../model/operation.ts";
import type { Settings } from "../model/settings.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { blankSnapshot, markLost } from "./lost-engine.ts";
import { isWorkerMessage } from "./messages.ts";
import type { Engine, EngineEvent, EngineRequest, HostMessage } from "./protocol.ts";
import { SnapshotDecoder, type SnapshotMessage } from "./wire/snapshot-wire.ts";

const STOP_WITHIN_MS = 2_000;
/** While an operation runs it is given time to reach a safe point. */
const STOP_OPERATION_WITHIN_MS = 12_000;
const FIRST_RESTART_MS = 500;
const MAX_RESTART_MS = 5_000;
const MIN_SILENCE_MS = 5_000;

/** Starts the worker at once. `workerUrl` is dist/engine.js in the build, src/engine/entry.ts under tsx. Never throws for what the worker does. */
export function createWorkerEngine(settings: Settings, workerUrl: URL): Engine {
  const host = new EngineHost(settings, workerUrl);
  return {
    send: (request) => host.send(request),
    subscribe: (listener) => host.subscribe(listener),
    stop: () => host.stop(),
  };
}

class EngineHost {
  readonly #settings: Settings;
  readonly #workerUrl: URL;
  readonly #listeners = new Set<(event: EngineEvent) => void>();
  #worker: Worker | null = null;
  #decoder = new SnapshotDecoder();
  #sessionsRequest: EngineRequest | null = null;
  readonly #running = new Set<string>();
  #last: Snapshot | null = null;
  #lost = false;
  #seqBase = 0;
  #restartMs = FIRST_RESTART_MS;
  #restartTimer: NodeJS.Timeout | null = null;
  #heardMs = performance.now();
  readonly #watchdog: NodeJS.Timeout;
  #stopping: Promise<void> | null = null;
  #onStopped = () => {};

  constructor(settings: Settings, workerUrl: URL) {
    this.#settings = settings;
    // Run from sources: threads do not inherit the loader on Node 20, a small start file registers it.
    this.#workerUrl = workerUrl.pathname.endsWith(".ts") ? new URL("./dev-entry.mjs", workerUrl) : workerUrl;
    this.#watchdog = setInterval(() => this.#checkSilence(), 1_000);
    this.#start();
  }

  send(request: EngineRequest): void {
    if (request.type === "stop") {
      void this.stop();
      return;
    }
    if (request.type === "watch-sessions") this.#sessionsRequest = request;
    this.#post({ type: "request", request });
  }

  subscribe(listener: (event: EngineEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#shutDown();
    return this.#stopping;
  }

  async #shutDown(): Promise<void> {
    clearInterval(this.#watchdog);
    if (this.#restartTimer !== null) clearTimeout(this.#restartTimer);
    const worker = this.#worker;
    if (worker !== null) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, this.#running.size > 0 ? STOP_OPERATION_WITHIN_MS : STOP_WITHIN_MS);
        this.#onStopped = () => {
          clearTimeout(timer);
          resolve();
        };
        this.#post({ type: "request", request: { type: "stop" } });
      });
      await worker.terminate();
    }
    this.#emit({ type: "stopped" });
  }

  #start(): void {
    // Its output is caught: one line of it in the middle of the screen would destroy the picture.
    const worker = new Worker(this.#workerUrl, {
      workerData: { settings: this.#settings },
      stdout: true,
      stderr: true,
      name: "signalbox-engine",
    });
    this.#worker = worker;
    this.#decoder = new SnapshotDecoder();
    this.#heardMs = performance.now();
    worker.stdout.resume();
    worker.stderr.on("data", (chunk: Buffer) => this.#log(`engine: ${chunk.toString("utf8").trimEnd()}`));
    worker.on("message", (message: unknown) => this.#receive(message));
    worker.on("messageerror", (error) => this.#log(`engine: unreadable message: ${error.message}`));
    worker.on("error", (error) => this.#log(`engine: ${error instanceof Error ? error.message : String(error)}`));
    worker.on("exit", (code) => this.#exited(code));
    if (this.#sessionsRequest !== null) this.#post({ type: "request", request: this.#sessionsRequest });
  }

  #receive(message: unknown): void {
    if (!isWorkerMessage(message)) {
      this.#log("engine: an event it should not send was dropped");
      return;
    }
    this.#heardMs = performance.now();
    this.#post({ type: "ack", of: message.type });
    if (message.type === "stopped") this.#onStopped();
    else if (message.type === "snapshot") this.#decode(message);
    else {
      if (message.type === "operation") this.#follow(message.progress);
      this.#emit(message);
    }
  }

  #follow({ id, state }: OperationProgress): void {
    if (state === "running" || state === "draining") this.#running.add(id);
    else this.#running.delete(id);
  }

  /** What cannot be put together is never shown in part: the worker is asked for a whole one. */
  #decode(message: SnapshotMessage): void {
    let snapshot: Snapshot | null = null;
    try {
      snapshot = this.#decoder.decode(message);
    } catch (error) {
      this.#log(`engine: a snapshot could not be read: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (snapshot === null) this.#post({ type: "resync" });
    else this.#show(snapshot);
  }

  /** A worker begins to count anew, and pictures made here lie between: numbers keep rising all the same. */
  #show(snapshot: Snapshot): void {
    if (this.#stopping !== null) return;
    this.#lost = false;
    this.#restartMs = FIRST_RESTART_MS;
    this.#publish({ ...snapshot, seq: this.#seqBase + snapshot.seq });
  }

  #publish(snapshot: Snapshot): void {
    this.#last = snapshot;
    this.#emit({ type: "snapshot", snapshot });
  }

  #exited(code: number): void {
    this.#worker = null;
    this.#running.clear();
    if (this.#stopping !== null) {
      this.#onStopped();
      return;
    }
    this.#log(`engine: ended with code ${code}, starting again in ${this.#restartMs} ms`);
    this.#lose("the engine of signalbox ended unexpectedly and is being started again");
    this.#seqBase = this.#last?.seq ?? 0;
    this.#restartTimer = setTimeout(() => this.#start(), this.#restartMs);
    this.#restartMs = Math.min(MAX_RESTART_MS, this.#restartMs * 2);
  }

  /** A worker that hangs says nothing: what is on screen must not go on looking fresh. */
  #checkSilence(): void {
    const limitMs = Math.max(MIN_SILENCE_MS, 3 * this.#settings.intervalMs);
    const isSilent = () => performance.now() - this.#heardMs > limitMs;
    if (!isSilent() || this.#lost) return;
    // If it was this thread that stood still, the messages are waiting and are read before the check phase.
    setImmediate(() => {
      if (isSilent() && this.#stopping === null)
        this.#lose(`nothing heard from the engine of signalbox for ${limitMs} ms`);
    });
  }

  #lose(message: string): void {
    if (this.#lost) return;
    const last = this.#last ?? blankSnapshot(this.#settings, Date.now());
    this.#lost = true;
    this.#seqBase += 1;
    this.#publish(markLost(last, last.seq + 1, Date.now(), message));
  }

  #post(message: HostMessage): void {
    this.#worker?.postMessage(message);
  }

  #log(line: string): void {
    this.#emit({ type: "log", at: Date.now(), line });
  }

  #emit(event: EngineEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}
