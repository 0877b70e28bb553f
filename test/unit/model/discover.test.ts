import { describe, expect, it } from "vitest";
import { type DiscoveredNode, planNodes } from "../../../src/model/discover.ts";
import type { HaproxyServer } from "../../../src/model/haproxy.ts";
import { linkServers } from "../../../src/model/link.ts";
import {
  buildChannel,
  buildHaproxyReport,
  buildNodeSettings,
  buildReport,
  buildServer,
  buildSettings,
  fresh,
  uuidOf,
} from "../../support/model-builders.ts";

const lb1 = (...servers: HaproxyServer[]) => [{ name: "lb1", report: buildHaproxyReport(servers) }];
const show = (nodes: readonly DiscoveredNode[]) =>
  nodes.map((node) => `${node.name} ${node.host}:${node.port} ${node.knownFrom}`);

describe("planNodes", () => {
  it("finds servers of HAProxy, each address once, after the configured nodes", () => {
    const settings = buildSettings({ nodes: [buildNodeSettings("db1", "10.0.0.11")] });
    const reports = lb1(
      buildServer("w/one", "10.0.0.11:3306"),
      buildServer("w/db2", "10.0.0.12:3306"),
      buildServer("r/reader2", "10.0.0.12:3306"),
    );
    expect(show(planNodes(settings, reports, []))).toEqual(["db1 10.0.0.11:3306 config", "db2 10.0.0.12:3306 haproxy"]);
  });

  it("names a server by its address when its name means two addresses or a configured node", () => {
    const settings = buildSettings({ nodes: [buildNodeSettings("db3", "10.0.0.13")] });
    const reports = lb1(
      buildServer("w/db", "10.0.0.11:3306"),
      buildServer("r/db", "10.0.0.12:3306"),
      buildServer("r/DB3", "10.0.0.13:3307"),
    );
    expect(show(planNodes(settings, reports, []))).toEqual([
      "db3 10.0.0.13:3306 config",
      "10.0.0.11:3306 10.0.0.11:3306 haproxy",
      "10.0.0.12:3306 10.0.0.12:3306 haproxy",
      "10.0.0.13:3307 10.0.0.13:3307 haproxy",
    ]);
  });

  it("leaves out http backends, unresolved servers, other services and servers linked by configuration", () => {
    const settings = buildSettings({ nodes: [{ ...buildNodeSettings("db1", "10.0.0.11"), servers: ["w/odd"] }] });
    const report = buildHaproxyReport([
      buildServer("web/app1", "10.0.0.20:3306"),
      buildServer("w/none", null),
      buildServer("cache/redis", "10.0.0.21:6379"),
      buildServer("w/odd", "172.16.0.1:3306"),
    ]);
    const proxies = report.proxies.map((proxy) => (proxy.name === "web" ? { ...proxy, mode: "http" } : proxy));
    expect(planNodes(settings, [{ name: "lb1", report: { ...report, proxies } }], [])).toHaveLength(1);
  });

  it("leaves backends alone that share no server with the writer's and the readers' backends", () => {
    const writer = { backend: "w", address: null, multiWriter: false };
    const reports = lb1(
      buildServer("w/db1", "10.0.0.11:3306"),
      buildServer("w/db2", "10.0.0.12:3306"),
      buildServer("r/db2", "10.0.0.12:3306"),
      buildServer("r/db3", "10.0.0.13:3306"),
      buildServer("reports/db3", "10.0.0.13:3306"),
      buildServer("reports/db4", "10.0.0.14:3306"),
      buildServer("other/app1", "10.9.0.1:3306"),
    );
    const names = planNodes(buildSettings({ writer }), reports, []).map(({ name }) => name);
    expect(names).toEqual(["db1", "db2", "db3", "db4"]);
  });

  it("takes the loopback of a machine behind SSH for that machine, whoever names it", () => {
    const behind = (name: string, host: string, ssh: string) => ({ ...buildNodeSettings(name, host), ssh });
    const nodes = [behind("db1", "127.0.0.1", "ops@one:2222"), behind("db2", "localhost", "two")];
    const haproxies = ["one", "two"].map((host) => ({
      name: host,
      location: { kind: "ssh" as const, user: null, host, port: null, path: "/run/h.sock" },
    }));
    const settings = buildSettings({ nodes, haproxies });
    const reports = haproxies.map(({ name }) => ({
      name,
      report: buildHaproxyReport([buildServer("w/here", "127.0.0.1:3306")]),
    }));
    const channels = [buildChannel("127.0.0.1:3307")];
    const replica = { name: "db2", report: buildReport(2, { channels }) };
    expect(show(planNodes(settings, reports, [replica]))).toEqual([
      "db1 127.0.0.1:3306 config",
      "db2 localhost:3306 config",
      "two:3307 two:3307 replication",
    ]);
    const linked = linkServers(
      settings,
      reports.map(({ name, report }) => ({ name, reading: fresh(report) })),
      planNodes(settings, reports, []),
    );
    expect(linked.map(({ haproxy, node }) => [haproxy, node])).toEqual([
      ["one", "db1"],
      ["two", "db2"],
    ]);
  });

  it("keeps names and order when another node of the same name appears first", () => {
    const settings = buildSettings();
    const before = planNodes(settings, lb1(buildServer("w/db2", "10.0.0.12:3306")), []);
    const reports = lb1(buildServer("a/db2", "10.0.0.99:3306"), buildServer("w/db2", "10.0.0.12:3306"));
    const after = planNodes(settings, reports, [], before);
    expect(show(after)).toEqual(["db2 10.0.0.12:3306 haproxy", "10.0.0.99:3306 10.0.0.99:3306 haproxy"]);
    expect(planNodes(settings, reports, [], after)).toEqual(after);
  });

  it("forgets a server that HAProxy no longer names", () => {
    const settings = buildSettings();
    const before = planNodes(settings, lb1(buildServer("w/db2", "10.0.0.12:3306")), []);
    expect(
      planNodes(settings, lb1(buildServer("w/db3", "10.0.0.13:3306")), [], before).map(({ name }) => name),
    ).toEqual(["db3"]);
  });

  it("finds sources and replicas that replication names", () => {
    const settings = buildSettings({ nodes: [buildNodeSettings("db2", "10.0.0.12")] });
    const replica = { serverId: 7, uuid: null, host: "10.0.0.17", port: 3307, seenIn: "replica-list" } as const;
    const unseen = { serverId: 8, uuid: null, host: "10.0.0.18", port: null, seenIn: "processlist" } as const;
    const report = buildReport(2, { channels: [buildChannel("10.0.0.11:3306")], attachedReplicas: [replica, unseen] });
    expect(show(planNodes(settings, [], [{ name: "db2", report }]))).toEqual([
      "db2 10.0.0.12:3306 config",
      "10.0.0.11:3306 10.0.0.11:3306 replication",
      "10.0.0.17:3307 10.0.0.17:3307 replication",
    ]);
  });

  it("keeps a replica that its source no longer lists while it answers and says whom it follows", () => {
    const settings = buildSettings({ nodes: [buildNodeSettings("db1", "10.0.0.11")] });
    const replica = { serverId: 7, uuid: null, host: "10.0.0.17", port: 3306, seenIn: "replica-list" } as const;
    const listed = { name: "db1", report: buildReport(1, { attachedReplicas: [replica] }) };
    const before = planNodes(settings, [], [listed]);
    expect(before).toHaveLength(2);
    const unlisted = { name: "db1", report: buildReport(1) };
    const stopped = { name: "10.0.0.17:3306", report: buildReport(7, { channels: [buildChannel("10.0.0.11:3306")] }) };
    expect(planNodes(settings, [], [unlisted, { ...stopped, answering: true }], before)).toEqual(before);
    expect(planNodes(settings, [], [unlisted, { ...stopped, answering: false }], before)).toHaveLength(1);
    const loose = { ...stopped, report: buildReport(7), answering: true };
    expect(planNodes(settings, [], [unlisted, loose], before)).toHaveLength(1);
  });

  it("does not find a source again that is a known node under another host name", () => {
    const settings = buildSettings({
      nodes: [buildNodeSettings("db1", "10.0.0.11"), buildNodeSettings("db2", "10.0.0.12")],
    });
    const channels = [buildChannel("db1.internal:3306", { sourceUuid: uuidOf(1), sourceServerId: 1 })];
    const reports = [
      { name: "db1", report: buildReport(1, { flavor: "mysql" }) },
      { name: "db2", report: buildReport(2, { flavor: "mysql", channels }) },
    ];
    expect(planNodes(settings, [], reports)).toHaveLength(2);
  });

  it("merges a found node that is a configured one at another address, and keeps it merged", () => {
    const settings = buildSettings({ nodes: [buildNodeSettings("db1", "10.0.0.11")] });
    const reports = lb1(buildServer("w/primary", "192.168.1.11:3306"));
    const before = planNodes(settings, reports, []);
    expect(before).toHaveLength(2);
    const report = buildReport(1, { flavor: "mysql" });
    const answers = [
      { name: "db1", report },
      { name: "primary", report: { ...report, uptimeSeconds: 86_401 } },
    ];
    const merged = planNodes(settings, reports, answers, before);
    expect(merged).toMatchObject([{ name: "db1", aliases: [{ host: "192.168.1.11", port: 3306 }] }]);
    expect(planNodes(settings, reports, answers.slice(0, 1), merged)).toEqual(merged);
  });

  it("merges two found addresses of one server, and keeps them merged", () => {
    const settings = buildSettings();
    const reports = lb1(buildServer("w/a", "10.0.0.11:3306"), buildServer("r/b", "192.168.1.11:3306"));
    const report = buildReport(1, { flavor: "mysql" });
    const before = planNodes(settings, reports, []);
    const merged = planNodes(
      settings,
      reports,
      [
        { name: "a", report },
        { name: "b", report },
      ],
      before,
    );
    expect(merged).toMatchObject([{ name: "a", aliases: [{ host: "192.168.1.11", port: 3306 }] }]);
    expect(planNodes(settings, reports, [{ name: "a", report }], merged)).toEqual(merged);
  });

  it("does not merge clones: same ids, but another host name or another start", () => {
    const settings = buildSettings({ nodes: [buildNodeSettings("db1", "10.0.0.11")] });
    const reports = lb1(buildServer("w/clone", "10.0.0.12:3306"));
    const before = planNodes(settings, reports, []);
    const report = buildReport(1, { flavor: "mysql" });
    for (const patch of [{ hostname: "other" }, { uptimeSeconds: 500 }, { port: 3307 }, { hostname: null }]) {
      const answers = [
        { name: "db1", report },
        { name: "clone", report: { ...report, ...patch } },
      ];
      expect(planNodes(settings, reports, answers, before)).toHaveLength(2);
    }
  });

  it("never merges configured nodes: two of one server are for the alert", () => {
    const settings = buildSettings({
      nodes: [buildNodeSettings("a", "10.0.0.11"), buildNodeSettings("b", "10.0.0.12")],
    });
    const report = buildReport(1);
    expect(
      planNodes(
        settings,
        [],
        [
          { name: "a", report },
          { name: "b", report },
        ],
      ),
    ).toHaveLength(2);
  });
});
