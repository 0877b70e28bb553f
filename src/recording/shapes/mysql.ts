/** What nodes said, as a recording may have it. */
import type {
  AttachedReplica,
  BinlogPosition,
  ClientSession,
  Flavor,
  GtidState,
  LagFrom,
  MysqlReport,
  ReplicaChannel,
  ReplicationError,
  ReportProblem,
  SemiSync,
} from "../../model/mysql.ts";
import type { ChannelSnapshot } from "../../model/snapshot.ts";
import { failure } from "./common.ts";
import { flag, list, nullable, number, oneOf, optional, record, type Shape, text } from "./shape.ts";

const count = nullable(number);
const words = nullable(text);
const maybe = nullable(flag);
const flavor: Shape<Flavor> = oneOf("mysql", "mariadb", "percona");
const lagFrom: Shape<LagFrom> = oneOf("heartbeat", "status", "gtid", "unknown");
const replicationError = nullable(record<ReplicationError>({ code: number, message: text }));

const channelFields = {
  name: text,
  sourceHost: text,
  sourcePort: number,
  sourceUser: words,
  sourceServerId: count,
  sourceUuid: words,
  io: oneOf("yes", "no", "connecting"),
  sql: oneOf("yes", "no"),
  ioState: words,
  sqlState: words,
  ioError: replicationError,
  sqlError: replicationError,
  usesGtid: flag,
  gtidMode: text,
  readFile: words,
  readPos: count,
  executedFile: words,
  executedPos: count,
  receivedGtid: words,
  executedGtid: words,
  secondsBehind: count,
  transactionLagSeconds: count,
  delaySeconds: count,
  remainingDelaySeconds: count,
  filters: list(text),
  relayLogSpaceBytes: count,
  secondsSinceHeartbeat: count,
  heartbeatPeriodSeconds: count,
} as const;

export const channel = record<ChannelSnapshot>({
  ...channelFields,
  sourceNode: words,
  lagSeconds: count,
  lagFrom,
  behind: count,
  applierBacklog: count,
  errant: words,
});

const attached = record<AttachedReplica>({
  serverId: count,
  uuid: words,
  host: words,
  port: count,
  seenIn: oneOf("processlist", "replica-list", "both"),
});

const gtid = record<GtidState>({
  executed: words,
  purged: words,
  replicaPos: words,
  binlogState: words,
  mode: words,
  strict: maybe,
});

const semiSync = record<SemiSync>({ sourceEnabled: maybe, replicaEnabled: maybe, clients: count, waitSessions: count });
const heartbeat = record<{ readonly serverId: number; readonly ageSeconds: number }>({
  serverId: number,
  ageSeconds: number,
});

export const mysqlReport = record<MysqlReport>({
  flavor,
  version: text,
  versionComment: words,
  serverId: count,
  serverUuid: words,
  hostname: words,
  port: count,
  uptimeSeconds: count,
  readOnly: maybe,
  superReadOnly: maybe,
  logBin: maybe,
  logReplicaUpdates: maybe,
  binlogFormat: words,
  autoIncrementIncrement: count,
  autoIncrementOffset: count,
  threadsConnected: count,
  threadsRunning: count,
  maxConnections: count,
  queriesTotal: count,
  position: nullable(record<BinlogPosition>({ file: words, pos: count, gtid: words })),
  gtid,
  channels: nullable(list(record<ReplicaChannel>(channelFields))),
  attachedReplicas: nullable(list(attached)),
  semiSync: nullable(semiSync),
  applierCheckpointMs: optional(count),
  heartbeats: nullable(list(heartbeat)),
  galera: maybe,
  groupReplication: maybe,
  rivalUsers: nullable(list(text)),
  problems: list(record<ReportProblem>({ part: text, failure })),
});

export const clientSession = record<ClientSession>({
  id: number,
  user: text,
  host: words,
  database: words,
  command: text,
  seconds: count,
  state: words,
  query: words,
  system: flag,
});
