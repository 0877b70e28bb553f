import { afterEach, describe, expect, it } from "vitest";
import { judge, proveDeath } from "../../../../../src/drivers/mysql/probes/death.ts";
import { type Attempt, tryGreeting } from "../../../../../src/drivers/mysql/probes/greeting.ts";
import type { MysqlTarget } from "../../../../../src/drivers/mysql/target.ts";
import { buildError, buildGreeting, type FakeServer, startFakeServer } from "../fake-server.ts";

const servers: FakeServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

const access = {
  user: "ops",
  password: null,
  tls: { mode: "off", caFile: null, certFile: null, keyFile: null },
  connectTimeoutMs: 2_000,
} as const;
const targetAt = (port: number, host = "127.0.0.1"): MysqlTarget => ({
  name: "db1",
  host,
  port,
  access,
  heartbeatTable: null,
});
const { signal } = new AbortController();

async function greet(behave: Parameters<typeof startFakeServer>[0], timeoutMs = 2_000): Promise<Attempt> {
  const server = await startFakeServer(behave);
  servers.push(server);
  return tryGreeting(targetAt(server.port), timeoutMs, signal);
}

describe("One attempt to reach a server", () => {
  it("is answered by a greeting, and the connection is closed", async () => {
    expect(await greet((socket) => socket.write(buildGreeting()))).toEqual({ outcome: "answered", failure: null });
  });

  it.each([1040, 1129, 1130, 1203])("is answered by error %i before any greeting, in pieces too", async (code) => {
    const bytes = buildError(0, code, "no");
    const attempt = await greet((socket) => {
      socket.write(bytes.subarray(0, 6));
      setImmediate(() => socket.write(bytes.subarray(6)));
    });
    expect(attempt).toMatchObject({ outcome: "answered", failure: { serverCode: code } });
  });

  it("is answered by whoever speaks another protocol: something lives there", async () => {
    const attempt = await greet((socket) => socket.write("SSH-2.0-OpenSSH_9.2\r\n"));
    expect(attempt).toMatchObject({ outcome: "answered", failure: { kind: "protocol" } });
  });

  it("is silent when accepted without a word, kept open or closed", async () => {
    expect(await greet(() => undefined, 100)).toMatchObject({ outcome: "silent", failure: { kind: "timeout" } });
    expect(await greet((socket) => socket.end())).toMatchObject({ outcome: "silent" });
    expect(await greet((socket) => socket.resetAndDestroy())).toMatchObject({ outcome: "silent" });
  });

  it("is unreachable when refused, and not possible when the name is not known or it was cancelled", async () => {
    const server = await startFakeServer(() => undefined);
    await server.close();
    const refused = await tryGreeting(targetAt(server.port), 2_000, signal);
    expect(refused).toMatchObject({ outcome: "unreachable", failure: { serverCode: "ECONNREFUSED" } });
    const cancelled = await tryGreeting(targetAt(server.port), 2_000, AbortSignal.abort());
    expect(cancelled).toMatchObject({ outcome: "untried", failure: { kind: "cancelled" } });
  });
});

describe("The verdict on a primary", () => {
  const failure = (message: string) => ({
    kind: "unreachable" as const,
    target: "db1 h:1",
    operation: "connect",
    message: `db1 h:1: connect: ${message}`,
    advice: null,
    serverCode: null,
  });
  const refused: Attempt = { outcome: "unreachable", failure: failure("connection refused") };
  const silent: Attempt = { outcome: "silent", failure: failure("no greeting") };
  const untried: Attempt = { outcome: "untried", failure: failure("the host name is not known") };
  const answered: Attempt = { outcome: "answered", failure: failure("no free connection (1040)") };

  it.each([
    ["dead", [refused, refused, refused]],
    ["hanging", [refused, silent, refused]],
    ["hanging", [silent, silent, silent]],
    ["alive", [refused, refused, answered]],
    ["alive", [{ ...answered, failure: null }]],
    ["unknown", [refused, refused, untried]],
    ["unknown", [untried, untried, untried]],
    ["unknown", [refused, refused]],
    ["unknown", []],
  ] as const)("is %s", (verdict, attempts) => {
    expect(judge("db1", attempts).verdict).toBe(verdict);
  });

  it("is a sentence with the reason and no address twice", () => {
    expect(judge("db1", [refused, refused, refused]).message).toBe(
      "db1 could not be reached in 3 attempts over five seconds: connection refused.",
    );
    expect(judge("db1", [answered]).message).toBe("db1 is alive: it answers: no free connection (1040).");
  });

  it("takes one attempt when the first is answered, and stops when it is cancelled", async () => {
    let calls = 0;
    const alive = async () => {
      calls++;
      return answered;
    };
    expect((await proveDeath(targetAt(1), signal, alive)).attempts).toHaveLength(1);
    expect(calls).toBe(1);
    const stop = new AbortController();
    const stopped = await proveDeath(targetAt(1), stop.signal, async () => {
      stop.abort();
      return refused;
    });
    expect(stopped).toMatchObject({ verdict: "unknown", attempts: [{}] });
  });
});
