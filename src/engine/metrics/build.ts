/** A snapshot as metrics. What is not known now is absent, never 0 and never the last good value. */
import { ageMs, type EpochMs, freshValue, type Reading } from "../../model/reading.ts";
import type { RouteProbeView } from "../../model/route-probe.ts";
import type { ClusterSnapshot, HaproxySnapshot, NodeSnapshot, Snapshot } from "../../model/snapshot.ts";
import { createExposition, type Exposition } from "./exposition.ts";
import type { PollTime } from "./poll-times.ts";

/** A picture older than this many intervals, and some seconds, is no present any more: this machine slept, or the engine hangs. */
const OLD_INTERVALS = 3;
const OLD_MS = 5_000;

const HEALTHS = ["ok", "warning", "critical", "unknown"] as const;

/** @param now of the scrape, so that ages are those of the answer */
export function buildMetrics(snapshot: Snapshot | null, polls: readonly PollTime[], now: EpochMs): string {
  const to = createExposition();
  if (snapshot !== null) {
    const age = Math.max(0, now - snapshot.at);
    to.gauge("picture_age_seconds", "Age of the picture all other figures come from.", {}, age / 1_000);
    if (age <= OLD_INTERVALS * snapshot.intervalMs + OLD_MS)
      for (const cluster of snapshot.clusters) addCluster(to, cluster, now);
  }
  for (const { kind, target, lastMs, answered, failed } of polls) {
    const labels = { kind, target };
    to.gauge("poll_duration_seconds", "Time the last poll of an endpoint took, failed or not.", labels, lastMs / 1_000);
    const help = "Polls of an endpoint that ended, by result.";
    to.counter("polls", help, { ...labels, result: "answered" }, answered);
    to.counter("polls", help, { ...labels, result: "failed" }, failed);
  }
  return to.text();
}

function addCluster(to: Exposition, cluster: ClusterSnapshot, now: EpochMs): void {
  const about = { cluster: cluster.name };
  for (const health of HEALTHS)
    to.gauge("cluster_health", "1 for the health the cluster has.", { ...about, health }, cluster.health === health);
  for (const haproxy of cluster.haproxies) addHaproxy(to, about, haproxy, now);
  for (const node of cluster.nodes) addNode(to, about, node, now);
  addRoute(to, about, cluster, now);
  addFloatingIp(to, about, cluster);
  const counts = new Map<string, number>();
  for (const { code, severity } of cluster.alerts)
    counts.set(`${code} ${severity}`, (counts.get(`${code} ${severity}`) ?? 0) + 1);
  for (const [key, count] of counts) {
    const [code = "", severity = ""] = key.split(" ");
    to.gauge("alerts", "Alerts raised now, by code and severity.", { ...about, code, severity }, count);
  }
}

type About = Readonly<{ cluster: string }>;

/** Null as long as nothing was heard either way. */
function isReachable(reading: Reading<unknown>): boolean | null {
  return reading.state === "never" ? null : reading.state === "fresh";
}

function seconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1_000;
}

function addHaproxy(to: Exposition, about: About, { name, reading }: HaproxySnapshot, now: EpochMs): void {
  const labels = { ...about, haproxy: name };
  to.gauge("haproxy_reachable", "1 when the HAProxy answers.", labels, isReachable(reading));
  to.gauge("haproxy_age_seconds", "Age of its last answer.", labels, seconds(ageMs(reading, now)));
  const report = freshValue(reading);
  if (report === null) return;
  const { process } = report;
  to.gauge("haproxy_uptime_seconds", "Uptime of its process.", labels, process?.uptimeSeconds ?? null);
  to.gauge("haproxy_connections", "Connections of its process.", labels, process?.currentConnections ?? null);
  for (const { backend, server, state, sessions, queued, weight } of report.servers) {
    const place = { ...labels, backend, server };
    const isKnown = state !== "unknown" ? true : null;
    to.gauge(
      "server_state",
      "1 for the state a server has in HAProxy; no sample when unknown.",
      { ...place, state },
      isKnown,
    );
    to.gauge("server_sessions", "Sessions on a server.", place, sessions);
    to.gauge("server_queued", "Requests that wait for a server.", place, queued);
    to.gauge("server_weight", "Effective weight of a server.", place, weight);
  }
}

