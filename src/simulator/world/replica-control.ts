/** START and STOP of replication threads, as statements ask for it. */
import type { Channel, World } from "./state.ts";

export type ThreadChoice = "io" | "sql" | "both";

/** Stops threads; true when at least one was running (else the server only warns). */
export function stopThreads(channel: Channel, threads: ThreadChoice): boolean {
  let stopped = false;
  if (threads !== "sql" && channel.receiver.state !== "no") {
    channel.receiver.state = "no";
    channel.receiver.nextIndex = null;
    stopped = true;
  }
  if (threads !== "io" && channel.applier.running) {
    channel.applier.running = false;
    stopped = true;
  }
  return stopped;
}

/** Starts threads; their errors of before are forgotten. True when at least one was not running. */
export function startThreads(world: World, channel: Channel, threads: ThreadChoice): boolean {
  let started = false;
  if (threads !== "sql" && channel.receiver.state === "no") {
    channel.receiver.state = "connecting";
    channel.receiver.error = null;
    channel.receiver.nextTryAtMs = world.nowMs;
    started = true;
  }
  if (threads !== "io" && !channel.applier.running) {
    channel.applier.running = true;
    channel.applier.error = null;
    started = true;
  }
  return started;
}
