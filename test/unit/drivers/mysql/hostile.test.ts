import type { Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DriverError } from "../../../../src/drivers/errors.ts";
import { createMysqlReader } from "../../../../src/drivers/mysql/reader.ts";
import {
  afterLogin,
  buildError,
  buildGreeting,
  buildOk,
  buildPacket,
  type FakeServer,
  startFakeServer,
} from "./fake-server.ts";

const deadlineMs = 400;
let server: FakeServer | undefined;
let printed: unknown[][] = [];
const escaped: unknown[] = [];
const onEscaped = (error: unknown) => escaped.push(error);

beforeEach(() => {
  printed = [];
  escaped.length = 0;
  for (const method of ["error", "log", "warn", "trace"] as const) {
    vi.spyOn(console, method).mockImplementation((...args) => void printed.push(args));
  }
  process.on("uncaughtException", onEscaped);
  process.on("unhandledRejection", onEscaped);
});

afterEach(async () => {
  await server?.close();
  vi.restoreAllMocks();
  process.off("uncaughtException", onEscaped);
  process.off("unhandledRejection", onEscaped);
});

function readerFor(port: number, mode: "off" | "preferred" | "required" = "off") {
  const tls = { mode, caFile: null, certFile: null, keyFile: null };
  const access = { user: "ops", password: { secret: "s3cret" }, tls, connectTimeoutMs: 2_000 };
  return createMysqlReader({ name: "db1", host: "127.0.0.1", port, access, heartbeatTable: null });
}

/** Polls once and gives the error; proves on the way that it came in time, that nothing escaped, nothing was printed, no socket stayed. */
async function pollAgainst(
  behave: (socket: Socket) => void,
  mode: "off" | "preferred" | "required" = "off",
): Promise<DriverError> {
  server = await startFakeServer(behave);
  const reader = readerFor(server.port, mode);
  const begin = performance.now();
  const error = await reader.poll({ signal: new AbortController().signal, timeoutMs: deadlineMs }).then(
    () => new Error("the poll succeeded"),
    (thrown: unknown) => thrown,
  );
  expect(performance.now() - begin).toBeLessThan(deadlineMs + 1_000);
  const { open } = server;
  await vi.waitFor(() => expect(open.size).toBe(0), { timeout: 2_000 });
  await reader.close();
  expect(escaped).toEqual([]);
  expect(printed).toEqual([]);
  expect(error).toBeInstanceOf(DriverError);
  expect((error as DriverError).message).not.toContain("s3cret");
  return error as DriverError;
}

/** A result set header for one column, then the column, as a server would send it. */
function buildColumn(sequence: number, name: string): Buffer {
  const text = (value: string) => Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
  const fixed = Buffer.from([0x0c, 45, 0, 0, 1, 0, 0, 0xfd, 0, 0, 0, 0, 0]);
  const payload = Buffer.concat([text("def"), text(""), text(""), text(""), text(name), text(""), fixed]);
  return Buffer.concat([buildPacket(sequence, Buffer.from([1])), buildPacket(sequence + 1, payload)]);
}