function addNode(to: Exposition, about: About, node: NodeSnapshot, now: EpochMs): void {
  const { name, reading, role, channels } = node;
  const labels = { ...about, node: name };
  to.gauge("node_reachable", "1 when the node answers.", labels, isReachable(reading));
  to.gauge("node_age_seconds", "Age of its last answer.", labels, seconds(ageMs(reading, now)));
  const report = freshValue(reading);
  if (report === null) return;
  to.gauge("node_read_only", "1 when the node is read-only.", labels, report.readOnly);
  to.gauge("node_uptime_seconds", "Uptime of the node.", labels, report.uptimeSeconds);
  to.gauge("node_threads_connected", "Connections of the node.", labels, report.threadsConnected);
  to.gauge(
    "node_role",
    "1 for the role of the node; no sample when unknown.",
    { ...labels, role },
    role === "unknown" ? null : true,
  );
  for (const { name: channel, io, sql, lagSeconds, behind } of channels) {
    const place = { ...labels, channel };
    to.gauge("replica_io_running", "1 when the receiving thread is connected.", place, io === "yes");
    to.gauge("replica_sql_running", "1 when the applying thread runs.", place, sql === "yes");
    to.gauge("replica_lag_seconds", "Lag; no sample when unknown.", place, lagSeconds);
    to.gauge(
      "replica_behind_transactions",
      "Transactions of the source not applied; no sample when unknown.",
      place,
      behind,
    );
  }
}

function addRoute(to: Exposition, about: About, cluster: ClusterSnapshot, now: EpochMs): void {
  const { writer, readerRoutes = [], haproxies } = cluster;
  for (const { probe } of readerRoutes) addProbe(to, about, probe, now);
  if (writer === null) return;
  const { backend, expected, probed, probe } = writer;
  const isTold = haproxies.some(({ reading }) => freshValue(reading)?.servers.some((each) => each.backend === backend));
  for (const node of isTold ? expected : [])
    to.gauge(
      "writer_expected",
      "1 for every node that gets new writes as HAProxy chooses now.",
      { ...about, backend, node },
      true,
    );
  if (probed !== null)
    to.gauge("writer_probed", "1 for the node that answers where clients connect.", { ...about, node: probed }, true);
  if (probe != null) addProbe(to, about, probe, now);
}

function addProbe(to: Exposition, about: About, probe: RouteProbeView, now: EpochMs): void {
  const labels = { ...about, address: probe.address };
  const isAnswered = probe.state === "fresh" ? true : probe.state === "failed" ? false : null;
  to.gauge("route_probe_success", "1 when the last probe of the address was answered.", labels, isAnswered);
  to.gauge(
    "route_probe_age_seconds",
    "Age of the last answer.",
    labels,
    seconds(probe.last === null ? null : Math.max(0, now - probe.last.at)),
  );
  const isMismatch = probe.state === "fresh" ? probe.mismatch !== null && probe.confirmed : null;
  to.gauge(
    "route_mismatch",
    "1 when another server answers than HAProxy says, or one that refuses writes.",
    labels,
    isMismatch,
  );
}

function addFloatingIp(to: Exposition, about: About, { floatingIp }: ClusterSnapshot): void {
  if (floatingIp == null || floatingIp.state === "unknown") return;
  const { address, state, holders } = floatingIp;
  const help = "1 for the state of the floating address (held, none, double); no sample when unknown.";
  to.gauge("floating_ip_state", help, { ...about, address, state }, true);
  for (const host of holders)
    to.gauge(
      "floating_ip_holder",
      "1 for every host that holds the floating address.",
      { ...about, address, host },
      true,
    );
}
