/** Tables that only MySQL has: performance_schema of 9.7, and the logins of its channels. */
import { gtidOf, uuidOf } from "../../world/gtid.ts";
import type { Channel, Node } from "../../world/state.ts";
import { formatDateTime } from "../sql/time.ts";
import type { Cell } from "../wire/answer.ts";
import { guarded } from "./accounts.ts";
import { threadOffset } from "./locks.ts";
import { listProcesses } from "./sessions.ts";
import { columnsOf, type TableSource } from "./table.ts";

/** Appliers that work side by side; in the simulation the first does it all. */
const workers = 4;
const never = "0000-00-00 00:00:00.000000";

function stamp(atMs: number | null): string {
  return atMs === null ? never : formatDateTime(atMs, 6);
}

/** The last transaction that a channel has received; "" before the first. */
function lastQueued({ relayLog, receivedGtid, receivedFrom, sourceServerId }: Channel): string {
  const queued = relayLog.at(-1)?.transaction;
  if (queued !== undefined) return gtidOf(queued);
  const [domain] = receivedFrom.has(sourceServerId) ? [sourceServerId] : receivedFrom.keys();
  const point = domain === undefined ? undefined : receivedGtid.get(domain);
  return point === undefined ? "" : gtidOf(point);
}

const connectionStatus: TableSource = ({ node, world }) => ({
  columns: columnsOf(
    "CHANNEL_NAME SOURCE_UUID THREAD_ID:bigint SERVICE_STATE COUNT_RECEIVED_HEARTBEATS:bigint LAST_HEARTBEAT_TIMESTAMP:datetime LAST_ERROR_NUMBER:int LAST_ERROR_MESSAGE LAST_QUEUED_TRANSACTION LAST_QUEUED_TRANSACTION_END_QUEUE_TIMESTAMP:datetime",
  ),
  rows: node.channels.map((channel) => {
    const { name, sourceServerId, receiver } = channel;
    const queued = lastQueued(channel);
    return [
      name,
      sourceServerId === 0 ? "" : uuidOf(sourceServerId),
      receiver.state === "yes" ? 40 : null,
      { yes: "ON", no: "OFF", connecting: "CONNECTING" }[receiver.state],
      receiver.heartbeats,
      stamp(receiver.heartbeats === 0 ? null : Math.min(world.nowMs, receiver.lastHeardAtMs)),
      receiver.error?.code ?? 0,
      receiver.error?.message ?? "",
      queued,
      stamp(queued === "" ? null : Math.min(world.nowMs, receiver.lastHeardAtMs)),
    ];
  }),
});

const connectionConfiguration: TableSource = ({ node }) => ({
  columns: columnsOf("CHANNEL_NAME HOST PORT:int USER AUTO_POSITION HEARTBEAT_INTERVAL:double"),
  rows: node.channels.map(({ name, sourceHost, sourcePort, sourceUser, usingGtid }) => [
    name,
    sourceHost,
    sourcePort,
    sourceUser,
    usingGtid === "No" ? "0" : "1",
    "30.000",
  ]),
});

function workerRow(channel: Channel, worker: number): Cell[] {
  const { name, applier, relayLog } = channel;
  const working = worker === 1 ? relayLog[0]?.transaction : undefined;
  const applied = worker === 1 && relayLog.length === 0 ? lastQueued(channel) : "";
  return [
    name,
    worker,
    applier.running ? 50 + worker : null,
    applier.running ? "ON" : "OFF",
    worker === 1 ? (applier.error?.code ?? 0) : 0,
    worker === 1 ? (applier.error?.message ?? "") : "",
    applied,
    working === undefined || !applier.running ? "" : gtidOf(working),
    stamp(working === undefined || !applier.running ? null : working.committedAtMs),
  ];
}

const applierStatus: TableSource = ({ node }) => ({
  columns: columnsOf(
    "CHANNEL_NAME WORKER_ID:bigint THREAD_ID:bigint SERVICE_STATE LAST_ERROR_NUMBER:int LAST_ERROR_MESSAGE LAST_APPLIED_TRANSACTION APPLYING_TRANSACTION APPLYING_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP:datetime",
  ),
  rows: node.channels.flatMap((channel) =>
    Array.from({ length: workers }, (_, index) => workerRow(channel, index + 1)),
  ),
});

/** Nobody here is in a group. */
const groupMembers: TableSource = () => ({
  columns: columnsOf("CHANNEL_NAME MEMBER_ID MEMBER_HOST MEMBER_PORT:int MEMBER_STATE MEMBER_ROLE MEMBER_VERSION"),
  rows: [],
});

export const replicationTables: Readonly<Record<string, TableSource>> = {
  replication_connection_status: connectionStatus,
  replication_connection_configuration: connectionConfiguration,
  replication_applier_status_by_worker: applierStatus,
  replication_group_members: groupMembers,
};

export const threadColumns =
  "THREAD_ID:bigint NAME TYPE PROCESSLIST_ID:bigint PROCESSLIST_USER PROCESSLIST_HOST PROCESSLIST_COMMAND PROCESSLIST_TIME:bigint PROCESSLIST_INFO";

export const listThreads: TableSource = (session) => ({
  columns: columnsOf(threadColumns),
  rows: listProcesses(session).map(({ id, user, host, command, seconds, info }) => [
    id + threadOffset,
    "thread/sql/one_connection",
    "FOREGROUND",
    id,
    user,
    host,
    command,
    seconds,
    info,
  ]),
});

export const persistedVariables: TableSource = ({ node }) => ({
  columns: columnsOf("VARIABLE_NAME VARIABLE_VALUE"),
  rows: [...node.persisted].map(([name, value]) => [name, value]),
});

/** Where a value comes from: set while it runs, kept by SET PERSIST, its configuration file, or built in. */
function originOf(node: Node, name: string, isNow: boolean, configured: boolean): string {
  if (node.persisted.get(name) === (isNow ? "ON" : "OFF")) return "PERSISTED";
  if (isNow !== configured) return "DYNAMIC";
  return configured ? "GLOBAL" : "COMPILED";
}

export const variableOrigins: TableSource = ({ node }) => ({
  columns: columnsOf("VARIABLE_NAME VARIABLE_SOURCE"),
  rows: [
    ["read_only", originOf(node, "read_only", node.readOnly, node.configuredReadOnly)],
    ["super_read_only", originOf(node, "super_read_only", node.superReadOnly, false)],
  ],
});

const logins = guarded("slave_master_info", "");

export const storedLogins: TableSource = (session) => {
  logins(session);
  return {
    columns: columnsOf(
      "Number_of_lines:int Master_log_name Master_log_pos:bigint Host User_name User_password Port:int Connect_retry:int Enabled_ssl:int Ssl_ca Ssl_capath Ssl_cert Ssl_cipher Ssl_key Ssl_verify_server_cert:int Heartbeat:double Channel_name Tls_version Public_key_path Get_public_key:int Enabled_auto_position:int",
    ),
    rows: session.node.channels.map((channel) => [
      33,
      "",
      channel.received.pos,
      channel.sourceHost,
      channel.sourceUser,
      channel.sourcePassword,
      channel.sourcePort,
      5,
      0,
      "",
      "",
      "",
      "",
      "",
      0,
      "30.000",
      channel.name,
      "",
      "",
      1,
      channel.usingGtid === "No" ? 0 : 1,
    ]),
  };
};
