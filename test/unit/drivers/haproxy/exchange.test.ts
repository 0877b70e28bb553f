import { connect, type Socket } from "node:net";
import { Duplex } from "node:stream";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createHaproxyReader } from "../../../../src/drivers/haproxy/reader.ts";
import type { StreamOpener } from "../../../../src/drivers/haproxy/stream-opener.ts";
import { type FakeSocket, startFakeSocket } from "./fake-socket.ts";
import { replay } from "./recordings.ts";

let fake: FakeSocket | null = null;

afterEach(async () => {
  await fake?.stop();
  fake = null;
});

interface Options {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly maxAnswerBytes?: number;
  readonly openStream?: StreamOpener;
}

async function pollFake(
  answer: (line: string, socket: Socket) => void,
  options: Options = {},
  greet?: (socket: Socket) => void,
) {
  fake = await startFakeSocket(answer, greet);
  return pollPath(fake.path, options);
}

function pollPath(path: string, { timeoutMs = 2000, signal = new AbortController().signal, ...options }: Options = {}) {
  const reader = createHaproxyReader({ name: "lb1", location: { kind: "unix", path } }, options);
  return reader.poll({ signal, timeoutMs });
}

describe("an answer", () => {
  test("is the same when it comes byte by byte", async () => {
    const report = await pollFake(async (line, socket) => {
      socket.setNoDelay(true);
      for (const byte of Buffer.from(replay("2.6.12", line), "utf8")) {
        if (!socket.write(Buffer.of(byte))) await new Promise((resolve) => socket.once("drain", resolve));
      }
      socket.end();
    });
    expect(report.servers).toHaveLength(10);
  });

  test("may hold bytes of a checked server that look like its end, or like another table", async () => {
    const evil = '"x\n\n# pxname,svname,\n\n> ""\u001b[2J\u0000\u0007\n\n"';
    const report = await pollFake((line, socket) =>
      socket.end(replay("2.6.12", line).replace(/"#08004(?:[^"]|"")*"/, () => evil)),
    );
    expect(report.servers.find(({ server }) => server === "e1")?.checkInfo).toBe(
      'x\n\n# pxname,svname,\n\n> "\u001b[2J\u0000\u0007\n\n',
    );
    expect(report.proxies).toHaveLength(6);
  });

  test("of 5,000 servers is read whole", async () => {
    const report = await pollFake((line, socket) => {
      const [row = ""] = /^read_nodes,db2,.*\n/m.exec(replay("2.6.12", "show stat")) ?? [];
      const rows = Array.from({ length: 5000 }, (_, index) => row.replace("db2", `s${index}`)).join("");
      socket.end(replay("2.6.12", line).replace(row, () => rows));
    });
    expect(report.servers.filter(({ server }) => /^s\d/.test(server))).toHaveLength(5000);
  });

  test("over the limit is refused and the connection dropped", async () => {
    const polling = pollFake((_, socket) => socket.write("Name: HAProxy\n".repeat(500)), { maxAnswerBytes: 4096 });
    await expect(polling).rejects.toMatchObject({
      kind: "protocol",
      message: expect.stringContaining("larger than 4096"),
    });
    await vi.waitFor(() => expect(fake?.openConnections()).toBe(0), { timeout: 10_000 });
  });

  test.each([
    ["nothing", 0, "closed without an answer"],
    ["half of show info", 300, "cut off"],
    ["half of the state table", 1500, "cut off"],
    ["half of show stat", 4000, "cut off"],
  ])("with %s is refused", async (_, length, message) => {
    const polling = pollFake((line, socket) => socket.end(replay("2.6.12", line).slice(0, length)));
    await expect(polling).rejects.toMatchObject({ kind: "protocol", message: expect.stringContaining(message) });
  });

  test("of noise is refused, quoted and escaped", async () => {
    const polling = pollFake((_, socket) => socket.end("\u001b[2Jwhat?\n\n"));
    await expect(polling).rejects.toMatchObject({
      kind: "protocol",
      message: expect.stringContaining("\\e[2Jwhat?\\n"),
    });
  });

  test("that ends in a reset is refused", async () => {
    const opened = await new Promise<Socket>((resolve) => {
      startFakeSocket(() => {}).then((server) => {
        fake = server;
        const socket = connect(server.path, () => resolve(socket));
      });
    });
    const polling = pollPath("/unused", {
      openStream: async () => {
        setImmediate(() => opened.destroy(Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" })));
        return opened;
      },
    });
    await expect(polling).rejects.toMatchObject({ kind: "protocol", serverCode: "ECONNRESET" });
  });
});

describe("a server that speaks another protocol and never closes", () => {
  const mysqlGreeting = Buffer.concat([Buffer.from([0x4a, 0, 0, 0, 10]), Buffer.from("8.0.36\0", "latin1")]);
  test.each([
    ["a MySQL or MariaDB server", mysqlGreeting],
    ["an SSH server", Buffer.from("SSH-2.0-OpenSSH_9.2\r\n")],
    ["a mail or FTP server", Buffer.from("220 mail.example.com ESMTP\r\n")],
  ])("is told from its greeting: %s", async (name, greeting) => {
    const polling = pollFake(
      () => {},
      {},
      (socket) => socket.write(greeting),
    );
    await expect(polling).rejects.toMatchObject({ kind: "protocol", message: expect.stringContaining(name) });
  });

  test.each([
    ["an HTTP server", "HTTP/1.0 400 Bad request\r\n\r\n"],
    ["an HTTP server", "<html><body>400</body></html>"],
    ["a Redis server", "-ERR unknown command 'show'\r\n"],
    ["a server that speaks TLS", "\u0015\u0003\u0001\u0000\u0002\u0002\u0046"],
    ["HAProxy's master socket", "Unknown command, but maybe:\n  show proc     : show processes status\n"],
    [
      "HAProxy's master socket",
      "admin\n\nUnknown command, but maybe:\n  show cli level : x\n  show proc : show processes status\n",
    ],
  ])("is told from its answer: %s", async (name, answer) => {
    const polling = pollFake((_, socket) => socket.write(answer));
    await expect(polling).rejects.toMatchObject({ kind: "protocol", message: expect.stringContaining(name) });
  });
});

describe("a hanging server", () => {
  test("that accepts and stays silent ends in a timeout that names the two causes", async () => {
    const polling = pollFake(() => {}, { timeoutMs: 60 });
    await expect(polling).rejects.toMatchObject({
      kind: "timeout",
      operation: "show stat",
      message: "The connection was accepted, but no answer came within 60 ms.",
      advice: expect.stringContaining("full (10)"),
    });
    await vi.waitFor(() => expect(fake?.openConnections()).toBe(0), { timeout: 10_000 });
  });

  test("that stops in the middle ends in a timeout that tells how far it came", async () => {
    const polling = pollFake((_, socket) => socket.write("Name: HAProxy\n"), { timeoutMs: 60 });
    await expect(polling).rejects.toMatchObject({
      kind: "timeout",
      message: "The answer did not end within 60 ms (14 bytes came).",
    });
  });

  test("that does not even accept ends in a timeout of connecting, also when the opener ignores its signal", async () => {
    const late = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
    let open: (stream: Duplex) => void = () => {};
    const openStream = () => new Promise<Duplex>((resolve) => (open = resolve));
    const polling = pollPath("/unused", { timeoutMs: 40, openStream });
    await expect(polling).rejects.toMatchObject({ kind: "timeout", operation: "connect" });
    open(late);
    await vi.waitFor(() => expect(late.destroyed).toBe(true), { timeout: 10_000 });
  });
});

describe("cancelling", () => {
  test("ends a poll that waits for its answer, and its connection", async () => {
    const controller = new AbortController();
    const polling = pollFake(() => controller.abort(), { signal: controller.signal });
    await expect(polling).rejects.toMatchObject({ kind: "cancelled" });
    await vi.waitFor(() => expect(fake?.openConnections()).toBe(0), { timeout: 10_000 });
  });

  test("before the start opens nothing", async () => {
    const openStream = vi.fn<StreamOpener>();
    await expect(pollPath("/unused", { signal: AbortSignal.abort(), openStream })).rejects.toMatchObject({
      kind: "cancelled",
    });
    expect(openStream).not.toHaveBeenCalled();
  });
});
