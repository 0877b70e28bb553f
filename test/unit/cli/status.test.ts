import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { runStatusCommand, type StatusOptions } from "../../../src/cli/commands/status.ts";
import { Interrupted } from "../../../src/cli/interruption.ts";
import type { Health } from "../../../src/model/alert.ts";
import type { ClusterSnapshot } from "../../../src/model/snapshot.ts";
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
  fresh,
  START,
  stale,
} from "../../support/snapshots.ts";
import { listSchemaViolations } from "../../support/status-schema.ts";
import { createFakeIo, type FakeIoOptions } from "./fake-io.ts";

const dir = mkdtempSync(join(tmpdir(), "sbx-status-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
writeFileSync(
  join(dir, "signalbox.yaml"),
  "clusters:\n  - {name: shop, haproxy: [{name: lb1, socket: /a}]}\n  - {name: blog, haproxy: [{name: lb1, socket: /a}]}\n",
  { mode: 0o600 },
);

const NOW = START + 40;

async function status(
  clusters: readonly ClusterSnapshot[],
  options: Partial<StatusOptions> = {},
  world: FakeIoOptions = {},
) {
  const fake = createFakeIo({ cwd: dir, now: NOW, ...world });
  const exitCode = await runStatusCommand(fake.io, { color: true, ...options }, async () =>
    buildSnapshot({ clusters }),
  );
  return { exitCode, out: fake.out(), err: fake.err() };
}

/** R1 with everything that can be amiss in one picture. */
function buildTrouble(): ClusterSnapshot {
  const calm = buildCluster();
  const [primary, , , fourth] = calm.nodes;
  if (primary === undefined || fourth === undefined) throw new Error("R1 has four nodes");
  const brokenChannel = buildChannel("ubuntu1", {
    sql: "no",
    lagSeconds: null,
    lagFrom: "unknown",
    behind: null,
    sqlError: { code: 1062, message: "Duplicate entry '\u001b[2J' for key" },
  });
  const second = buildChannel("", {
    name: "analytics",
    sourceNode: null,
    executedFile: null,
    executedPos: null,
    io: "connecting",
    behind: 12,
  });
  return {
    ...calm,
    health: "critical",
    haproxies: [
      ...calm.haproxies,
      buildHaproxy("lb2", [], {
        reading: failed({ target: "lb2", message: "connection refused", advice: "Is HAProxy running?" }, null),
      }),
    ],
    nodes: [
      {
        ...primary,
        reading: failed(
          { target: "ubuntu1", message: "no answer in 3000 ms", advice: null },
          { value: buildReport(), at: START - 9000 },
        ),
        role: "unknown",
      },
      buildNode("ubuntu3", { address: "10.0.0.13:3306", channels: [brokenChannel, second] }),
      { ...fourth, reading: stale(buildReport(), "ubuntu4", START - 5000) },
      buildNode("new\u001b[31mnode", { reading: { state: "never", from: "x" }, role: "unknown", knownFrom: "haproxy" }),
      buildNode("blind", {
        reading: fresh(
          buildReport({
            channels: null,
            readOnly: null,
            position: null,
            problems: [
              {
                part: "replica status",
                failure: {
                  kind: "rejected",
                  target: "blind",
                  operation: "x",
                  message: "access denied",
                  advice: null,
                  serverCode: 1227,
                },
              },
            ],
          }),
          "blind",
        ),
        role: "unknown",
      }),
    ],
    alerts: [
      buildAlert({ message: "applier stopped: Duplicate entry '\u001b[2J' \u202e\u009b31m" }),
      buildAlert({
        code: "haproxy-unreachable",
        severity: "warning",
        node: null,
        subject: "lb2",
        message: "lb2 does not answer: connection refused",
      }),
    ],
    writer: {
      backend: "write_nodes",
      knownFrom: "config",
      multiWriter: false,
      expected: ["ubuntu1"],
      probed: "ubuntu1",
      probedAt: START,
    },
  };
}

describe("status for people", () => {
  it("shows a calm R1 in 80 columns", async () => {
    const { exitCode, out, err } = await status([buildCluster()]);
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
    expect(out).toMatchInlineSnapshot(`
      "shop  OK  2026-11-20T03:00:00Z

        HAPROXY  VERSION  LEVEL  PID   UPTIME  AGE   URL
        lb1      2.6.12   admin  4242  25h     40ms  unix:///run/haproxy/lb1.sock

        NODE     ROLE     RO  lb1            IO   SQL  LAG  BEHIND  POSITION     AGE
        ubuntu1  source   rw  W:up           -    -    -    -       000012:4711  40ms
        ubuntu2  replica  ro  W:up(bk) R:up  yes  yes  0s   0       000012:4711  40ms
        ubuntu3  replica  ro  R:up           yes  yes  0s   0       000012:4711  40ms
        ubuntu4  replica  ro  R:up           yes  yes  0s   0       000012:4711  40ms

        W = write_nodes, new writes go to ubuntu1; R = read_nodes
      "
    `);
    expect(Math.max(...out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it("shows what is amiss, unknown as ?, with the reason", async () => {
    const { exitCode, out } = await status([buildTrouble()]);
    expect(exitCode).toBe(2);
    expect(out).toMatchInlineSnapshot(`
      "shop  CRITICAL  1 critical  1 warning  2026-11-20T03:00:00Z
        CRITICAL  replica-sql-stopped  ubuntu3
                  applier stopped: Duplicate entry '\\e[2J' \\u202e\\x9b31m
                  To do: Look at the row on both sides before anything is skipped; readers on ubuntu3 see old data.
        WARNING   haproxy-unreachable  lb2
                  lb2 does not answer: connection refused
                  To do: Look at the row on both sides before anything is skipped; readers on ubuntu3 see old data.

        HAPROXY  VERSION  LEVEL  PID   UPTIME  AGE        URL
        lb1      2.6.12   admin  4242  25h     40ms       unix:///run/haproxy/lb1.sock
        lb2      ?        ?      ?     ?       NO ANSWER  unix:///run/haproxy/lb2.sock

        NODE                 ROLE     RO  lb1   lb2  IO          SQL  LAG  BEHIND  POSITION     AGE
        ubuntu1              ?        ?   W:up  ?    ?           ?    ?    ?       ?            NO ANSWER
        ubuntu3              replica  ro  -     ?    yes         no   ?    ?       000012:4711  40ms
          channel analytics                          connecting  yes  0s   12      ?
        ubuntu4              replica  ?   R:up  ?    ?           ?    ?    ?       ?            5s STALE
        new\\e[31mnode        ?        ?   -     ?    ?           ?    ?    ?       ?            NOT ASKED
        blind                ?        ?   -     ?    ?           ?    ?    ?       ?            40ms
        ubuntu1: no answer in 3000 ms
        blind: replica status unknown: access denied

        W = write_nodes, new writes go to ubuntu1; probe answered by ubuntu1; R = read_nodes

        HAPROXY SERVERS WITHOUT A KNOWN NODE
        lb1 write_nodes/ubuntu2  UP
        lb1 read_nodes/ubuntu2  UP
        lb1 read_nodes/ubuntu3  UP
      "
    `);
  });

  it("says that nobody knows where writes go while no HAProxy tells, and nobody only where one says so", async () => {
    const writer = { ...(buildCluster().writer as NonNullable<ClusterSnapshot["writer"]>), expected: [] };
    const silent = buildHaproxy("lb1", [], { reading: failed({}, null) });
    const { out: unknown } = await status([buildCluster({ haproxies: [silent], writer })]);
    expect(unknown).toContain("W = write_nodes, where new writes go is not known; R = read_nodes\n");
    const down = buildHaproxy("lb1", [buildServer("write_nodes", "ubuntu1", { state: "down" })]);
    const { out: nobody } = await status([buildCluster({ haproxies: [down], writer })]);
    expect(nobody).toContain("W = write_nodes, new writes go to nobody, as far as HAProxy tells; R = read_nodes\n");
  });

  it("lets no control character through, with colour or without", async () => {
    const plain = await status([buildTrouble()]);
    expect(plain.out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    const coloured = await status([buildTrouble()], {}, { stdoutIsTty: true });
    expect(coloured.out.replace(/\u001b\[[\d;]*m/g, "")).toBe(plain.out);
    expect(coloured.out).not.toBe(plain.out);
  });

  it.each([
    ["--no-color", { color: false }, { stdoutIsTty: true }],
    ["NO_COLOR", {}, { stdoutIsTty: true, env: { NO_COLOR: "1" } }],
    ["a dumb terminal", {}, { stdoutIsTty: true, env: { TERM: "dumb" } }],
    ["a pipe", {}, { stdoutIsTty: false }],
  ] as const)("uses no colour for %s", async (_title, options, world) => {
    const { out } = await status([buildTrouble()], options, world);
    expect(out).not.toContain("\u001b");
  });

  it("tells servers of HAProxy that are no node we know", async () => {
    const servers = [buildServer("api", "web\u001b1", { status: "UP 1/3" })];
    const { out } = await status([buildCluster({ haproxies: [buildHaproxy("lb1", servers)], nodes: [] })]);
    expect(out).toContain("  lb1 api/web\\e1  UP 1/3\n");
    expect(out).toContain("no nodes are known");
  });

  it("--log keeps what was found", async () => {
    await status([buildTrouble()], { log: "status.log" });
    const lines = readFileSync(join(dir, "status.log"), "utf8").trim().split("\n");
    expect(lines[0]).toBe("2026-11-20T03:00:00.040Z shop status: critical");
    expect(lines[2]).toBe(
      "2026-11-20T03:00:00.040Z shop warning haproxy-unreachable lb2: lb2 does not answer: connection refused",
    );
    expect(lines).toHaveLength(3);
  });

  it("warnings of the configuration go to stderr", async () => {
    const open = mkdtempSync(join(dir, "open-"));
    writeFileSync(
      join(open, "signalbox.yaml"),
      "mysql: {password: canary}\nclusters: [{name: shop, haproxy: [{name: a, socket: /a}]}]\n",
      { mode: 0o644 },
    );
    const { out, err } = await status([buildCluster()], {}, { cwd: open });
    expect(err).toMatch(
      /^signalbox: warning: .* holds a password and everyone on this machine can read it; chmod o-r .*\n$/,
    );
    expect(out + err).not.toContain("canary");
  });
});

describe("status --json", () => {
  it.each([
    ["calm", buildCluster()],
    ["in trouble", buildTrouble()],
    ["empty", buildCluster({ haproxies: [], nodes: [], writer: null, readerBackends: [], health: "unknown" })],
  ])("of a cluster that is %s keeps to the schema, alone and among others", async (_title, cluster) => {
    const alone = await status([cluster], { json: true, cluster: "shop" });
    expect(listSchemaViolations(JSON.parse(alone.out))).toEqual([]);
    expect(JSON.parse(alone.out)).toMatchObject({ schema: 1, cluster: "shop", at: "2026-11-20T03:00:00.040Z" });
    const several = await status([cluster, buildCluster({ name: "blog" })], { json: true });
    expect(listSchemaViolations(JSON.parse(several.out))).toEqual([]);
    expect(JSON.parse(several.out).clusters.map((each: { cluster: string }) => each.cluster)).toEqual(["shop", "blog"]);
  });

  it("the schema refuses what the contract does not know", () => {
    expect(listSchemaViolations({ schema: 1 })).not.toEqual([]);
    expect(
      listSchemaViolations({ schema: 1, at: new Date(NOW).toISOString(), health: "ok", clusters: [], more: 1 }),
    ).not.toEqual([]);
    expect(
      listSchemaViolations({ schema: 1, at: new Date(NOW).toISOString(), health: "fine", clusters: [] }),
    ).not.toEqual([]);
    expect(listSchemaViolations({ schema: 1, at: new Date(NOW).toISOString(), health: "ok", clusters: [] })).toEqual(
      [],
    );
  });

  it("is harmless on a terminal and verbatim after parsing", async () => {
    const { out } = await status([buildTrouble()], { json: true, cluster: "shop" });
    expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(JSON.parse(out).alerts[0].message).toBe("applier stopped: Duplicate entry '\u001b[2J' \u202e\u009b31m");
  });

  it("unknown is null, never zero", async () => {
    const { out } = await status([buildTrouble()], { json: true, cluster: "shop" });
    const [silent, broken] = JSON.parse(out).nodes;
    expect(silent).toMatchObject({ reachable: false, readOnly: null, position: null, serverId: null });
    expect(broken.channels[0]).toMatchObject({ lagSeconds: null, behind: null });
  });
});

describe("the exit code of status", () => {
  it.each([
    [["ok", "ok"], 0],
    [["ok", "warning"], 1],
    [["warning", "critical"], 2],
    [["ok", "unknown"], 3],
    [["unknown", "warning"], 1],
  ] as const)("for clusters that are %j is %i", async (healths, expected) => {
    const clusters = healths.map((health: Health, index) => buildCluster({ name: `c${index}`, health }));
    expect((await status(clusters)).exitCode).toBe(expected);
    expect((await status(clusters, { json: true })).exitCode).toBe(expected);
  });

  it("Ctrl-C ends a look that hangs", async () => {
    const fake = createFakeIo({ cwd: dir });
    let asked: () => void = () => {};
    const isAsked = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const pending = runStatusCommand(fake.io, { color: true }, () => {
      asked();
      return new Promise(() => undefined);
    });
    await isAsked;
    await Promise.resolve();
    fake.interrupt();
    await expect(pending).rejects.toBeInstanceOf(Interrupted);
  });
});
