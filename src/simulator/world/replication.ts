/** Receivers and appliers of simulated replicas: they fetch from the binary log of the node that has the source's address. */
import { appendTransaction, comparePoints, eventAt, nextEventIndex } from "./binlog.ts";
import { advancePosition, currentPosition, positionHolds } from "./gtid.ts";
import type { Binlog, Channel, GtidPosition, Node, World } from "./state.ts";

const connectRetryMs = 5_000;
/** slave_net_timeout: how long a receiver believes in a source that says nothing. */
const netTimeoutMs = 60_000;
const heartbeatPeriodMs = 30_000;
const transferMs = 20;

export function findNode(world: World, host: string, port: number): Node | undefined {
  return world.nodes.find((node) => node.port === port && node.host === host);
}

function fail(channel: Channel, code: number, message: string, nowMs: number): void {
  channel.receiver.error = { code, message, atMs: nowMs };
  channel.receiver.nextIndex = null;
}

/** First event a replica with this position lacks; null when the log no longer reaches back so far. */
function locateByGtid(binlog: Binlog, position: GtidPosition): number | null {
  const offset = binlog.events.findIndex(({ transaction }) => !positionHolds(position, transaction));
  if (offset === -1) return nextEventIndex(binlog);
  const first = binlog.events[offset]?.transaction;
  const known = first === undefined ? 0 : (position.get(first.domain)?.sequence ?? 0);
  const purged = binlog.firstIndex > 0 && offset === 0 && first !== undefined && first.sequence > known + 1;
  return purged ? null : binlog.firstIndex + offset;
}

function locateByPoint(binlog: Binlog, channel: Channel): number | null {
  const offset = binlog.events.findIndex((event) => comparePoints(event, channel.received) > 0);
  if (offset === -1) return comparePoints(binlog, channel.received) >= 0 ? nextEventIndex(binlog) : null;
  return binlog.firstIndex > 0 && offset === 0 ? null : binlog.firstIndex + offset;
}

function connectReceiver(world: World, node: Node, channel: Channel): void {
  const { receiver } = channel;
  receiver.nextTryAtMs = world.nowMs + connectRetryMs;
  const source = findNode(world, channel.sourceHost, channel.sourcePort);
  const address = `${channel.sourceUser}@${channel.sourceHost}:${channel.sourcePort}`;
  if (source === undefined || source.process !== "running") {
    const reason =
      source?.process === "frozen"
        ? `Can't connect to server on '${channel.sourceHost}' (110 "Connection timed out")`
        : `Can't connect to server on '${channel.sourceHost}' (111 "Connection refused")`;
    receiver.state = "connecting";
    fail(
      channel,
      2003,
      `error connecting to master '${address}' - retry-time: 5  maximum-retries: 100000  message: ${reason}`,
      world.nowMs,
    );
    return;
  }
  if (source.serverId === node.serverId) {
    receiver.state = "no";
    const text =
      "Fatal error: The slave I/O thread stops because master and slave have equal MariaDB server ids; these ids must be different for replication to work (or the --replicate-same-server-id option must be used on slave but this does not always make sense; please check the manual before using it).";
    fail(channel, 1593, text, world.nowMs);
    return;
  }
  attachReceiver(world, node, channel, source);
}

function attachReceiver(world: World, node: Node, channel: Channel, source: Node): void {
  const { receiver } = channel;
  if (channel.usingGtid !== "No") {
    // A receiver that uses GTIDs throws its relay log away and asks again from what was executed.
    channel.relayLog.length = 0;
    channel.receivedGtid = channel.usingGtid === "Current_Pos" ? currentPosition(node) : new Map(node.replicaPosition);
  }
  const index =
    channel.usingGtid === "No"
      ? locateByPoint(source.binlog, channel)
      : locateByGtid(source.binlog, channel.receivedGtid);
  if (index === null) {
    receiver.state = "no";
    fail(
      channel,
      1236,
      "Got fatal error 1236 from master when reading data from binary log: 'Could not find GTID state requested by slave in any binlog files. Probably the slave state is too old and required binlog files have been purged.'",
      world.nowMs,
    );
    return;
  }
  receiver.state = "yes";
  receiver.error = null;
  receiver.nextIndex = index;
  receiver.sourceIncarnation = source.incarnation;
  receiver.lastHeardAtMs = world.nowMs;
  channel.sourceServerId = source.serverId;
  if (channel.relayLog.length === 0) {
    const before = eventAt(source.binlog, index - 1);
    const start =
      before ?? (index === nextEventIndex(source.binlog) ? source.binlog : { file: source.binlog.file, pos: 328 });
    Object.assign(channel.received, { file: start.file, pos: start.pos });
    Object.assign(channel.executed, channel.received);
  }
}

