import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { buildConnectError } from "../../../../src/drivers/haproxy/connect-error.ts";
import { createTcpOpener, createUnixOpener } from "../../../../src/drivers/haproxy/stream-opener.ts";

let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "signalbox-opener-"));
});

afterEach(async () => {
  await chmod(folder, 0o700);
  await rm(folder, { recursive: true, force: true });
});

function open(path: string) {
  return createUnixOpener(path, "lb1")(new AbortController().signal);
}

describe("opening a Unix socket", () => {
  test("says so when there is no file", async () => {
    await expect(open(join(folder, "none.sock"))).rejects.toMatchObject({ kind: "unreachable", serverCode: "ENOENT" });
  });

  test("says that nobody listens when the file is no socket or left behind", async () => {
    const path = join(folder, "plain");
    await writeFile(path, "");
    await expect(open(path)).rejects.toMatchObject({
      serverCode: "ECONNREFUSED",
      advice: expect.stringContaining("stays behind"),
    });
  });

  test("refuses a path of 108 bytes before it connects, counting bytes and not characters", async () => {
    await expect(open(`/${"x".repeat(106)}`)).rejects.toMatchObject({ serverCode: "ENOENT" });
    await expect(open(`/${"x".repeat(107)}`)).rejects.toMatchObject({
      kind: "unsupported",
      serverCode: "ENAMETOOLONG",
    });
    await expect(open(`/${"ü".repeat(54)}`)).rejects.toMatchObject({
      kind: "unsupported",
      message: expect.stringContaining("109 bytes"),
    });
    await expect(open(`abns@${"x".repeat(108)}`)).rejects.toMatchObject({ kind: "unsupported" });
  });

  test("gives a connected stream", async () => {
    const path = join(folder, "s.sock");
    const server = createServer((socket) => socket.end("hello"));
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const stream = await open(path);
    const [greeting] = await stream.toArray();
    expect(String(greeting)).toBe("hello");
    await new Promise((resolve) => server.close(resolve));
  });

  test("rejects with the reason of its signal", async () => {
    const reason = new Error("deadline");
    const opening = createTcpOpener("127.0.0.1", 1, "lb1")(AbortSignal.abort(reason));
    await expect(opening).rejects.toBe(reason);
  });
});

test.each([
  ["EAGAIN", "The admin socket is full (10): all its connections are in use."],
  ["EACCES", "No permission to use the socket."],
  ["EHOSTUNREACH", "The host cannot be reached."],
  ["EODD", "connect EODD"],
])("system error %s reads as %j", (code, message) => {
  const error = Object.assign(new Error(`connect ${code}`), { code });
  expect(buildConnectError(error, "lb1")).toMatchObject({ kind: "unreachable", message, serverCode: code });
});

test("a name with several addresses fails with the error of the first", () => {
  const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
  expect(buildConnectError(new AggregateError([refused]), "lb1")).toMatchObject({ serverCode: "ECONNREFUSED" });
});
