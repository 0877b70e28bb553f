/** The worker: drivers and monitor away from the thread that draws, so that a terminal that does not read delays no poll. */
import { parentPort, workerData } from "node:worker_threads";
import type { Settings } from "../model/settings.ts";
import { createInProcessEngine } from "./in-process.ts";
import { parseHostMessage } from "./messages.ts";
import { Outbox } from "./outbox.ts";
import type { WorkerMessage } from "./protocol.ts";
import { SnapshotEncoder } from "./wire/snapshot-wire.ts";

function run(port: NonNullable<typeof parentPort>, settings: Settings): void {
  const encoder = new SnapshotEncoder();
  // Encoded when it goes, not when it is offered: what a newer one replaces must not count as sent.
  const post = (message: WorkerMessage) => port.postMessage(message);
  const outbox = new Outbox((event) => post(event.type === "snapshot" ? encoder.encode(event.snapshot) : event));
  const log = (line: string) => outbox.offer({ type: "log", at: Date.now(), line });
  // A defect in one place must not take away the sight of everything else.
  process.on("uncaughtException", (error) => log(`engine: uncaught: ${error.stack ?? error.message}`));
  process.on("unhandledRejection", (reason) => {
    log(`engine: unhandled: ${reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)}`);
  });
  const engine = createInProcessEngine(settings);
  engine.subscribe((event) => outbox.offer(event));
  port.on("message", (value: unknown) => {
    const message = parseHostMessage(value);
    if (message === null) log("engine: a message it does not know was dropped");
    else if (message.type === "ack") outbox.acknowledge(message.of);
    else if (message.type === "resync") encoder.reset();
    else engine.send(message.request);
  });
}

if (parentPort === null) throw new Error("engine: this file is the worker of signalbox and is not run by itself");
run(parentPort, (workerData as { readonly settings: Settings }).settings);
