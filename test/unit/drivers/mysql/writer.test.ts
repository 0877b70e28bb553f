import type { Socket } from "node:net";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { MysqlChange } from "../../../../src/drivers/contract.ts";
import { createMysqlWriter } from "../../../../src/drivers/mysql/writer.ts";
import { afterLogin, buildError, buildOk, buildPacket, type FakeServer, startFakeServer } from "./fake-server.ts";

const STOP: MysqlChange = { kind: "replication", node: "db1", action: "stop", thread: "sql", channel: "" };
const STATEMENT = "STOP REPLICA SQL_THREAD FOR CHANNEL ''";

let server: FakeServer | undefined;

afterEach(() => server?.close());

const text = (value: string) => Buffer.concat([Buffer.from([Buffer.byteLength(value)]), Buffer.from(value)]);

/** A result set of one row in the text protocol. */
function buildRow(values: Readonly<Record<string, string>>): Buffer {
  const names = Object.keys(values);
  const fixed = Buffer.from([0x0c, 45, 0, 0, 1, 0, 0, 0xfd, 0, 0, 0, 0, 0]);
  const end = Buffer.from([0xfe, 0, 0, 2, 0]);
  const columns = names.map((name) =>
    Buffer.concat([text("def"), text(""), text(""), text(""), text(name), text(""), fixed]),
  );
  const payloads = [Buffer.from([names.length]), ...columns, end, Buffer.concat(Object.values(values).map(text)), end];
  return Buffer.concat(payloads.map((payload, index) => buildPacket(index + 1, payload)));
}

const identity = buildRow({
  version: "8.4.3",
  version_comment: "test",
  server_id: "7",
  hostname: "h1",
  port: "3306",
  account: "ops@%",
});

/** A MySQL 8.4 that answers what goes around a change; `onChange` answers the change itself. */
async function startWith(onChange: (socket: Socket, statements: readonly string[]) => void) {
  const statements: string[] = [];
  server = await startFakeServer(
    afterLogin((socket, query) => {
      statements.push(query);
      if (query.startsWith("SELECT VERSION()")) socket.write(identity);
      else if (query.startsWith("SELECT CONNECTION_ID()")) socket.write(buildRow({ id: "7" }));
      else if (query.startsWith("SET SESSION") || /^SHOW /.test(query)) socket.write(buildOk(1));
      else onChange(socket, statements);
    }),
  );
  const tls = { mode: "off", caFile: null, certFile: null, keyFile: null } as const;
  const access = { user: "ops", password: { secret: "s3cret" }, tls, connectTimeoutMs: 2_000 };
  const writer = createMysqlWriter({ name: "db1", host: "127.0.0.1", port: server.port, access, heartbeatTable: null });
  const execute = (options: { timeoutMs?: number; signal?: AbortSignal; expectedCommand?: string } = {}) =>
    writer.execute(STOP, { signal: new AbortController().signal, timeoutMs: 3_000, ...options });
  return { writer, execute, statements };
}

test("a change is one statement on a session that may write, and tells who executed it", async () => {
  const { writer, execute, statements } = await startWith((socket) => socket.write(buildOk(1)));
  expect(await execute({ expectedCommand: STATEMENT })).toEqual({
    command: STATEMENT,
    server: { flavor: "mysql", version: "8.4.3", serverId: 7, hostname: "h1", port: 3306 },
    notices: [],
    seen: { channels: [] },
  });
  expect(statements.filter((sql) => !sql.startsWith("S") || sql.startsWith("STOP"))).toEqual([STATEMENT]);
  expect(statements.join(" ")).not.toContain("transaction_read_only");
  await execute();
  expect(server?.accepted()).toBe(1);
  await writer.close();
  await vi.waitFor(() => expect(server?.open.size).toBe(0), { timeout: 10_000 });
  await expect(execute()).rejects.toMatchObject({ kind: "cancelled" });
});

