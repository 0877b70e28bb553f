/** Polls in one message, against a server that speaks the protocol and misbehaves in the second poll, when the first batch comes. */
import type { Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createMysqlReader } from "../../../../src/drivers/mysql/reader.ts";
import { afterLogin, buildError, buildOk, buildPacket, type FakeServer, startFakeServer } from "./fake-server.ts";

const MULTI_STATEMENTS = 0x1_0000;
let server: FakeServer | undefined;
afterEach(() => server?.close());

const readerOf = ({ port }: FakeServer) => {
  const tls = { mode: "off" as const, caFile: null, certFile: null, keyFile: null };
  const access = { user: "ops", password: { secret: "s3cret" }, tls, connectTimeoutMs: 2_000 };
  return createMysqlReader({ name: "db1", host: "127.0.0.1", port, access, heartbeatTable: null });
};
const boundsOf = (timeoutMs = 2_000) => ({ signal: new AbortController().signal, timeoutMs });

type Cells = Readonly<Record<string, string>>;

/** Payloads of one result set with one row (none for no columns: an empty status). */
function buildResult(cells: Cells, more: boolean): Buffer[] {
  const text = (value: string) => Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
  const end = Buffer.from([0xfe, 0, 0, 2 + (more ? 8 : 0), 0]);
  const fixed = Buffer.from([0x0c, 45, 0, 0, 1, 0, 0, 0xfd, 0, 0, 0, 0, 0]);
  const names = Object.keys(cells).length === 0 ? ["none"] : Object.keys(cells);
  const columns = names.map((name) => Buffer.concat([...["def", "", "", "", name, ""].map(text), fixed]));
  const rows = Object.keys(cells).length === 0 ? [] : [Buffer.concat(Object.values(cells).map(text))];
  return [Buffer.from([names.length]), ...columns, Buffer.from([0xfe, 0, 0, 2, 0]), ...rows, end];
}

const frame = (payloads: readonly Buffer[]): Buffer =>
  Buffer.concat(payloads.map((payload, at) => buildPacket(at + 1, payload)));
const errorPayload = (code: number) => buildError(0, code, "no").subarray(4);

/** What a small MySQL 5.5 says to each statement of a poll. */
function cellsFor(sql: string): Cells {
  if (sql.includes("VERSION()")) return { version: "5.5.62", server_id: "7", account: "ops@%" };
  if (sql.startsWith("SELECT @@global.read_only")) return { read_only: "1" };
  if (sql === "SHOW MASTER STATUS") return { File: "bin.000003", Position: "42" };
  if (sql.startsWith("SHOW GLOBAL STATUS")) return { Variable_name: "Uptime", Value: "9" };
  if (sql.includes("processlist")) return { user: "app", host: "10.0.0.9:1", command: "Sleep", threads: "1", own: "0" };
  return {};
}

const answerAlone = (socket: Socket, sql: string): void => {
  socket.write(sql.startsWith("SET ") ? buildOk(1) : frame(buildResult(cellsFor(sql), false)));
};

/** @param onBatch answers the statements of a batch */
async function startServer(onBatch: (socket: Socket, statements: readonly string[]) => void): Promise<string[]> {
  const seen: string[] = [];
  server = await startFakeServer(
    afterLogin((socket, query) => {
      seen.push(query);
      const statements = query.split(";");
      if (statements.length > 1) onBatch(socket, statements);
      else answerAlone(socket, query);
    }),
  );
  return seen;
}

const buildAnswers = (statements: readonly string[], last: boolean): Buffer[] =>
  statements.flatMap((sql, at) => buildResult(cellsFor(sql), !last || at + 1 < statements.length));

async function pollThrice(): Promise<void> {
  if (server === undefined) throw new Error("no server");
  const reader = readerOf(server);
  try {
    const first = await reader.poll(boundsOf());
    for (let poll = 0; poll < 2; poll++) {
      const { problems, ...report } = await reader.poll(boundsOf());
      expect({ ...report, problems: [] }).toEqual({ ...first, problems: [] });
      expect(first).toMatchObject({ readOnly: true, uptimeSeconds: 9, position: { file: "bin.000003", pos: 42 } });
      expect(problems).toEqual([]);
    }
  } finally {
    await reader.close();
  }
}