describe("A poll ends in time, with a clear error, against a server that", () => {
  it("accepts and says nothing", async () => {
    const error = await pollAgainst(() => undefined);
    expect(error).toMatchObject({ kind: "timeout", operation: "connect" });
    expect(error.advice).toContain("another service");
  });

  it("closes at once", async () => {
    expect(await pollAgainst((socket) => socket.end())).toMatchObject({ kind: "unreachable", operation: "connect" });
  });

  it("resets the connection", async () => {
    expect((await pollAgainst((socket) => socket.resetAndDestroy())).kind).toBe("unreachable");
  });

  it.each([
    ["SSH", "SSH-2.0-OpenSSH_9.2p1\r\n"],
    ["HTTP", "HTTP/1.1 400 Bad Request\r\n\r\n"],
    ["SMTP with an escape sequence", "220 \u001b[2Jmail\r\n"],
    ["HAProxy's socket", "Unknown command: 'x'\n"],
  ])("speaks %s", async (_, greeting) => {
    const error = await pollAgainst((socket) => socket.write(greeting));
    expect(error.kind).toBe("protocol");
    expect(error.message).toContain("another protocol");
    expect(error.message).not.toContain("\u001b");
  });

  it("greets and then says nothing", async () => {
    expect(await pollAgainst((socket) => socket.write(buildGreeting()))).toMatchObject({
      kind: "timeout",
      operation: "connect",
    });
  });

  it("announces one huge packet after the other", async () => {
    const part = Buffer.alloc(16_777_219, 0xff);
    part[3] = 1;
    const error = await pollAgainst(
      afterLogin((socket) => {
        const next = () => void (socket.writable && socket.write(part, next));
        next();
      }),
    );
    expect(error.message).toMatch(/sent more than \d+ bytes|no answer within/);
  });

  it("stops in the middle of the greeting", async () => {
    expect((await pollAgainst((socket) => socket.write(buildGreeting().subarray(0, 20)))).kind).toBe("timeout");
  });

  it("has no connection left, and is therefore alive", async () => {
    const error = await pollAgainst((socket) =>
      socket.end(buildPacket(0, Buffer.from("\xff\x10\x04Too many connections", "latin1"))),
    );
    expect(error).toMatchObject({ kind: "rejected", serverCode: 1040 });
  });

  it.each([
    [1129, "rejected"],
    [1130, "auth"],
    [1045, "auth"],
    [1251, "auth"],
    [3159, "tls"],
  ])("refuses with %i", async (code, kind) => {
    expect(await pollAgainst((socket) => socket.end(buildError(0, code, "no")))).toMatchObject({
      kind,
      serverCode: code,
    });
  });

  it("accepts the login and never answers a statement", async () => {
    expect(await pollAgainst(afterLogin(() => undefined))).toMatchObject({ kind: "timeout", operation: "identity" });
  });

  it("closes in the middle of an answer", async () => {
    const error = await pollAgainst(afterLogin((socket) => socket.end(buildColumn(1, "version").subarray(0, 9))));
    expect(error).toMatchObject({ kind: "unreachable", operation: "identity" });
  });

  it("sends packets out of order", async () => {
    const error = await pollAgainst(afterLogin((socket) => socket.write(buildColumn(7, "version"))));
    expect(error.kind).toBe("protocol");
    expect(error.message).toContain("out of order");
  });

  it("answers with a column that is cut short", async () => {
    const broken = Buffer.concat([buildPacket(1, Buffer.from([1])), buildPacket(2, Buffer.from([0xfc, 0xff]))]);
    expect(await pollAgainst(afterLogin((socket) => socket.write(broken)))).toBeInstanceOf(DriverError);
  });

  it("asks for a local file", async () => {
    const request = buildPacket(1, Buffer.from("\xfb/etc/passwd", "latin1"));
    const seen: string[] = [];
    await pollAgainst(
      afterLogin((socket, query) => {
        seen.push(query);
        socket.write(request);
      }),
    );
    expect(seen.join("")).not.toContain("root:");
  });

  it("sends something nobody asked for right after the login", async () => {
    const error = await pollAgainst((socket) => {
      socket.write(buildGreeting());
      socket.once("data", () => socket.write(Buffer.concat([buildOk(2), buildOk(3), buildOk(9)])));
    });
    expect(error).toBeInstanceOf(DriverError);
  });

  it("wants a password in clear or a plugin nobody has", async () => {
    for (const plugin of ["mysql_clear_password", "auth_gssapi_client", "__proto__"]) {
      const change = buildPacket(2, Buffer.from(`\xfe${plugin}\0scramble`, "latin1"));
      const error = await pollAgainst((socket) => {
        socket.write(buildGreeting());
        socket.once("data", () => socket.write(change));
      });
      expect(error.kind).toBe("auth");
      await server?.close();
    }
  });

  it("sends a broken key for the password", async () => {
    const error = await pollAgainst((socket) => {
      const replies = [
        buildPacket(2, Buffer.from("\xfecaching_sha2_password\0aaaaaaaaaaaaaaaaaaaa\0", "latin1")),
        buildPacket(4, Buffer.from([1, 4])),
        buildPacket(6, Buffer.from("\x01not a key")),
      ];
      socket.write(buildGreeting());
      socket.on("data", () => void socket.write(replies.shift() ?? ""));
    });
    expect(["auth", "tls"]).toContain(error.kind);
  });

  it("offers no encryption where it is required", async () => {
    expect((await pollAgainst((socket) => socket.write(buildGreeting()), "required")).kind).toBe("tls");
  });

  it("answers with random bytes, whatever they are", async () => {
    let seed = 42;
    const random = () => {
      seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff;
      return seed & 0xff;
    };
    for (let round = 0; round < 20; round++) {
      const noise = Buffer.from(Array.from({ length: 200 }, random));
      const start = round % 2 === 0 ? buildPacket(1, noise) : noise;
      expect(await pollAgainst(afterLogin((socket) => socket.end(start)))).toBeInstanceOf(DriverError);
      await server?.close();
    }
  });
});

