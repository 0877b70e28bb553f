import { afterAll, describe, expect, it } from "vitest";
import { buildDraft } from "../../../../src/cli/init/draft.ts";
import { formatConfig, formatScalar } from "../../../../src/cli/init/format-config.ts";
import { parseHaproxyConfig } from "../../../../src/drivers/haproxy-config/parse.ts";
import { buildR1, buildR2, buildR3, fresh, type Scene } from "../../../support/model-builders.ts";
import { createBench } from "../../config/load.ts";

const bench = createBench({ SIGNALBOX_MYSQL_PASSWORD: "x", SIGNALBOX_REPL_PASSWORD: "y" });
afterAll(() => bench.remove());

function draftOf(scene: Scene, config: string | null = null) {
  const found = config === null ? null : { files: ["/h.cfg"], config: parseHaproxyConfig([config]), serverLines: [] };
  return buildDraft({
    settings: scene.settings,
    ssh: { configFile: "/home/ops/.ssh/config", knownHostsFile: "/home/ops/.ssh/known_hosts" },
    cluster: scene.snapshot(),
    configs: new Map([["lb1", found === null ? { found, why: "it is elsewhere" } : { found, why: null }]]),
  });
}

const KNOWN = { mysql: true, replication: true };
const textOf = (scene: Scene, config: string | null = null, known = KNOWN) =>
  formatConfig(draftOf(scene, config), known, "2026-11-21");

describe("what init finds", () => {
  it("on R1: writer by its backup, readers, account of replication; what stands in haproxy.cfg only is missing", () => {
    const draft = draftOf(buildR1());
    expect(draft.writer).toEqual({ backend: "write_nodes", address: null, multiWriter: false });
    expect(draft).toMatchObject({ readers: ["read_nodes"], replicationUser: "repl" });
    expect(draft.nodes.map(({ name, address }) => `${name} ${address}`)).toEqual(
      [1, 2, 3, 4].map((id) => `db${id} 10.0.0.1${id}:3306`),
    );
    expect(draft.missing.join("\n")).toMatch(/writer\.address.*\n.*it is elsewhere; name it with --haproxy-config/);
  });

  it("where clients connect, by the bind line of the section or of its frontend", () => {
    const listen = "listen write_nodes\n bind 10.0.0.5:3306\n server db1 10.0.0.11:3306\n";
    expect(draftOf(buildR1(), listen).writer?.address).toEqual({ host: "10.0.0.5", port: 3306 });
    const frontend = "frontend in\n bind *:3310\n default_backend write_nodes\nbackend write_nodes\n";
    expect(draftOf(buildR1(), frontend).writer?.address).toEqual({ host: "127.0.0.1", port: 3310 });
  });

  it("two active writable nodes and no backup are a round-robin pair that is meant", () => {
    const scene = buildR3().server("lb1", "mysql/db2", { backup: false, active: true });
    expect(draftOf(scene).writer).toEqual({ backend: "mysql", address: null, multiWriter: true });
  });

  it("does not guess a writer when nothing tells", () => {
    const scene = buildR1().server("lb1", "write_nodes/db2", { backup: false, active: true });
    expect(draftOf(scene)).toMatchObject({ writer: null, readers: [] });
    expect(draftOf(scene).missing[0]).toMatch(/which backend takes writes/);
  });

  it("says who did not answer, and why", () => {
    expect(draftOf(buildR2().kill("db3")).missing[0]).toBe("db3 does not answer: connection refused");
  });
});

describe("what init writes", () => {
  it.each([
    ["R1", buildR1()],
    ["R2", buildR2()],
    ["R3", buildR3()],
    ["a pair", buildR3().server("lb1", "mysql/db2", { backup: false, active: true })],
  ])("%s is a configuration without problems", async (_name, scene) => {
    expect(await bench.problemsOf(textOf(scene))).toEqual([]);
    expect(await bench.problemsOf(textOf(scene, null, { mysql: false, replication: false }))).toEqual([]);
  });

  it("holds no password, and comments out what names a variable that is not set", () => {
    const scene = buildR1();
    scene.configure({ replication: { user: "repl", password: { secret: "canary" } } });
    scene.configure({
      haproxies: [
        { name: "lb1", location: { kind: "stats", url: "http://h/stats", user: "u", password: { secret: "canary" } } },
      ],
    });
    const text = textOf(scene, null, { mysql: false, replication: false });
    expect(text).not.toContain("canary");
    expect(text).toMatch(/^ {2}# password_env: SIGNALBOX_MYSQL_PASSWORD {3}# export it/m);
    expect(text).toMatch(/^ {4}# +user: repl$/m);
    expect(text).toMatch(/^ +stats: http:\/\/h\/stats$/m);
    expect(text).toContain("add its login");
  });

  it("keeps what servers say inside its comments", async () => {
    const scene = buildR1();
    const report = scene.haproxyReport("lb1");
    scene.node("db1", { version: "10.11\nclusters: []" });
    if (report.process !== null)
      scene.haproxy("lb1", { reading: fresh({ ...report, process: { ...report.process, version: "2\nx: y" } }) });
    const text = textOf(scene);
    expect(text).toContain("10.11\\nclusters: []");
    expect(await bench.problemsOf(text)).toEqual([]);
  });

  it.each([
    ["write_nodes", "write_nodes"],
    ["127.0.0.1:3306", "127.0.0.1:3306"],
    ["db1.example.com:3306", "db1.example.com:3306"],
    ["unix:///run/haproxy/admin.sock", "unix:///run/haproxy/admin.sock"],
    ["ssh://ops@lb2/run/x.sock", "ssh://ops@lb2/run/x.sock"],
    ["[::1]:3306", '"[::1]:3306"'],
    ["true", '"true"'],
    ["123", '"123"'],
    ["- a", '"- a"'],
    ["a: b", '"a: b"'],
    ["a #b", '"a #b"'],
    ["*x", '"*x"'],
  ])("the text %s as %s", (text, written) => {
    expect(formatScalar(text)).toBe(written);
  });
});
