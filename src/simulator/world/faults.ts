/** What can happen to a node: faults for scenarios and tests, each taken back by another one of these. */
import { rotateBinlog } from "./binlog.ts";
import { closeSession } from "./sessions.ts";
import type { Node, World } from "./state.ts";

/** The process dies: connections break, the port is closed, nothing is lost that was in the binary log. */
export function killNode(_world: World, node: Node): void {
  if (node.process === "stopped") return;
  node.process = "stopped";
  for (const session of [...node.sessions]) closeSession(session);
  for (const connection of [...node.connections.values()]) connection.close();
  node.connections.clear();
  node.globalLock = null;
  node.tableLock = null;
}

/** Starts a stopped node (or does nothing): a new binary log file, read_only as configured, replication starts by itself. */
export function startNode(world: World, node: Node): void {
  if (node.process !== "stopped") return;
  node.process = "running";
  node.incarnation += 1;
  node.startedAtMs = world.nowMs;
  node.nextConnectionId = 5;
  node.statements = 0;
  rotateBinlog(node.binlog);
  const isKept = (name: string): boolean | null =>
    node.persisted.has(name) ? node.persisted.get(name) === "ON" : null;
  node.superReadOnly = isKept("super_read_only") ?? false;
  node.readOnly = node.superReadOnly || (isKept("read_only") ?? node.configuredReadOnly);
  node.variables.clear();
  for (const [name, value] of node.configuredVariables) node.variables.set(name, value);
  for (const channel of node.channels) {
    channel.receiver.state = "connecting";
    channel.receiver.nextTryAtMs = world.nowMs;
    channel.receiver.error = null;
    channel.receiver.nextIndex = null;
    channel.applier.running = true;
    channel.applier.error = null;
  }
}

/** As SIGSTOP: connections stay open, new ones are accepted by the kernel, nothing answers. */
export function freezeNode(_world: World, node: Node): void {
  if (node.process === "running") node.process = "frozen";
}

/** As SIGCONT. */
export function thawNode(_world: World, node: Node): void {
  if (node.process === "frozen") node.process = "running";
}

/** The applier of every channel stops with a duplicate key at its next transaction. */
export function breakApplier(_world: World, node: Node): void {
  for (const { applier } of node.channels) {
    applier.failsNext = {
      code: 1062,
      message:
        "Could not execute Write_rows_v1 event on table shop.orders; Duplicate entry '4711' for key 'PRIMARY', Error_code: 1062; handler error HA_ERR_FOUND_DUPP_KEY; the event's master log mysql-bin.000001, end_log_pos 4711",
    };
  }
}
