/** One real HAProxy made for the reader's contract: a server of every kind, sockets of every level, a stats page, and faults. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HaproxyLocation } from "../../src/model/settings.ts";
import { type HaproxyEngineName, requireEngine } from "../lab/engines.ts";
import { sendCommand } from "../lab/haproxy.ts";
import { findFreePorts } from "../lab/ports.ts";
import { ServerProcess } from "../lab/process.ts";
import { canAccept } from "../lab/reload.ts";
import { waitFor } from "../lab/wait.ts";
import type { LiveHaproxySubject } from "./haproxy-reader.suite.ts";

export interface RealHaproxy extends LiveHaproxySubject {
  readonly tcp: HaproxyLocation;
  readonly abstract: HaproxyLocation;
  readonly statsUrl: string;
  readonly masterPath: string;
  /** Where clients connect: another port of the same process that is no stats socket. */
  readonly clientPort: number;
  readonly workerPid: () => Promise<number>;
  /** SIGUSR2; resolves when a new worker answers and the old one takes no connection any more. */
  reload(): Promise<void>;
  signalWorker(pid: number, signal: NodeJS.Signals): void;
  /** SIGKILL of the process without a master, which leaves its socket file behind. */
  kill(): Promise<void>;
}

/** What a hostile server can make HAProxy say in `last_chk`: quotes, a comma, line ends, ESC, BEL, and a look-alike of the table. */
export const HOSTILE_TEXT = 'a,"b"\n\n# pxname,svname,\n> \u001b[2J\u0007';

interface Ports {
  readonly tcp: number;
  readonly stats: number;
  readonly client: number;
  readonly healthy: number;
  readonly hostile: number;
  readonly closed: number;
}

function buildConfig(folder: string, name: string, ports: Ports): string {
  const socket = (level: string): string => `stats socket ${join(folder, `${level}.sock`)} mode 600 level ${level}`;
  return `global
    maxconn 200
    ${socket("admin")} expose-fd listeners
    ${socket("operator")}
    ${socket("user")}
    stats socket ipv4@127.0.0.1:${ports.tcp} level admin
    stats socket abns@${name} level admin
defaults
    mode tcp
    timeout connect 1s
    timeout check 1s
    timeout client 10s
    timeout server 10s
listen use
    bind 127.0.0.1:${ports.client}
    default-server inter 100ms
    server healthy 127.0.0.1:${ports.healthy} check weight 50
    server spare 127.0.0.1:${ports.healthy} check backup
    server closed 127.0.0.1:${ports.closed} check
    server disabled 127.0.0.1:${ports.healthy} check disabled
    server unchecked 127.0.0.1:${ports.healthy}
    server follower 127.0.0.1:${ports.healthy} track use/disabled
backend hostile
    option mysql-check user nobody
    server evil 127.0.0.1:${ports.hostile} check inter 100ms
backend hidden
    disabled
    server unseen 127.0.0.1:${ports.healthy}
backend fixed
    balance static-rr
    server steady 127.0.0.1:${ports.healthy}
frontend page
    mode http
    bind 127.0.0.1:${ports.stats}
    stats enable
    stats uri /stats
    stats auth ops:p:ss
`;
}

export async function startRealHaproxy(engine: HaproxyEngineName): Promise<RealHaproxy> {
  const { program, version } = requireEngine(engine);
  const folder = await mkdtemp(join(tmpdir(), "signalbox-haproxy-"));
  const [tcp = 0, stats = 0, client = 0, healthy = 0, hostile = 0, closed = 0] = await findFreePorts(6);
  const backing = [await listenHealthy(healthy), await listenHostile(hostile)];
  const abstractName = `signalbox-${process.pid}-${tcp}`;
  const config = join(folder, "haproxy.cfg");
  await writeFile(config, buildConfig(folder, abstractName, { tcp, stats, client, healthy, hostile, closed }));
  const path = join(folder, "admin.sock");
  const masterPath = join(folder, "master.sock");
  const master = new ServerProcess({
    command: [program, "-W", "-f", config, "-S", masterPath],
    logFile: join(folder, "haproxy.log"),
  });
  const command = (line: string): Promise<string> => sendCommand(path, line);
  const workerPid = async (): Promise<number> => Number(/^Pid: (\d+)$/m.exec(await command("show info"))?.[1]);
  await waitFor(`${engine} to have checked its servers`, () =>
    master.whileAlive(async () => {
      const stat = await command("show stat");
      return (
        /^use,healthy,.*L4OK/m.test(stat) &&
        /^use,closed,.*,DOWN,.*L4CON/m.test(stat) &&
        /^hostile,evil,.*DOWN/m.test(stat)
      );
    }),
  );
  return {
    location: { kind: "unix", path },
    tcp: { kind: "tcp", host: "127.0.0.1", port: tcp },
    abstract: { kind: "unix", path: `abns@${abstractName}` },
    statsUrl: `http://127.0.0.1:${stats}/stats`,
    masterPath,
    clientPort: client,
    version: / version (\S+)/.exec(version)?.[1] ?? "",
    level: "admin",
    healthyServer: "use/healthy",
    lowerLevels: [
      { level: "operator", location: { kind: "unix", path: join(folder, "operator.sock") } },
      { level: "user", location: { kind: "unix", path: join(folder, "user.sock") } },
    ],
    command,
    workerPid,
    async reload() {
      const before = await workerPid();
      // Right after another reload the master may still be starting anew, and would lose the signal.
      await waitFor("the master to listen", async () =>
        (await sendCommand(masterPath, "show proc;quit")).includes(`\n${before} `),
      );
      master.signal("SIGUSR2");
      await waitFor("a new worker", async () => (await workerPid()) !== before);
      await waitFor("the old worker to close", () => !canAccept(before));
    },
    signalWorker: (pid, signal) => void process.kill(pid, signal),
    async kill() {
      const worker = await workerPid();
      await master.kill();
      process.kill(worker, "SIGKILL");
    },
    async stop() {
      await master.stop(2000);
      for (const server of backing) server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function listenHealthy(port: number): Promise<Server> {
  return listen(
    port,
    createServer((socket) => socket.on("error", () => {}).resume()),
  );
}

/** Answers every client with a MySQL error packet: "too many connections" with a text of its own. */
function listenHostile(port: number): Promise<Server> {
  const body = Buffer.concat([Buffer.from([0xff, 0x10, 0x04]), Buffer.from(`#08004${HOSTILE_TEXT}`, "latin1")]);
  const packet = Buffer.concat([Buffer.from([body.length, 0, 0, 0]), body]);
  return listen(
    port,
    createServer((socket) =>
      socket
        .on("error", () => {})
        .resume()
        .end(packet),
    ),
  );
}

function listen(port: number, server: Server): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}
