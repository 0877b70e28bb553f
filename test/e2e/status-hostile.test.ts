import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ensureBuilt, PROGRAM } from "../support/program.ts";
import { lookOnce, runSignalbox } from "./status-runner.ts";

/** Endpoints that do what no HAProxy and no MySQL server should; none may end the program or reach the terminal unescaped. */
const servers: Server[] = [];
const sockets = new Set<Socket>();
const dir = mkdtempSync(join(tmpdir(), "sbx-hostile-"));

beforeAll(() => ensureBuilt());
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function listen(onSocket: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
    onSocket(socket);
  });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/;

const NASTY: readonly (readonly [title: string, onSocket: (socket: Socket) => void])[] = [
  ["says nothing", () => undefined],
  ["hangs up at once", (socket) => socket.destroy()],
  ["speaks another protocol", (socket) => socket.write("SSH-2.0-OpenSSH_9.2\u001b[2J\r\n")],
  [
    "sends noise",
    (socket) => socket.write(Buffer.from(Array.from({ length: 5000 }, (_, index) => (index * 7919) % 256))),
  ],
  ["answers by half and hangs up", (socket) => socket.once("data", () => socket.end("Name: HAProxy\nVersion: 2."))],
  ["answers by half and hangs", (socket) => socket.once("data", () => socket.write("Name: HAProxy\nVersion: 2."))],
  [
    "refuses with an escape sequence",
    (socket) => {
      // A MySQL error packet: length, sequence 0, 0xff, code 1040, text.
      const text = Buffer.from("\u001b[2J\u001b]0;owned\u0007 too many\n\u202econnections");
      const body = Buffer.concat([Buffer.from([0xff, 0x10, 0x04]), text]);
      socket.end(Buffer.concat([Buffer.from([body.length, 0, 0, 0]), body]));
    },
  ],
];

describe("signalbox status and an endpoint that", () => {
  it.each(NASTY)("%s, as a HAProxy and as a node", async (_title, onSocket) => {
    const port = await listen(onSocket);
    const args = ["--haproxy", `tcp://127.0.0.1:${port}`, "--mysql", `mysql://ops@127.0.0.1:${port}`];
    const { json, exitCode, err, tookMs } = await lookOnce(args);
    expect(err).toBe("");
    expect([1, 2, 3]).toContain(exitCode);
    expect(tookMs).toBeLessThan(6_000);
    expect(json.haproxies).toMatchObject([{ reachable: false, version: null, error: expect.stringMatching(/./) }]);
    expect(json.nodes).toMatchObject([{ reachable: false, role: "unknown", error: expect.stringMatching(/./) }]);
    const human = await runSignalbox(["status", ...args]);
    expect(human.exitCode).toBe(exitCode);
    expect(human.out).toMatch(/NO ANSWER/);
    expect(human.out + human.err).not.toMatch(CONTROL);
  });

  it("lies in its names: shown escaped, never fatal", async () => {
    const header =
      "# pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,wretr,wredis,status,weight,act,bck,chkfail,chkdown,lastchg,downtime,qlimit,pid,iid,sid,throttle,lbtot,tracked,type,rate,rate_lim,rate_max,check_status,check_code,check_duration,hrsp_1xx";
    const row = `"a\u001b[31mb","s\u0007""x",0,0,1,1,,1,1,1,,0,,0,0,0,0,UP,1,1,0,0,0,5,0,,1,2,1,,1,,2,0,,1,L7OK,0,1,`;
    const port = await listen((socket) =>
      socket.once("data", () =>
        socket.end(`Name: HAProxy\nVersion: 2.6.12\u001b[2J\nPid: 7\nUptime_sec: 5\n\n${header}\n${row}\n\n`),
      ),
    );
    const { out, exitCode } = await runSignalbox(["status", "--haproxy", `tcp://127.0.0.1:${port}`]);
    expect(out).toContain("\\e[");
    expect(out).not.toMatch(CONTROL);
    expect([0, 1, 2, 3]).toContain(exitCode);
  });

  it("is not there: told so at once", async () => {
    const { json, tookMs } = await lookOnce([
      "--haproxy",
      `unix://${dir}/none.sock`,
      "--mysql",
      "mysql://ops@127.0.0.1:1",
    ]);
    expect(tookMs).toBeLessThan(3_000);
    expect(json.haproxies[0]?.reachable).toBe(false);
    expect(json.nodes[0]?.reachable).toBe(false);
  });
});

describe("the program", () => {
  it("ends with 78 for a file that is not there and 64 for a word it does not know", async () => {
    expect(await runSignalbox(["status", "-c", join(dir, "none.yaml")])).toMatchObject({
      exitCode: 78,
      out: "",
      err: `${dir}/none.yaml: no such file; --config names it\n`,
    });
    expect(await runSignalbox(["sttaus"])).toMatchObject({
      exitCode: 64,
      err: expect.stringContaining("did you mean status?"),
    });
  });

  it("without a terminal says so in one line, exit code 64, also with a configuration", async () => {
    const file = join(dir, "ok.yaml");
    writeFileSync(file, `clusters: [{name: a, haproxy: [{name: b, socket: ${dir}/none.sock}]}]\n`);
    for (const args of [["-c", file], ["console", "-c", file], ["watch", "-c", file], ["demo"]]) {
      const { exitCode, out, err } = await runSignalbox(args);
      expect({ exitCode, out, lines: err.trim().split("\n").length }).toEqual({ exitCode: 64, out: "", lines: 1 });
    }
  });

  it("ends quietly when nobody reads its output", async () => {
    const child = spawn(
      "/bin/sh",
      [
        "-c",
        '"$0" "$1" status --haproxy "$2"; echo "exit $?" >&2',
        process.execPath,
        PROGRAM,
        `unix://${dir}/none.sock`,
      ],
      {
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    child.stdout.destroy();
    let err = "";
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      err += chunk;
    });
    await once(child, "close");
    expect(err).toMatch(/^exit \d\n$/);
  });

  it("ends with 130 at Ctrl-C while an endpoint hangs", async () => {
    let connect: () => void = () => {};
    const connected = new Promise<void>((resolve) => {
      connect = resolve;
    });
    const port = await listen(() => connect());
    const child = spawn(process.execPath, [PROGRAM, "status", "--haproxy", `tcp://127.0.0.1:${port}`], {
      stdio: "ignore",
    });
    await connected;
    child.kill("SIGINT");
    const [exitCode] = await once(child, "exit");
    expect(exitCode).toBe(130);
  });
});
