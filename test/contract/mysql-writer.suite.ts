/** What every server that can be changed must be good for, as far as the writer is concerned: an active/backup pair, changed on the backup. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { MysqlChange, MysqlWriter } from "../../src/drivers/contract.ts";
import { commandTextFor } from "../../src/drivers/mysql/command.ts";
import { createMysqlReader } from "../../src/drivers/mysql/reader.ts";
import type { MysqlTarget } from "../../src/drivers/mysql/target.ts";
import { createMysqlWriter } from "../../src/drivers/mysql/writer.ts";
import type { MysqlReport, ReplicaChannel } from "../../src/model/mysql.ts";
import { connectByPort, queryRows } from "../lab/connection.ts";
import { waitFor } from "../lab/wait.ts";
import type { PlaceAccount, PlaceNode, Product, WriterPlace } from "./support/writer-place.ts";

const bounds = (timeoutMs = 5_000) => ({ signal: new AbortController().signal, timeoutMs });
const replication = (action: "start" | "stop", thread: "io" | "sql" | "both", channel = ""): MysqlChange => ({
  kind: "replication",
  node: "db2",
  action,
  thread,
  channel,
});
const readOnly = (on: boolean, superToo: boolean): MysqlChange => ({ kind: "read-only", node: "db2", on, superToo });

export function testMysqlWriter(product: Product, start: () => Promise<WriterPlace>): void {
  let place: WriterPlace;
  let node: PlaceNode;
  const writers: MysqlWriter[] = [];
  beforeAll(async () => {
    place = await start();
    node = place.replica;
  });
  afterAll(() => place?.stop());
  afterEach(async () => {
    for (const writer of writers.splice(0)) await writer.close();
  });

  const targetFor = ({ user, password }: PlaceAccount): MysqlTarget => {
    const tls = { mode: "off", caFile: null, certFile: null, keyFile: null } as const;
    const access = { user, password: { secret: password }, tls, connectTimeoutMs: 2_000 };
    return { name: "db2", host: node.host, port: node.port, access, heartbeatTable: null };
  };
  const open = (account: PlaceAccount = place.accounts.ops): MysqlWriter => {
    const writer = createMysqlWriter(targetFor(account));
    writers.push(writer);
    return writer;
  };
  const readReport = async (): Promise<MysqlReport> => {
    const reader = createMysqlReader(targetFor(place.accounts.ops));
    try {
      return await reader.poll(bounds());
    } finally {
      await reader.close();
    }
  };
  const readChannel = async (name = ""): Promise<ReplicaChannel> => {
    const found = (await readReport()).channels?.find((channel) => channel.name === name);
    if (found === undefined) throw new Error(`no channel ${JSON.stringify(name)}`);
    return found;
  };
  /** Runs `work` while another session holds a table lock that read_only has to wait for. */
  const whileLocked = async (work: () => Promise<void>): Promise<void> => {
    const holder = await connectByPort(node.port, place.accounts.admin, "shop");
    try {
      await queryRows(holder, "LOCK TABLES orders WRITE");
      await work();
    } finally {
      holder.destroy();
    }
    await waitFor("the table lock to be gone", async () => {
      const rows = await node.query("SHOW FULL PROCESSLIST");
      return rows.every(({ Id }) => Number(Id) !== holder.threadId);
    });
  };
  const findWaiting = () =>
    waitFor("the statement to wait", async () => {
      const rows = await node.query("SHOW FULL PROCESSLIST");
      return rows.find((row) => String(row.Info).startsWith("SET GLOBAL"));
    });

  test("replication stops and starts, whole and by thread, and says what the plan said", async () => {
    const writer = open();
    const report = await readReport();
    for (const [action, thread, io, sql] of [
      ["stop", "sql", "yes", "no"],
      ["stop", "io", "no", "no"],
      ["start", "sql", "no", "yes"],
      ["start", "io", "yes", "yes"],
      ["stop", "both", "no", "no"],
      ["start", "both", "yes", "yes"],
    ] as const) {
      const expectedCommand = commandTextFor(replication(action, thread), report);
      const result = await writer.execute(replication(action, thread), { ...bounds(), expectedCommand });
      expect(result).toMatchObject({ command: expectedCommand, server: { serverId: report.serverId } });
      await waitFor(`${action} ${thread}`, async () => {
        const channel = await readChannel();
        return channel.io === io && channel.sql === sql;
      });
    }
  });

  test("what runs already is told and not an error", async () => {
    const { notices } = await open().execute(replication("start", "sql"), bounds());
    expect(notices.join()).toMatch(/1254|3083|already/);
  });

  test("a named channel is changed alone; one that is not there is refused", async () => {
    const writer = open();
    if (product === "mysql-5") {
      await expect(writer.execute(replication("start", "sql", "extra"), bounds())).rejects.toMatchObject({
        kind: "unsupported",
      });
      return;
    }
    await expect(writer.execute(replication("stop", "both", "it's not there"), bounds())).rejects.toMatchObject({
      kind: "rejected",
      advice: expect.stringContaining("no such replication channel"),
    });
    await node.query(
      product === "mysql"
        ? "CHANGE REPLICATION SOURCE TO SOURCE_HOST='127.0.0.1', SOURCE_PORT=1, SOURCE_USER='x' FOR CHANNEL 'extra'"
        : "CHANGE MASTER 'extra' TO MASTER_HOST='127.0.0.1', MASTER_PORT=1, MASTER_USER='x'",
    );
    await writer.execute(replication("start", "sql", "extra"), bounds());
    await waitFor("the applier of the channel", async () => (await readChannel("extra")).sql === "yes");
    await writer.execute(replication("stop", "both"), bounds());
    expect(await readChannel("extra")).toMatchObject({ sql: "yes" });
    await writer.execute(replication("start", "both"), bounds());
    await writer.execute(replication("stop", "both", "extra"), bounds());
    expect(await readChannel("extra")).toMatchObject({ sql: "no" });
    await waitFor("the default channel", async () => (await readChannel()).sql === "yes");
  });

  test("read_only goes on and off, to exactly the state that was asked for", async () => {
    const writer = open();
    const hasSuper = (await readReport()).superReadOnly !== null;
    for (const [on, superToo] of [
      [true, true],
      [true, false],
      [false, true],
      [true, true],
      [false, false],
    ] as const) {
      await writer.execute(readOnly(on, superToo), bounds());
      expect(await readReport()).toMatchObject({ readOnly: on, superReadOnly: hasSuper ? on && superToo : null });
    }
  });

  test("a session is killed, and one that is not there is refused", async () => {
    const writer = open();
    const victim = await connectByPort(node.port, place.accounts.app);
    victim.on("error", () => undefined);
    const [row] = await queryRows(victim, "SELECT CONNECTION_ID() AS id");
    const sessionId = Number(row?.id);
    expect(await writer.execute({ kind: "kill-session", node: "db2", sessionId }, bounds())).toMatchObject({
      command: `KILL ${sessionId}`,
    });
    await expect(queryRows(victim, "SELECT 1")).rejects.toThrow();
    await waitFor("the session to be gone", async () => {
      const rows = await node.query("SHOW FULL PROCESSLIST");
      return rows.every(({ Id }) => Number(Id) !== sessionId);
    });
    await expect(writer.execute({ kind: "kill-session", node: "db2", sessionId }, bounds())).rejects.toMatchObject({
      kind: "rejected",
      serverCode: 1094,
      advice: expect.stringContaining("ended already"),
    });
    victim.destroy();
  });

  test("an account that may not change anything is refused, with the GRANT it would need", async () => {
    const writer = open(place.accounts.viewer);
    const other = await connectByPort(node.port, place.accounts.app);
    const [row] = await queryRows(other, "SELECT CONNECTION_ID() AS id");
    for (const change of [
      replication("stop", "sql"),
      readOnly(true, true),
      { kind: "kill-session", node: "db2", sessionId: Number(row?.id) },
    ] as const) {
      await expect(writer.execute(change, bounds())).rejects.toMatchObject({
        kind: "auth",
        advice: expect.stringMatching(/^GRANT [A-Z_ ]+ ON \*\.\* TO 'viewer'@'%';$/),
      });
    }
    expect(await readReport()).toMatchObject({ readOnly: false });
    expect(await queryRows(other, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    other.destroy();
  });

  test("the GRANT that is named is enough", async () => {
    const account = { user: "granted", password: "lab-granted" };
    const options = { node: "db2", sessionId: 1 };
    for (const change of [
      replication("stop", "io"),
      readOnly(true, true),
      { kind: "kill-session", ...options },
    ] as const) {
      await node.query(`CREATE USER '${account.user}'@'%' IDENTIFIED BY '${account.password}'`);
      const victim = await connectByPort(node.port, place.accounts.app);
      const [row] = await queryRows(victim, "SELECT CONNECTION_ID() AS id");
      const real = change.kind === "kill-session" ? { ...change, sessionId: Number(row?.id) } : change;
      const writer = open(account);
      const refusal = await writer.execute(real, bounds()).catch((error: { advice?: string }) => error);
      expect(refusal).toMatchObject({ kind: "auth", advice: expect.stringMatching(/^GRANT /) });
      if ("advice" in refusal && refusal.advice !== undefined) await node.query(refusal.advice.replace(/;$/, ""));
      // Privileges of a session are those of its login.
      await writer.close();
      expect(await open(account).execute(real, bounds())).toMatchObject({ server: { port: node.port } });
      victim.destroy();
      await node.query(`DROP USER '${account.user}'@'%'`).catch(async () => {
        await node.query("SET GLOBAL read_only=0");
        await node.query(`DROP USER '${account.user}'@'%'`);
      });
    }
    const ops = open();
    await ops.execute(readOnly(false, true), bounds());
    await ops.execute(replication("start", "both"), bounds());
  });

  test("a lock has one holder, who is named to the other one, until it is released or the connection ends", async () => {
    const [first, second, blind] = [open(), open(), open(place.accounts.nopriv)];
    const name = "signalbox:lab";
    expect(await first.lockHolder(name, bounds())).toBeNull();
    expect(await first.getLock(name, 0, bounds())).toMatchObject({ granted: true, holder: { own: true, user: "ops" } });
    const refused = await second.getLock(name, 0, bounds());
    expect(refused).toMatchObject({ granted: false, holder: { own: false, user: "ops" } });
    expect(refused.holder?.host).toContain("127.0.0.1");
    expect(await blind.lockHolder(name, bounds())).toMatchObject({ own: false, user: null, host: null });
    expect(await second.releaseLock(name, bounds())).toBe(false);
    expect(await first.releaseLock(name, bounds())).toBe(true);
    expect(await second.getLock(name, 0, bounds())).toMatchObject({ granted: true });
    await second.close();
    expect(await first.getLock(name, 3, bounds(6_000))).toMatchObject({ granted: true });
  });

  test("a change that waits too long is unknown to the client, and does not cost the lock", async () => {
    const writer = open();
    // That of the test before is free when its connection is gone, which takes a server a moment.
    expect(await writer.getLock("signalbox:lab", 3, bounds(6_000))).toMatchObject({ granted: true });
    await whileLocked(async () => {
      const begin = performance.now();
      await expect(writer.execute(readOnly(true, true), bounds(700))).rejects.toMatchObject({
        kind: "unknown-outcome",
        operation: expect.stringContaining("read_only=1"),
      });
      expect(performance.now() - begin).toBeLessThan(1_500);
      expect(await open().lockHolder("signalbox:lab", bounds())).toMatchObject({ user: "ops" });
    });
    await waitFor("the statement to have ended", async () => {
      const rows = await node.query("SHOW FULL PROCESSLIST");
      return rows.every((row) => !String(row.Info).startsWith("SET GLOBAL"));
    });
    await writer.execute(readOnly(false, true), bounds());
  });

  test("a lock that is not given within the session's limit is a refusal by the server", async () => {
    await whileLocked(async () => {
      const changing = place.hasten(() => open().execute(readOnly(true, true), bounds(2_700)));
      await expect(changing).rejects.toMatchObject({
        kind: "rejected",
        serverCode: 1205,
        advice: expect.stringContaining("holds the lock"),
      });
    });
    expect(await readReport()).toMatchObject({ readOnly: false });
  });

  test("a connection that is killed in mid-statement leaves the outcome unknown, and the next call connects anew", async () => {
    const writer = open();
    await whileLocked(async () => {
      const changing = writer.execute(readOnly(true, true), bounds(8_000));
      const settled = expect(changing).rejects.toMatchObject({ kind: "unknown-outcome" });
      const waiting = await findWaiting();
      await node.query(`KILL ${waiting.Id}`);
      await settled;
    });
    expect(await writer.execute(readOnly(false, true), bounds())).toMatchObject({ server: { port: node.port } });
  });

  test("a server that hangs is a timeout before anything was sent, and unreachable when it is gone", async () => {
    const writer = open();
    await writer.execute(readOnly(false, true), bounds());
    await node.freeze();
    try {
      await expect(writer.execute(readOnly(true, true), bounds(500))).rejects.toMatchObject({ kind: "timeout" });
    } finally {
      node.thaw();
    }
    expect(await readReport()).toMatchObject({ readOnly: false });
    await node.kill();
    await expect(writer.execute(readOnly(true, true), bounds())).rejects.toMatchObject({ kind: "unreachable" });
  });
}
