/** Receivers and appliers of simulated replicas: they fetch from the binary log of the node that has the source's address. */
import { appendTransaction, clashesWith, comparePoints, eventAt, keepRow, nextEventIndex } from "./binlog.ts";
import { isGloballyLocked } from "./global-lock.ts";
import { advancePosition, currentPosition, positionHolds } from "./gtid.ts";
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

const unknownPosition =
  "Error: connecting slave requested to start from GTID <gtid>, which is not in the master's binlog";
const divergedPosition = `${unknownPosition}. Since the master's binlog contains GTIDs with higher sequence numbers, it probably means that the slave has diverged due to executing extra erroneous transactions`;
const purgedPosition =
  "Could not find GTID state requested by slave in any binlog files. Probably the slave state is too old and required binlog files have been purged.";

/** What a source says to a replica that asks for a transaction the source never had; null when it had all of them. */
function findUnknown(source: Node, position: GtidPosition): string | null {
  for (const [domain, { serverId, sequence }] of position) {
    const own = source.binlogPosition.get(domain);
    if (own === undefined || (source.binlogState.get(`${domain}-${serverId}`) ?? 0) >= sequence) continue;
    const text = own.sequence > sequence ? divergedPosition : unknownPosition;
    return text.replace("<gtid>", `${domain}-${serverId}-${sequence}`);
  }
  return null;
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
  const account = world.accounts.find(({ user }) => user === channel.sourceUser);
  if (account === undefined || account.password !== channel.sourcePassword) {
    const text = `error connecting to master '${address}' - retry-time: 5  maximum-retries: 100000  message: Access denied for user '${channel.sourceUser}'@'${node.host}' (using password: YES)`;
    receiver.state = "connecting";
    fail(channel, 1045, text, world.nowMs);
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
  const byFile = channel.usingGtid === "No";
  const unknown = byFile ? null : findUnknown(source, channel.receivedGtid);
  const index = byFile
    ? locateByPoint(source.binlog, channel)
    : unknown === null
      ? locateByGtid(source.binlog, channel.receivedGtid)
      : null;
  if (index === null) {
    receiver.state = "no";
    const impossible = `Client requested master to start replication from impossible position; the first event '${binlogFileName(channel.received.file)}' at ${channel.received.pos}`;
    const reason = unknown ?? (byFile ? impossible : purgedPosition);
    const text = `Got fatal error 1236 from master when reading data from binary log: '${reason}'`;
    fail(channel, 1236, text, world.nowMs);
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

function describeClash({ transaction, file, pos }: BinlogEvent): string {
  return `Could not execute Write_rows_v1 event on table shop.orders; Duplicate entry '${transaction.row?.id ?? 0}' for key 'PRIMARY', Error_code: 1062; handler error HA_ERR_FOUND_DUPP_KEY; the event's master log ${binlogFileName(file)}, end_log_pos ${pos}`;
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
  const own = event.transaction.serverId === node.serverId;
  if (!own && clashesWith(node, event.transaction)) {
    applier.error = { code: 1062, message: describeClash(event), atMs: world.nowMs };
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
    if (isGloballyLocked(node)) continue;
    while (left > 0 && channel.applier.running && applyNext(world, node, channel)) left -= 1;
  }
}

/** Seconds_Behind_Master: null unless both threads run, 0 when everything received is applied. */
export function secondsBehind(world: World, channel: Channel): number | null {
  if (channel.receiver.state !== "yes" || !channel.applier.running) return null;
  const next = channel.relayLog[0];
  return next === undefined ? 0 : Math.max(0, Math.floor((world.nowMs - next.transaction.committedAtMs) / 1000));
}
