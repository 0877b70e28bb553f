import { describe, expect, it } from "vitest";
import { buildMetrics } from "../../../../src/engine/metrics/build.ts";
import type { ClusterSnapshot } from "../../../../src/model/snapshot.ts";
import { parseOpenMetrics } from "../../../support/open-metrics.ts";
import {
  buildAlert,
  buildChannel,
  buildCluster,
  buildHaproxy,
  buildNode,
  buildReport,
  buildServer,
  buildSnapshot,
  failed,
  START,
  stale,
} from "../../../support/snapshots.ts";

function read(cluster: Partial<ClusterSnapshot>, now = START + 250) {
  const samples = parseOpenMetrics(buildMetrics(buildSnapshot({ clusters: [buildCluster(cluster)] }), [], now));
  return samples.map(({ name, labels, value }) => {
    const { cluster: _cluster, ...rest } = labels;
    return `${name.replace("signalbox_", "")} ${Object.values(rest).join(" ")} ${value}`.replace(/ +/g, " ");
  });
}

const about = (lines: readonly string[], word: string) => lines.filter((line) => line.includes(word));

describe("metrics of a picture", () => {
  it("every sample has a name of ours, and the text is valid", () => {
    const samples = parseOpenMetrics(buildMetrics(buildSnapshot(), [], START));
    expect(samples.length).toBeGreaterThan(40);
    expect(samples.filter(({ name }) => !name.startsWith("signalbox_"))).toEqual([]);
    expect(new Set(samples.map(({ labels }) => labels.cluster))).toEqual(new Set([undefined, "shop"]));
  });

  it("tells figures as they are, with ages of the moment of the scrape", () => {
    const lines = read({ alerts: [buildAlert(), buildAlert({ subject: "other" })] });
    for (const line of [
      "picture_age_seconds 0.25",
      "cluster_health ok 1",
      "cluster_health critical 0",
      "haproxy_age_seconds lb1 0.25",
      "server_state lb1 write_nodes ubuntu1 up 1",
      "server_sessions lb1 write_nodes ubuntu2 0",
      "node_read_only ubuntu1 0",
      "node_role ubuntu2 replica 1",
      "replica_lag_seconds ubuntu2 0",
      "writer_expected write_nodes ubuntu1 1",
      "alerts replica-sql-stopped critical 2",
    ])
      expect(lines).toContain(line);
  });

  it("has no sample for what is not known", () => {
    const report = buildReport();
    const servers = [
      buildServer("write_nodes", "ubuntu1", { sessions: null, queued: null, weight: null, state: "unknown" }),
    ];
    const lines = read({
      haproxies: [buildHaproxy("lb1", servers), buildHaproxy("lb2", [], { reading: { state: "never", from: "lb2" } })],
      nodes: [
        buildNode("lag", { channels: [buildChannel("x", { lagSeconds: null, behind: null, io: "connecting" })] }),
        buildNode("gone", { reading: failed({}, { value: report, at: START - 9_000 }), channels: [buildChannel("x")] }),
        buildNode("old", { reading: stale(report, "old", START - 5_000) }),
        buildNode("new", { reading: { state: "never", from: "new" }, role: "unknown" }),
      ],
    });
    expect(about(lines, "write_nodes ubuntu1")).toEqual(["writer_expected write_nodes ubuntu1 1"]);
    expect(about(lines, "lb2")).toEqual([]);
    expect(about(lines, "new")).toEqual([]);
    expect(about(lines, "replica_")).toEqual(["replica_io_running lag 0", "replica_sql_running lag 1"]);
    expect(about(lines, "gone")).toEqual(["node_reachable gone 0", "node_age_seconds gone 9.25"]);
    expect(about(lines, "old")).toEqual(["node_reachable old 0", "node_age_seconds old 5.25"]);
  });

  it("does not name a writer that no HAProxy tells, nor a mismatch that no probe saw", () => {
    const probe = {
      address: "10.0.0.1:3306",
      state: "failed" as const,
      failure: null,
      failedAt: START,
      failsAgain: true,
      last: null,
      mismatch: null,
      confirmed: false,
    };
    const writer = {
      backend: "write_nodes",
      knownFrom: "found" as const,
      multiWriter: false,
      expected: ["ubuntu1"],
      probed: null,
      probedAt: null,
      probe,
    };
    const lines = read({ haproxies: [buildHaproxy("lb1", [], { reading: failed({}, null) })], writer });
    expect(about(lines, "writer_")).toEqual([]);
    expect(about(lines, "route_")).toEqual(["route_probe_success 10.0.0.1:3306 0"]);
  });

  it("an old picture is no present: only its age is told", () => {
    expect(read({}, START + 60_000)).toEqual(["picture_age_seconds 60"]);
  });

  it("before the first picture there is nothing but the end", () => {
    expect(buildMetrics(null, [], START)).toBe("# EOF\n");
  });

  it("names with quotes, backslashes and newlines stay one label", () => {
    const name = 'a"b\\c\nd{x="1"} 5';
    const text = buildMetrics(buildSnapshot({ clusters: [buildCluster({ nodes: [buildNode(name)] })] }), [], START);
    const nodes = parseOpenMetrics(text).flatMap(({ labels }) => labels.node ?? []);
    expect(new Set(nodes)).toEqual(new Set([name, "ubuntu1"]));
  });

  it("tells how long polls took, and how many ended how", () => {
    const polls = [{ kind: "mysql" as const, target: "db1 10.0.0.11:3306", lastMs: 12.5, answered: 7, failed: 2 }];
    expect(parseOpenMetrics(buildMetrics(null, polls, START))).toEqual([
      {
        name: "signalbox_poll_duration_seconds",
        labels: { kind: "mysql", target: "db1 10.0.0.11:3306" },
        value: 0.0125,
      },
      {
        name: "signalbox_polls_total",
        labels: { kind: "mysql", target: "db1 10.0.0.11:3306", result: "answered" },
        value: 7,
      },
      {
        name: "signalbox_polls_total",
        labels: { kind: "mysql", target: "db1 10.0.0.11:3306", result: "failed" },
        value: 2,
      },
    ]);
  });
});