describe("The second poll of a connection", () => {
  it("asks in one message what worked alone in the first, and reports the same", async () => {
    const seen = await startServer((socket, statements) => socket.write(frame(buildAnswers(statements, true))));
    await pollThrice();
    const batches = seen.filter((sql) => sql.includes(";"));
    expect(batches).toHaveLength(2);
    expect(seen.indexOf(batches[0] ?? "")).toBe(seen.length - 2);
    const statements = batches[0]?.split(";");
    expect(statements).toHaveLength(4);
    expect(statements?.every((sql) => seen.includes(sql))).toBe(true);
  });

  it.each<[string, (statements: readonly string[]) => Buffer[]]>([
    ["refuses the message", () => [errorPayload(1064)]],
    ["answers the first statement only", ([first = ""]) => buildResult(cellsFor(first), false)],
    [
      "does not know the second any more",
      ([first = ""]) => [...buildResult(cellsFor(first), true), errorPayload(1064)],
    ],
  ])("goes back to single statements for good where the server %s", async (_, answer) => {
    const seen = await startServer((socket, statements) => socket.write(frame(answer(statements))));
    await pollThrice();
    expect(seen.filter((sql) => sql.includes(";"))).toHaveLength(1);
  });

  it("notes a part that is refused now, with what it needs, and still reads the others", async () => {
    await startServer((socket, statements) =>
      socket.write(frame([...buildAnswers(statements.slice(0, 2), false), errorPayload(1227)])),
    );
    if (server === undefined) throw new Error("no server");
    const reader = readerOf(server);
    await reader.poll(boundsOf());
    const report = await reader.poll(boundsOf());
    expect(report).toMatchObject({ readOnly: true, channels: [], position: null, uptimeSeconds: 9 });
    expect(report.problems).toMatchObject([
      { part: "source status", failure: { kind: "auth", advice: "GRANT REPLICATION CLIENT ON *.* TO 'ops'@'%';" } },
    ]);
    expect((await reader.poll(boundsOf())).problems).toEqual([]);
    await reader.close();
  });

  it("names the statement that hangs when its deadline passes", async () => {
    await startServer((socket, statements) => socket.write(frame(buildAnswers(statements.slice(0, 1), false))));
    if (server === undefined) throw new Error("no server");
    const reader = readerOf(server);
    await reader.poll(boundsOf());
    await expect(reader.poll(boundsOf(200))).rejects.toMatchObject({ kind: "timeout", operation: "replica status" });
    await reader.close();
  });

  it("fails and leaves the connection where the server answers more than it was asked", async () => {
    await startServer((socket, statements) => socket.write(frame(buildAnswers([...statements, "SHOW x"], true))));
    if (server === undefined) throw new Error("no server");
    const { open } = server;
    const reader = readerOf(server);
    await reader.poll(boundsOf());
    await expect(reader.poll(boundsOf())).rejects.toMatchObject({ kind: "protocol" });
    expect(await reader.poll(boundsOf())).toMatchObject({ uptimeSeconds: 9 });
    expect(open.size).toBeLessThanOrEqual(2);
    await reader.close();
  });
});

describe("Several statements in one message", () => {
  it("are allowed by the login of the polling connection only", async () => {
    const logins: number[] = [];
    const behave = afterLogin((socket, query) => answerAlone(socket, query));
    server = await startFakeServer((socket) => {
      socket.once("data", (chunk) => logins.push(chunk.readUInt32LE(4) & MULTI_STATEMENTS));
      behave(socket);
    });
    const reader = readerOf(server);
    await reader.poll(boundsOf());
    await reader.sessions(boundsOf()).catch(() => undefined);
    expect(logins).toEqual([MULTI_STATEMENTS, 0]);
    await reader.close();
  });
});
