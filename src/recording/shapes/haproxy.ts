/** What HAProxy said, as a recording may have it. */
import type {
  AdminReason,
  HaproxyLevel,
  HaproxyProcess,
  HaproxyProxy,
  HaproxyReport,
  HaproxyServer,
  ServerState,
  SqlAdminFacts,
} from "../../model/haproxy.ts";
import type { HaproxyReload, HaproxySnapshot } from "../../model/snapshot.ts";
import { readingOf } from "./common.ts";
import { flag, list, nullable, number, oneOf, optional, record, type Shape, text, time } from "./shape.ts";

const level: Shape<HaproxyLevel> = oneOf("admin", "operator", "user", "read-only");
const serverState: Shape<ServerState> = oneOf("up", "down", "maint", "drain", "nolb", "unchecked", "unknown");
const reason: Shape<AdminReason> = oneOf(
  "maint-forced",
  "maint-inherited",
  "maint-config",
  "drain-forced",
  "drain-inherited",
  "unresolved",
  "fqdn-changed",
);
const count = nullable(number);

export const server = record<HaproxyServer>({
  backend: text,
  server: text,
  backendId: count,
  serverId: count,
  host: nullable(text),
  port: count,
  status: nullable(text),
  state: serverState,
  active: flag,
  backup: flag,
  weight: count,
  initialWeight: count,
  assignedWeight: optional(count),
  sessions: count,
  queued: count,
  sessionsTotal: count,
  bytesIn: count,
  bytesOut: count,
  sessionRate: count,
  adminReasons: nullable(list(reason)),
  check: nullable(text),
  checkCode: count,
  checkInfo: text,
  checkDurationMs: count,
  inTransition: flag,
  checkFailures: count,
  downTransitions: count,
  lastChangeSeconds: count,
  downtimeSeconds: count,
  lastSessionSeconds: count,
  tracks: nullable(text),
  agentEnabled: nullable(flag),
  rise: count,
  fall: count,
});

const processOf = record<HaproxyProcess>({
  nodeName: nullable(text),
  version: nullable(text),
  pid: count,
  uptimeSeconds: count,
  startTimeSeconds: count,
  nbproc: count,
  processNumber: count,
  stopping: flag,
  currentConnections: count,
  maxConnections: count,
});

const proxy = record<HaproxyProxy>({
  name: text,
  kind: oneOf("frontend", "backend", "listener"),
  id: count,
  status: nullable(text),
  mode: nullable(text),
  algorithm: nullable(text),
  sessions: count,
  sessionsMax: count,
  sessionLimit: count,
  sessionsTotal: count,
  queued: count,
  sessionRate: count,
  bytesIn: count,
  bytesOut: count,
  activeServers: count,
  backupServers: count,
  connectionErrors: count,
  lastChangeSeconds: count,
});

const report = record<HaproxyReport>({
  source: oneOf("socket", "stats-page", "sql-admin"),
  level: nullable(level),
  process: nullable(processOf),
  proxies: list(proxy),
  servers: list(server),
  sqlAdmin: optional(
    record<SqlAdminFacts>({ product: oneOf("proxysql", "atlas", "mysql-proxy"), pending: nullable(list(text)) }),
  ),
});

type Restored = NonNullable<HaproxyReload["restore"]>[number];

const reload = record<HaproxyReload>({
  at: time,
  previousPid: count,
  pid: count,
  lost: list(text),
  restore: optional(
    list(
      record<Restored>({
        backend: text,
        server: text,
        state: nullable(oneOf("ready", "drain", "maint")),
        weight: count,
      }),
    ),
  ),
});

export const haproxy = record<HaproxySnapshot>({
  name: text,
  url: text,
  reading: readingOf(report),
  reload: nullable(reload),
});