function fetchEvents(world: World, channel: Channel, source: Node): void {
  const { receiver } = channel;
  for (;;) {
    const event = receiver.nextIndex === null ? undefined : eventAt(source.binlog, receiver.nextIndex);
    if (event === undefined || event.writtenAtMs + transferMs > world.nowMs) break;
    channel.relayLog.push(event);
    channel.received.file = event.file;
    channel.received.pos = event.pos;
    advancePosition(channel.receivedGtid, event.transaction);
    receiver.nextIndex = (receiver.nextIndex ?? 0) + 1;
    receiver.lastHeardAtMs = world.nowMs;
  }
  if (world.nowMs - receiver.lastHeardAtMs >= heartbeatPeriodMs) {
    receiver.heartbeats += 1;
    receiver.lastHeardAtMs = world.nowMs;
  }
}

function stepReceiver(world: World, node: Node, channel: Channel): void {
  const { receiver } = channel;
  if (receiver.state === "no") return;
  if (receiver.state === "connecting") {
    if (world.nowMs >= receiver.nextTryAtMs) connectReceiver(world, node, channel);
    return;
  }
  const source = findNode(world, channel.sourceHost, channel.sourcePort);
  const lost =
    source === undefined || source.process === "stopped" || source.incarnation !== receiver.sourceIncarnation;
  const silent = source?.process === "frozen" && world.nowMs - receiver.lastHeardAtMs > netTimeoutMs;
  if (lost || silent) {
    receiver.state = "connecting";
    connectReceiver(world, node, channel);
  } else if (source.process === "running") fetchEvents(world, channel, source);
}

function applyNext(world: World, node: Node, channel: Channel): boolean {
  const event = channel.relayLog[0];
  const { applier } = channel;
  if (event === undefined || event.transaction.committedAtMs + applier.holdBackMs > world.nowMs) return false;
  if (applier.failsNext !== null) {
    applier.error = { ...applier.failsNext, atMs: world.nowMs };
    applier.failsNext = null;
    applier.running = false;
    return false;
  }
  channel.relayLog.shift();
  channel.executed.file = event.file;
  channel.executed.pos = event.pos;
  // What the node wrote itself comes back in a ring and is skipped, as replicate_same_server_id=0 does.
  if (event.transaction.serverId === node.serverId) return true;
  advancePosition(node.replicaPosition, event.transaction);
  if (node.logReplicaUpdates) appendTransaction(node, event.transaction, world.nowMs);
  applier.executedTransactions += 1;
  return true;
}

/** Lets every thread of the node's channels work for `elapsedMs`. */
export function stepReplication(world: World, node: Node, elapsedMs: number): void {
  if (node.process !== "running") return;
  for (const channel of node.channels) {
    stepReceiver(world, node, channel);
    let left = Math.ceil((channel.applier.capacityPerSecond * elapsedMs) / 1000);
    while (left > 0 && channel.applier.running && applyNext(world, node, channel)) left -= 1;
  }
}

/** Seconds_Behind_Master: null unless both threads run, 0 when everything received is applied. */
export function secondsBehind(world: World, channel: Channel): number | null {
  if (channel.receiver.state !== "yes" || !channel.applier.running) return null;
  const next = channel.relayLog[0];
  return next === undefined ? 0 : Math.max(0, Math.floor((world.nowMs - next.transaction.committedAtMs) / 1000));
}
