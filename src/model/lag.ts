/** Seconds a channel is behind, with the way they were found. A number only while both threads run and a figure was read. */
import type { LagFrom, MysqlReport, ReplicaChannel } from "./mysql.ts";

export interface Lag {
  readonly seconds: number | null;
  readonly from: LagFrom;
}

const UNKNOWN: Lag = { seconds: null, from: "unknown" };

/** A heartbeat row that is older than this at the server that should write it is no longer written, and measures nothing. */
const HEARTBEAT_DEAD_SECONDS = 10;

/** Replication heartbeat of both flavours with default settings. */
const DEFAULT_PERIOD_SECONDS = 30;

/** What is needed besides the channel: all from fresh readings. */
export interface LagContext {
  /** Heartbeat rows as the replica has them. */
  readonly heartbeats: MysqlReport["heartbeats"];
  /** server_id of the node where writes enter the chain; null when the chain is not known to its top. */
  readonly rootServerId: number | null;
  /** Heartbeat rows as that node has them; null when it is not fresh or has none. */
  readonly rootHeartbeats: MysqlReport["heartbeats"];
  /** For how long the source, one of our nodes, has not answered us; null while it answers, or is none of ours. Infinity: it never did. */
  readonly sourceSilentSeconds: number | null;
}

/**
 * Heartbeat row of the top of the chain, else commit times, else the server's own figure. The last two measure against received events
 * only, so they are unknown when the source has been silent for two heartbeat periods, or is silent to us and the replica has not heard
 * from it since: a hung source would read as 0 for up to slave_net_timeout (MariaDB 10.11, MySQL 9.7).
 */
export function selectLag(channel: ReplicaChannel, context: LagContext): Lag {
  if (channel.io !== "yes" || channel.sql !== "yes") return UNKNOWN;
  const heartbeat = selectHeartbeat(channel, context);
  if (heartbeat !== null) return { seconds: heartbeat, from: "heartbeat" };
  if (isSourceSilent(channel) || !isSourceHeard(channel, context.sourceSilentSeconds)) return UNKNOWN;
  if (channel.transactionLagSeconds !== null)
    return { seconds: Math.max(0, channel.transactionLagSeconds), from: "gtid" };
  if (channel.secondsBehind !== null) return { seconds: channel.secondsBehind, from: "status" };
  return UNKNOWN;
}

/** True when neither event nor heartbeat came for two heartbeat periods, as far as the server tells. */
export function isSourceSilent(channel: ReplicaChannel): boolean {
  const { secondsSinceHeartbeat, heartbeatPeriodSeconds } = channel;
  if (secondsSinceHeartbeat === null || heartbeatPeriodSeconds === null || heartbeatPeriodSeconds <= 0) return false;
  return secondsSinceHeartbeat > 2 * heartbeatPeriodSeconds + 1;
}

/** False when the source is silent to us and nothing shows that the replica heard from it after we last did. */
function isSourceHeard(channel: ReplicaChannel, silentSeconds: number | null): boolean {
  if (silentSeconds === null) return true;
  const { secondsSinceHeartbeat, heartbeatPeriodSeconds } = channel;
  if (secondsSinceHeartbeat === null) return false;
  return secondsSinceHeartbeat < Math.min(silentSeconds, (heartbeatPeriodSeconds ?? DEFAULT_PERIOD_SECONDS) + 1);
}

function selectHeartbeat(channel: ReplicaChannel, context: LagContext): number | null {
  const writer = context.rootServerId ?? channel.sourceServerId;
  const row = context.heartbeats?.find(({ serverId }) => serverId === writer);
  if (row === undefined) return null;
  const origin = context.rootHeartbeats?.find(({ serverId }) => serverId === writer);
  if (origin !== undefined && origin.ageSeconds > HEARTBEAT_DEAD_SECONDS) return null;
  return Math.max(0, row.ageSeconds);
}
