/** A whole picture, as a recording may have it. */
import type { SessionsReport } from "../../engine/protocol.ts";
import type { ChangeEvent } from "../../model/change.ts";
import type { FloatingHostSnapshot, FloatingIpSnapshot, FloatingTools, HeldAddress } from "../../model/floating-ip.ts";
import type { RouteProbeView } from "../../model/route-probe.ts";
import type {
  ClusterSnapshot,
  NodeRole,
  NodeSnapshot,
  ReaderRoute,
  ServerLink,
  Snapshot,
  WriterRoute,
} from "../../model/snapshot.ts";
import { alert, failure, health, readingOf, severity } from "./common.ts";
import { haproxy, server } from "./haproxy.ts";
import { channel, clientSession, mysqlReport } from "./mysql.ts";
import {
  absent,
  depth,
  either,
  flag,
  list,
  nullable,
  number,
  oneOf,
  optional,
  record,
  type Shape,
  text,
  time,
  unread,
} from "./shape.ts";

export const changeEvent = record<ChangeEvent>({
  at: time,
  cluster: text,
  kind: oneOf("server", "node", "replication", "haproxy", "alert", "topology"),
  severity,
  subject: text,
  before: text,
  after: text,
});

const role: Shape<NodeRole> = oneOf("source", "replica", "relay", "standalone", "unknown");

const link = record<ServerLink>({
  haproxy: text,
  linkedBy: oneOf("config", "address", "name"),
  freshness: oneOf("fresh", "stale", "failed"),
  server,
});

const node = record<NodeSnapshot>({
  name: text,
  address: text,
  knownFrom: oneOf("config", "haproxy", "replication"),
  reading: readingOf(mysqlReport),
  role,
  servers: list(link),
  channels: list(channel),
  replicas: list(text),
  depth,
  priority: oneOf("prefer", "neutral", "never"),
});

const readingState = oneOf("never", "fresh", "stale", "failed");

const probe = record<RouteProbeView>({
  address: text,
  state: readingState,
  failure: nullable(failure),
  failedAt: nullable(time),
  failsAgain: flag,
  strangers: optional(
    record<NonNullable<RouteProbeView["strangers"]>>({ names: list(text), answers: number, of: number }),
  ),
  last: nullable(record<NonNullable<RouteProbeView["last"]>>({ name: text, at: time, readOnly: nullable(flag) })),
  mismatch: nullable(oneOf("other", "read-only")),
  confirmed: flag,
});

const writer = record<WriterRoute>({
  backend: text,
  knownFrom: oneOf("config", "found"),
  multiWriter: flag,
  expected: list(text),
  probed: nullable(text),
  probedAt: nullable(time),
  probe: optional(nullable(probe)),
});

const reader = record<ReaderRoute>({
  backend: text,
  expected: list(text),
  probed: nullable(text),
  probedAt: nullable(time),
  probe,
});

const tools = record<FloatingTools>({
  heartbeat: nullable(
    record<NonNullable<FloatingTools["heartbeat"]>>({
      running: flag,
      standbyPath: nullable(text),
      preferred: nullable(text),
    }),
  ),
  keepalived: nullable(
    record<NonNullable<FloatingTools["keepalived"]>>({ running: flag, instances: nullable(list(text)) }),
  ),
  pacemaker: flag,
});

type Way = FloatingHostSnapshot["way"];
const plainWay = record<Extract<Way, { kind: "local" | "none" }>>({ kind: oneOf("local", "none") as never });
const way: Shape<Way> = either(
  plainWay,
  record<Extract<Way, { kind: "ssh" }>>({ kind: oneOf("ssh"), target: text }),
) as Shape<unknown> as Shape<Way>;

const floatingHost = record<FloatingHostSnapshot>({
  name: text,
  way,
  members: list(text),
  state: readingState,
  held: nullable(list(record<HeldAddress>({ interface: text, label: nullable(text) }))),
  tools: nullable(tools),
  machine: optional(text),
  // Asked by operations only, and shown nowhere.
  move: optional(unread()),
  at: nullable(time),
  failure: nullable(failure),
});

const floatingIp = record<FloatingIpSnapshot>({
  address: text,
  state: oneOf("held", "none", "double", "unknown"),
  holders: list(text),
  hosts: list(floatingHost),
  confirmed: flag,
});

const cluster = record<ClusterSnapshot>({
  name: text,
  health,
  haproxies: list(haproxy),
  nodes: list(node),
  writer: nullable(writer),
  readerBackends: list(text),
  readerRoutes: optional(list(reader)),
  floatingIp: optional(nullable(floatingIp)),
  alerts: list(alert),
  history: absent(),
});

const snapshot = record<Snapshot>({
  seq: number,
  at: time,
  intervalMs: number,
  clusters: list(cluster),
  changes: list(changeEvent),
});

export function isSnapshot(value: unknown): value is Snapshot {
  return snapshot(value);
}

const sessions = record<SessionsReport>({ cluster: text, node: text, reading: readingOf(list(clientSession)) });

export function isSessionsReport(value: unknown): value is SessionsReport {
  return sessions(value);
}
