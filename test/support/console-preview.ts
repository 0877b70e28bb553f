/**
 * Looks at the console without servers: `NODE_ENV=production npx tsx test/support/console-preview.ts [calm|trouble|big]`.
 * Prints what it cost (CPU, bytes to the terminal) when it ends.
 */

import { appendFileSync } from "node:fs";
import type { ChangeEvent } from "../../src/model/change.ts";
import type { Settings } from "../../src/model/settings.ts";
import type { ClusterSnapshot, NodeSnapshot } from "../../src/model/snapshot.ts";
import { runConsole } from "../../src/ui/run.tsx";
import { createFakeEngine } from "./fake-engine.ts";
import * as build from "./snapshots.ts";

const scenario = process.argv[2] ?? "calm";
const started = Date.now();

function age<T extends NodeSnapshot>(node: T, now: number, tick: number): NodeSnapshot {
  if (node.reading.state !== "fresh") return node;
  const report = node.reading.value;
  const moved = node.channels.map((channel) => ({
    ...channel,
    executedPos: 4_711 + tick * 300,
    readPos: 4_711 + tick * 300,
  }));
  return {
    ...node,
    channels: moved,
    reading: {
      ...node.reading,
      at: now,
      value: {
        ...report,
        channels: moved,
        uptimeSeconds: 259_200 + tick,
        position: { file: "mysql-bin.000012", pos: 4_711 + tick * 300, gtid: `0-1-${1234 + tick}` },
      },
    },
    servers: node.servers.map((link) => ({
      ...link,
      server: { ...link.server, sessions: Math.max(0, (link.server.sessions ?? 0) + (tick % 3)) },
    })),
  };
}

function trouble(cluster: ClusterSnapshot, now: number): ClusterSnapshot {
  const nodes = cluster.nodes.map((node) => {
    if (node.name === "ubuntu3")
      return {
        ...node,
        channels: [
          build.buildChannel("ubuntu1", {
            sql: "no",
            lagSeconds: null,
            lagFrom: "unknown" as const,
            behind: 412,
            sqlError: { code: 1062, message: "Duplicate entry '7' for key 'PRIMARY'" },
          }),
        ],
      };
    if (node.name === "ubuntu4")
      return {
        ...node,
        role: "unknown" as const,
        reading: build.failed<never>({ target: "ubuntu4 10.0.0.14:3306", kind: "timeout" }, null, now),
      };
    if (node.name === "ubuntu2" && node.reading.state === "fresh")
      return { ...node, reading: build.stale(node.reading.value, "ubuntu2", now - 12_000) };
    return node;
  });
  const alerts = [
    build.buildAlert(),
    build.buildAlert({
      code: "node-unreachable",
      node: "ubuntu4",
      subject: "ubuntu4",
      message: "ubuntu4 10.0.0.14:3306 does not answer: timeout after 3 s",
      advice: "Check the host and the network; HAProxy still sends it readers.",
    }),
    build.buildAlert({
      code: "backup-writable",
      severity: "warning",
      node: "ubuntu2",
      subject: "ubuntu2",
      message: "ubuntu2 is writable although it is the backup of write_nodes",
      advice: "SET GLOBAL read_only = 1 on ubuntu2.",
    }),
  ];
  return { ...cluster, health: "critical", nodes, alerts };
}

function big(): ClusterSnapshot {
  const servers = Array.from({ length: 1_000 }, (_, index) =>
    build.buildServer(`pool_${Math.floor(index / 100)}`, `web${index}`),
  );
  const nodes = Array.from({ length: 50 }, (_, index) =>
    build.buildNode(`db${index + 1}`, {
      servers: [build.buildLink("lb1", servers[index] ?? build.buildServer("a", "b"))],
      channels: index === 0 ? [] : [build.buildChannel("db1")],
    }),
  );
  return build.buildCluster({ haproxies: [build.buildHaproxy("lb1", servers)], nodes, writer: null });
}

const base = scenario === "big" ? big() : build.buildCluster();
let tick = 0;

function publish(): void {
  tick += 1;
  const now = Date.now();
  const moved = {
    ...base,
    nodes: base.nodes.map((node) => age(node, now, tick)),
    haproxies: base.haproxies.map((each) => ({
      ...each,
      reading: each.reading.state === "fresh" ? { ...each.reading, at: now } : each.reading,
    })),
  };
  const cluster = scenario === "trouble" ? trouble(moved, now) : moved;
  const changes: ChangeEvent[] =
    tick % 10 === 5 && scenario === "trouble"
      ? [
          {
            at: now,
            cluster: "shop",
            kind: "server",
            severity: tick % 20 === 5 ? "critical" : "info",
            subject: "lb1 read_nodes/ubuntu4",
            before: "up",
            after: "down",
          },
        ]
      : [];
  engine.emit({
    type: "snapshot",
    snapshot: build.buildSnapshot({ at: now, clusters: [structuredClone(cluster)], changes }),
  });
}

const engine = createFakeEngine((request) => {
  if (request.type !== "watch-sessions" || request.node === null) return;
  const session = {
    id: 7,
    user: "shop",
    host: "10.0.0.5:3344",
    database: "shop",
    command: "Query",
    seconds: 3,
    state: "Sending data",
    query: "SELECT *\n FROM orders WHERE note = '\u001b[31mred\u0007'",
    system: false,
  };
  engine.emit({
    type: "sessions",
    report: { cluster: request.cluster, node: request.node, reading: build.fresh([session], request.node, Date.now()) },
  });
});

const settings: Settings = {
  intervalMs: 1_000,
  theme: "dark",
  readOnly: false,
  clusters: [],
  ssh: { configFile: "", knownHostsFile: "" },
  warnings: [],
};
let bytes = 0;
const write = process.stdout.write.bind(process.stdout);
process.stdout.write = ((chunk: string | Uint8Array, ...rest: never[]) => {
  if (process.env.FRAME_LOG) appendFileSync(process.env.FRAME_LOG, `${Date.now()} ${JSON.stringify(String(chunk))}\n`);
  bytes += typeof chunk === "string" ? Buffer.byteLength(chunk) : chunk.length;
  return write(chunk, ...rest);
}) as typeof process.stdout.write;

const timer = setInterval(publish, 1_000);
setTimeout(publish, 300);
let atRest = { cpu: process.cpuUsage(), bytes: 0, at: started };
setTimeout(() => {
  atRest = { cpu: process.cpuUsage(), bytes, at: Date.now() };
}, 5_000);
const code = await runConsole({
  engine,
  settings,
  version: "0.0.0-preview",
  configPath: null,
  readOnly: process.argv.includes("--read-only"),
  themeName: process.env.THEME ?? "dark",
  color: !process.env.NO_COLOR,
  stdin: process.stdin,
  stdout: process.stdout,
});
clearInterval(timer);
const seconds = (Date.now() - atRest.at) / 1_000;
const cpu = process.cpuUsage(atRest.cpu);
console.log(
  `exit ${code}; after the first 5 s: ${((cpu.user + cpu.system) / seconds / 10_000).toFixed(2)} % CPU, ${Math.round((bytes - atRest.bytes) / seconds)} B/s, RSS ${Math.round(process.memoryUsage.rss() / 1e6)} MB`,
);
process.exit(code);