describe("A reader", () => {
  it("falls back to clear text where encryption is only preferred", async () => {
    server = await startFakeServer(afterLogin((socket) => socket.end()));
    const reader = readerFor(server.port, "preferred");
    const bounds = { signal: new AbortController().signal, timeoutMs: deadlineMs };
    await expect(reader.poll(bounds)).rejects.toMatchObject({ operation: "identity" });
    expect(server.accepted()).toBe(2);
    await reader.close();
  });

  it("stops at once when its signal aborts, and connects anew with the next poll", async () => {
    server = await startFakeServer(() => undefined);
    const reader = readerFor(server.port);
    const control = new AbortController();
    const poll = reader.poll({ signal: control.signal, timeoutMs: 60_000 });
    await vi.waitFor(() => expect(server?.open.size).toBe(1), { timeout: 10_000 });
    control.abort();
    await expect(poll).rejects.toMatchObject({ kind: "cancelled" });
    await expect(reader.poll({ signal: new AbortController().signal, timeoutMs: 50 })).rejects.toMatchObject({
      kind: "timeout",
    });
    expect(server.accepted()).toBe(2);
    await reader.close();
  });

  it("ends what is under way when it is closed, and refuses to be asked again or twice at a time", async () => {
    server = await startFakeServer(() => undefined);
    const reader = readerFor(server.port);
    const bounds = { signal: new AbortController().signal, timeoutMs: 60_000 };
    const poll = reader.poll(bounds);
    await vi.waitFor(() => expect(server?.open.size).toBe(1), { timeout: 10_000 });
    await expect(reader.poll(bounds)).rejects.toMatchObject({ kind: "cancelled" });
    await Promise.all([reader.close(), expect(poll).rejects.toMatchObject({ kind: "cancelled" })]);
    await expect(reader.poll(bounds)).rejects.toMatchObject({ kind: "cancelled" });
    const { open } = server;
    await vi.waitFor(() => expect(open.size).toBe(0), { timeout: 10_000 });
  });

  it("rejects at once with an aborted signal and opens nothing", async () => {
    server = await startFakeServer(() => undefined);
    const reader = readerFor(server.port);
    await expect(reader.poll({ signal: AbortSignal.abort(), timeoutMs: 1_000 })).rejects.toMatchObject({
      kind: "cancelled",
    });
    await reader.close();
    const { open } = server;
    await vi.waitFor(() => expect(open.size).toBe(0), { timeout: 10_000 });
  });

  it("is refused by a port where nobody listens", async () => {
    server = await startFakeServer(() => undefined);
    const { port } = server;
    await server.close();
    const bounds = { signal: new AbortController().signal, timeoutMs: 5_000 };
    await expect(readerFor(port).poll(bounds)).rejects.toMatchObject({
      kind: "unreachable",
      serverCode: "ECONNREFUSED",
    });
  });
});
