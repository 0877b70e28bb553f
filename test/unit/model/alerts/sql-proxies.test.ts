import { describe, expect, it } from "vitest";
import type { HaproxyLevel } from "../../../../src/model/haproxy.ts";
import { haproxyHost } from "../../../../src/model/link.ts";
import type { SqlProxyProduct } from "../../../../src/model/settings.ts";
import { buildR1, buildR4, failed, fresh, NOW, type Scene } from "../../../support/model-builders.ts";

function asSqlAdmin(scene: Scene, product: SqlProxyProduct, level: HaproxyLevel, name = "lb1"): Scene {
  const admin = { source: "sql-admin", process: null, level, sqlAdmin: { product, pending: [] } } as const;
  return scene.haproxy(name, { reading: fresh({ ...scene.haproxyReport(name), ...admin }) });
}

describe("Alerts about SQL proxies", () => {
  it.each<[SqlProxyProduct, string]>([
    ["mysql-proxy", "lb1 is a MySQL Proxy: its servers can be watched but not changed."],
    ["proxysql", "lb1 is a ProxySQL whose admin is read-only: its servers can be watched but not changed."],
  ])("%s that can only be watched is not told to have a stats socket", (product, message) => {
    const alerts = asSqlAdmin(buildR1(), product, "read-only").snapshot().alerts;
    expect(alerts).toMatchObject([{ code: "haproxy-not-admin", message, advice: "Act there by hand." }]);
  });

  it("one that can be changed raises nothing", () => {
    expect(asSqlAdmin(buildR1(), "atlas", "admin").codes()).toEqual([]);
  });

  it("a restart without pids is told by the uptime, and what keeps changes is not a file of HAProxy", () => {
    const reload = { at: NOW - 5000, previousPid: null, pid: null, lost: ["hg20/10.0.0.12:3306 was drain, now ready"] };
    const [alert] = asSqlAdmin(buildR1(), "proxysql", "admin").haproxy("lb1", { reload }).snapshot().alerts;
    expect(alert).toMatchObject({
      code: "haproxy-reloaded",
      message: expect.stringContaining("(its uptime began anew)"),
    });
    expect(alert?.advice).toContain("SAVE MYSQL SERVERS TO DISK");
  });

  it("a silent one is to be tried with a MySQL client", () => {
    const failure = { advice: null };
    const scene = buildR1();
    scene.haproxy("lb1", { url: "proxysql://ops@[::1]:6032", reading: failed(scene.haproxyReport("lb1"), failure) });
    expect(scene.snapshot().alerts[0]?.advice).toContain("mysql -u ops -p -h [::1] -P 6032");
  });

  it("two that disagree are brought together by our command, HAProxies by theirs", () => {
    const scene = buildR4().state("lb2", "mysql/db2", "drain");
    const advice = () => scene.snapshot().alerts.find(({ code }) => code === "haproxy-disagree")?.advice;
    expect(advice()).toContain("set server mysql/db2 state");
    asSqlAdmin(scene, "proxysql", "admin", "lb2");
    expect(advice()).toContain("signalbox ready|drain mysql/db2 --haproxy NAME");
  });
});

it.each<[string, string | null, string]>([
  ["px1.example.com", null, "px1.example.com"],
  ["127.0.0.1", null, "127.0.0.1"],
  ["127.0.0.1", "ops@px1:22", "px1"],
  ["localhost", "px1", "px1"],
  ["127.0.0.1", "ops@[2001:db8::1]:22", "2001:db8::1"],
  ["127.0.0.1", "ops@[2001:db8::1]", "2001:db8::1"],
  ["10.0.0.5", "ops@px1", "10.0.0.5"],
])("an admin port at %s through %s is on host %s", (host, ssh, expected) => {
  const rest = { product: "proxysql", port: 6032, user: "a", password: null } as const;
  expect(haproxyHost({ name: "px1", location: { kind: "sql-admin", host, ssh, ...rest } })).toBe(expected);
});
