import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { createHaproxyReader } from "../../../../src/drivers/haproxy/reader.ts";
import { readRecording } from "./recordings.ts";

/** The page ends with one LF, the socket's table with two. */
const PAGE = readRecording("2.6.12", "show-stat.csv").replace(/\n\n$/, "\n");

let server: Server | null = null;

afterEach(async () => {
  await new Promise((resolve) => (server === null ? resolve(null) : server.close(resolve)));
  server = null;
});

async function listen(started: Server): Promise<number> {
  server = started;
  await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
  return (started.address() as AddressInfo).port;
}

interface Options {
  readonly path?: string;
  readonly scheme?: string;
  readonly user?: string;
  readonly timeoutMs?: number;
  readonly maxAnswerBytes?: number;
}

async function pollServer(started: Server, options: Options = {}) {
  const url = `${options.scheme ?? "http"}://127.0.0.1:${await listen(started)}${options.path ?? "/stats"}`;
  const password = options.user === undefined ? null : { secret: "p:ss" };
  const location = { kind: "stats", url, user: options.user ?? null, password } as const;
  const { maxAnswerBytes } = options;
  const reader = createHaproxyReader({ name: "lb1", location }, maxAnswerBytes === undefined ? {} : { maxAnswerBytes });
  return reader.poll({ signal: new AbortController().signal, timeoutMs: options.timeoutMs ?? 2000 });
}

function pollPage(answer: RequestListener, options: Options = {}) {
  return pollServer(createServer(answer), options);
}

const TEXT = { "content-type": "text/plain" };

describe("a stats page", () => {
  test("gives proxies and servers, and neither process nor admin bits", async () => {
    const report = await pollPage((_, response) => response.writeHead(200, TEXT).end(PAGE));
    expect(report).toMatchObject({ source: "stats-page", level: "read-only", process: null });
    expect(report.servers).toHaveLength(10);
    expect(report.servers[3]).toMatchObject({
      server: "db2",
      state: "drain",
      adminReasons: null,
      initialWeight: null,
      host: "127.0.0.1",
    });
  });

  test("is asked with a literal ;csv and with user and password", async () => {
    const asked: (string | undefined)[] = [];
    await pollPage(
      (request, response) => {
        asked.push(request.url, request.headers.authorization);
        response.writeHead(200, TEXT).end(PAGE);
      },
      { path: "/haproxy?stats", user: "ops" },
    );
    expect(asked).toEqual(["/haproxy?stats;csv", `Basic ${Buffer.from("ops:p:ss").toString("base64")}`]);
  });

  test("may come in chunks", async () => {
    const report = await pollPage((_, response) => {
      response.writeHead(200, TEXT);
      for (let from = 0; from < PAGE.length; from += 500) response.write(PAGE.slice(from, from + 500));
      response.end();
    });
    expect(report.servers).toHaveLength(10);
  });

  test("that ends inside its last row is refused", async () => {
    const polling = pollPage((_, response) => response.writeHead(200, TEXT).end(PAGE.slice(0, -40)));
    await expect(polling).rejects.toMatchObject({ kind: "protocol", message: expect.stringContaining("cut off") });
  });

  test("that breaks off is refused", async () => {
    const polling = pollPage((_, response) => {
      response.writeHead(200, { ...TEXT, "content-length": PAGE.length });
      response.write(PAGE.slice(0, 2000), () => response.destroy());
    });
    await expect(polling).rejects.toMatchObject({ kind: "protocol", message: expect.stringContaining("broke") });
  });

  test("over the limit is refused", async () => {
    const polling = pollPage((_, response) => response.writeHead(200, TEXT).end(PAGE), { maxAnswerBytes: 1000 });
    await expect(polling).rejects.toMatchObject({
      kind: "protocol",
      message: expect.stringContaining("larger than 1000"),
    });
  });

  test.each([
    [401, "auth", "stats auth"],
    [403, "auth", "stats auth"],
    [404, "protocol", "stats uri"],
    [503, "protocol", "stats uri"],
    [302, "protocol", "redirects"],
    [500, "protocol", null],
  ])("with status %i fails as %s with advice", async (status, kind, advice) => {
    const polling = pollPage((_, response) => response.writeHead(status).end("<html>no</html>"));
    await expect(polling).rejects.toMatchObject({
      kind,
      serverCode: status,
      advice: advice === null ? null : expect.stringContaining(advice),
    });
  });

  test.each([
    ["HTML", { "content-type": "text/html" }, "<html>"],
    ["HTML called text", TEXT, "<html>"],
    ["nothing", TEXT, ""],
  ])("that gives %s is refused", async (_, headers, body) => {
    const polling = pollPage((_request, response) => response.writeHead(200, headers).end(body));
    await expect(polling).rejects.toMatchObject({
      kind: "protocol",
      message: expect.stringContaining("not HAProxy's statistics"),
    });
  });

  test("that hangs ends at the deadline", async () => {
    const started = createServer(() => {});
    await expect(pollServer(started, { timeoutMs: 60 })).rejects.toMatchObject({ kind: "timeout" });
    started.closeAllConnections();
  });
});

describe("another server in its place", () => {
  test("that does not speak TLS is told as such", async () => {
    const polling = pollPage((_, response) => response.end(), { scheme: "https" });
    await expect(polling).rejects.toMatchObject({
      kind: "tls",
      message: "The server does not speak TLS on this port.",
    });
  });

  test("that does not speak HTTP is told as such", async () => {
    const polling = pollServer(
      createTcpServer((socket) =>
        socket
          .on("error", () => {})
          .resume()
          .end("SSH-2.0-OpenSSH_9.2\r\n"),
      ),
    );
    await expect(polling).rejects.toMatchObject({ kind: "protocol", message: "The server does not speak HTTP." });
  });

  test("that is not there is unreachable", async () => {
    const location = { kind: "stats", url: "http://127.0.0.1:1/stats", user: null, password: null } as const;
    const reader = createHaproxyReader({ name: "lb1", location });
    const polling = reader.poll({ signal: new AbortController().signal, timeoutMs: 1000 });
    await expect(polling).rejects.toMatchObject({ kind: "unreachable", serverCode: "ECONNREFUSED" });
  });

  test("with a certificate nobody vouches for is refused", async () => {
    expect.assertions(1);
    const { createServer: createTlsServer } = await import("node:https");
    const { cert, key } = await import("./self-signed.ts");
    const polling = pollServer(
      createTlsServer({ cert, key }, (_, response) => response.end(PAGE)),
      { scheme: "https" },
    );
    await expect(polling).rejects.toMatchObject({ kind: "tls", serverCode: "DEPTH_ZERO_SELF_SIGNED_CERT" });
  });
});

test("an address that is no URL is refused without a request", async () => {
  const location = { kind: "stats", url: "lb:8404/stats", user: null, password: null } as const;
  const reader = createHaproxyReader({ name: "lb1", location });
  const polling = reader.poll({ signal: new AbortController().signal, timeoutMs: 1000 });
  await expect(polling).rejects.toMatchObject({ kind: "unsupported" });
});