test("nothing is sent when the server would need another statement than the confirmed one", async () => {
  const { writer, execute, statements } = await startWith((socket) => socket.write(buildOk(1)));
  await expect(execute({ expectedCommand: "STOP SLAVE SQL_THREAD" })).rejects.toMatchObject({
    kind: "rejected",
    message: expect.stringContaining("nothing was sent"),
  });
  expect(statements.some((sql) => sql.startsWith("STOP"))).toBe(false);
  await writer.close();
});

test.each([
  [1227, "auth", "GRANT REPLICATION_SLAVE_ADMIN ON *.* TO 'ops'@'%';"],
  [1045, "auth", "GRANT REPLICATION_SLAVE_ADMIN ON *.* TO 'ops'@'%';"],
  [1205, "rejected", "holds the lock"],
  [3074, "rejected", "no such replication channel"],
  [1290, "rejected", null],
])("error %i is a refusal: %s", async (code, kind, advice) => {
  const { writer, execute } = await startWith((socket) => socket.write(buildError(1, code, "no")));
  await expect(execute()).rejects.toMatchObject({
    kind,
    serverCode: code,
    operation: STATEMENT,
    advice: advice === null ? null : expect.stringContaining(advice),
  });
  await writer.close();
});

describe("the outcome is unknown when", () => {
  const unknown = { kind: "unknown-outcome", operation: STATEMENT, advice: expect.stringContaining("Read the state") };

  test.each([1317, 1927, 1053, 1876])("the server was interrupted (%i)", async (code) => {
    const { writer, execute } = await startWith((socket) => socket.write(buildError(1, code, "gone")));
    await expect(execute()).rejects.toMatchObject({ ...unknown, serverCode: code });
    await writer.close();
  });

  test("the connection ends in mid-statement, and the next call connects anew", async () => {
    const { writer, execute, statements } = await startWith((socket, seen) => {
      if (seen.filter((sql) => sql === STATEMENT).length === 1) socket.end();
      else socket.write(buildOk(1));
    });
    await expect(execute()).rejects.toMatchObject(unknown);
    expect(await execute()).toMatchObject({ command: STATEMENT });
    expect(server?.accepted()).toBe(2);
    expect(statements.filter((sql) => sql === STATEMENT)).toHaveLength(2);
    await writer.close();
  });

  test("no answer comes until the deadline, or the caller gives up", async () => {
    const { writer, execute } = await startWith(() => undefined);
    await expect(execute({ timeoutMs: 400 })).rejects.toMatchObject({
      ...unknown,
      advice: expect.stringContaining("semi-sync"),
    });
    const controller = new AbortController();
    const { execute: again } = await startWith(() => controller.abort());
    await expect(again({ signal: controller.signal })).rejects.toMatchObject(unknown);
    await writer.close();
  });
});

test("a call that waited too long behind another one sends nothing, and says timeout", async () => {
  const { writer, execute, statements } = await startWith(() => undefined);
  const first = execute({ timeoutMs: 900 });
  const second = execute({ timeoutMs: 300 });
  await expect(second).rejects.toMatchObject({ kind: "timeout", advice: expect.stringContaining("still running") });
  // It must not reach the connection of the first one either.
  await expect(execute({ timeoutMs: 200 })).rejects.toMatchObject({ kind: "timeout" });
  expect(server?.open.size).toBe(1);
  await expect(first).rejects.toMatchObject({ kind: "unknown-outcome" });
  expect(statements.filter((sql) => sql === STATEMENT)).toHaveLength(1);
  await writer.close();
});

test("a connection that was cut while idle is found before the change, not by it", async () => {
  const { writer, execute } = await startWith((socket) => socket.write(buildOk(1)));
  await execute();
  for (const socket of server?.open ?? []) socket.resetAndDestroy();
  expect(await execute()).toMatchObject({ command: STATEMENT });
  await writer.close();
});

test("a lock name that would need quoting is refused before anything is opened", async () => {
  const { writer } = await startWith(() => undefined);
  const bounds = { signal: new AbortController().signal, timeoutMs: 500 };
  await expect(writer.getLock("it's", 0, bounds)).rejects.toMatchObject({ kind: "rejected" });
  expect(server?.accepted()).toBe(0);
  await writer.close();
});
