/** Receivers and appliers of simulated replicas: they fetch from the binary log of the node that has the source's address. */
import { appendTransaction, clashesWith, comparePoints, eventAt, keepRow, nextEventIndex } from "./binlog.ts";
import { advancePosition, positionHolds } from "./gtid.ts";
import { areWritesHeld } from "./locks.ts";
import { rulesOf } from "./products/select.ts";
import {
  type Binlog,
  type BinlogEvent,
  binlogFileName,
  type Channel,
  type GtidPosition,
  type Node,
  type World,
} from "./state.ts";

const connectRetryMs = 5_000;
/** slave_net_timeout: how long a receiver believes in a source that says nothing. */
const netTimeoutMs = 60_000;
const heartbeatPeriodMs = 30_000;
/** A network of one machine room. */
const transferMs = 1;

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
  const rules = rulesOf(node);
  const { sourceHost: host, sourcePort: port, sourceUser } = channel;
  const explain = (reason: string): string => rules.cannotConnect(`${sourceUser}@${host}:${port}`, reason);
  if (source === undefined || source.process !== "running") {
    const reason = source?.process === "frozen" ? rules.timedOut(host, port) : rules.refused(host, port);
    receiver.state = "connecting";
    fail(channel, 2003, explain(reason), world.nowMs);
    return;
  }
  const account = world.accounts.find(({ user }) => user === sourceUser);
  if (account === undefined || account.password !== channel.sourcePassword) {
    receiver.state = "connecting";
    const reason = `Access denied for user '${sourceUser}'@'${node.host}' (using password: YES)`;
    fail(channel, 1045, explain(reason), world.nowMs);
    return;
  }
  if (source.serverId === node.serverId) {
    receiver.state = "no";
    fail(channel, rules.sameServerId.code, rules.sameServerId.message, world.nowMs);
    return;
  }
  attachReceiver(world, node, channel, source);
}

function attachReceiver(world: World, node: Node, channel: Channel, source: Node): void {
  const { receiver } = channel;
  const rules = rulesOf(node);
  const byFile = channel.usingGtid === "No";
  if (!byFile) {
    channel.receivedGtid = rules.askedPosition(node, channel);
    if (!rules.keepsRelayLog) channel.relayLog.length = 0;
  }
  const unknown = byFile ? null : rulesOf(source).findUnknown(source, channel.receivedGtid);
  const index = byFile
    ? locateByPoint(source.binlog, channel)
    : unknown === null
      ? locateByGtid(source.binlog, channel.receivedGtid)
      : null;
  if (index === null) {
    receiver.state = "no";
    const impossible = rules.impossible(binlogFileName(channel.received.file), channel.received.pos);
    const { code, message } = rules.fatalRead(unknown ?? (byFile ? impossible : rules.purged));
    fail(channel, code, message, world.nowMs);
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
      before ??
      (index === nextEventIndex(source.binlog)
        ? source.binlog
        : { file: source.binlog.file, pos: source.binlog.headerBytes });
    Object.assign(channel.received, { file: start.file, pos: start.pos });
    Object.assign(channel.executed, channel.received);
  }
}

function keepReceived(channel: Channel, event: BinlogEvent): void {
  const { domain, sequence } = event.transaction;
  channel.relayLog.push(event);
  advancePosition(channel.receivedGtid, event.transaction);
  if (!channel.receivedFrom.has(domain)) channel.receivedFrom.set(domain, sequence);
}

function fetchEvents(world: World, node: Node, channel: Channel, source: Node): void {
  const { receiver } = channel;
  const { isPassedOver } = rulesOf(node);
  for (;;) {
    const event = receiver.nextIndex === null ? undefined : eventAt(source.binlog, receiver.nextIndex);
    if (event === undefined || event.writtenAtMs + transferMs > world.nowMs) break;
    channel.received.file = event.file;
    channel.received.pos = event.pos;
    if (isPassedOver(node, channel, event)) {
      if (channel.relayLog.length === 0) Object.assign(channel.executed, channel.received);
    } else keepReceived(channel, event);
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
  } else if (source.process === "running") fetchEvents(world, node, channel, source);
}

function describeClash({ transaction, file, pos }: BinlogEvent): string {
  return `Could not execute Write_rows_v1 event on table shop.orders; Duplicate entry '${transaction.row?.id ?? 0}' for key 'PRIMARY', Error_code: 1062; handler error HA_ERR_FOUND_DUPP_KEY; the event's master log ${binlogFileName(file)}, end_log_pos ${pos}`;
}

function applyNext(world: World, node: Node, channel: Channel): boolean {
  const event = channel.relayLog[0];
  const { applier } = channel;
  if (event === undefined || event.transaction.committedAtMs + applier.holdBackMs > world.nowMs) return false;
  const { applierError } = rulesOf(node);
  if (applier.failsNext !== null) {
    const { code, message } = applier.failsNext;
    applier.error = { code, message: applierError(event, message), atMs: world.nowMs };
    applier.failsNext = null;
    applier.running = false;
    return false;
  }
  const own = event.transaction.serverId === node.serverId;
  if (!own && clashesWith(node, event.transaction)) {
    applier.error = { code: 1062, message: applierError(event, describeClash(event)), atMs: world.nowMs };
    applier.running = false;
    return false;
  }
  channel.relayLog.shift();
  channel.executed.file = event.file;
  channel.executed.pos = event.pos;
  // What the node wrote itself comes back in a ring and is skipped, as replicate_same_server_id=0 does.
  if (own) return true;
  advancePosition(node.replicaPosition, event.transaction);
  if (node.logReplicaUpdates) appendTransaction(node, event.transaction, world.nowMs);
  else keepRow(node, event.transaction);
  for (const scheduled of node.events)
    if (`${scheduled.schema}.${scheduled.name}` === event.transaction.enables) scheduled.status = "SLAVESIDE_DISABLED";
  applier.executedTransactions += 1;
  return true;
}

/** Lets every thread of the node's channels work for `elapsedMs`. */
export function stepReplication(world: World, node: Node, elapsedMs: number): void {
  if (node.process !== "running") return;
  for (const channel of node.channels) {
    stepReceiver(world, node, channel);
    let left = Math.ceil((channel.applier.capacityPerSecond * elapsedMs) / 1000);
    if (areWritesHeld(node)) continue;
    while (left > 0 && channel.applier.running && applyNext(world, node, channel)) left -= 1;
  }
}

/** Seconds_Behind_Master, Seconds_Behind_Source: null unless both threads run, 0 when everything received is applied. */
export function secondsBehind(world: World, channel: Channel): number | null {
  if (channel.receiver.state !== "yes" || !channel.applier.running) return null;
  const next = channel.relayLog[0];
  return next === undefined ? 0 : Math.max(0, Math.floor((world.nowMs - next.transaction.committedAtMs) / 1000));
}
