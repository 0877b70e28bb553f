/** What a promotion changes and waits for, on every server: an active/backup pair. */
import type { Connection } from "mysql2/promise";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { MysqlChange, MysqlWriter, ReplicationLogin } from "../../src/drivers/contract.ts";
import type { MysqlTarget } from "../../src/drivers/mysql/target.ts";
import { createMysqlWriter } from "../../src/drivers/mysql/writer.ts";
import type { Blocker } from "../../src/model/operation.ts";
import type { SourcePosition } from "../../src/model/source-position.ts";
import { connectByPort, queryRows } from "../lab/connection.ts";
import { waitFor } from "../lab/wait.ts";
import type { PlaceAccount, PlaceNode, Product, WriterPlace } from "./support/writer-place.ts";

const bounds = (timeoutMs = 8_000) => ({ signal: new AbortController().signal, timeoutMs });

export function testPromotionChanges(product: Product, start: () => Promise<WriterPlace>): void {
  const mariadb = product === "mariadb";
  const modern = product === "mysql";
  const followByGtid = mariadb ? "gtid-pos" : "auto-position";
  let place: WriterPlace;
  let source: PlaceNode;
  let replica: PlaceNode;
  const writers: MysqlWriter[] = [];
  const sessions: Connection[] = [];
  beforeAll(async () => {
    place = await start();
    ({ source, replica } = place);
  });
  afterAll(() => place?.stop());
  afterEach(async () => {
    for (const writer of writers.splice(0)) await writer.close();
    for (const session of sessions.splice(0)) session.destroy();
  });

  const open = (node: PlaceNode, { user, password }: PlaceAccount = place.accounts.ops): MysqlWriter => {
    const tls = { mode: "off", caFile: null, certFile: null, keyFile: null } as const;
    const access = { user, password: { secret: password }, tls, connectTimeoutMs: 2_000 };
    const target: MysqlTarget = { name: node.name, host: node.host, port: node.port, access, heartbeatTable: null };
    const writer = createMysqlWriter(target);
    writers.push(writer);
    return writer;
  };
  const connect = async (node: PlaceNode, account: PlaceAccount): Promise<Connection> => {
    const session = await connectByPort(node.port, account, "shop");
    session.on("error", () => undefined);
    sessions.push(session);
    return session;
  };
  const insert = () => source.query("INSERT INTO shop.orders (writer, seq) VALUES (1, 1)");
  const readPosition = async (node = source): Promise<SourcePosition> => {
    const change = { kind: "read-position", node: node.name, role: "stop", channel: null } as const;
    const { seen } = await open(node).execute(change, bounds());
    if (seen.position === undefined) throw new Error("no position was read");
    return seen.position;
  };
  const buildWait = (position: SourcePosition, by: "gtid" | "file", timeoutSeconds: number): MysqlChange => ({
    kind: "wait-position",
    node: "db2",
    channel: "",
    position: { kind: "known", position },
    by,
    timeoutSeconds,
  });
  const drain = (by: "gtid" | "file", timeoutSeconds = 10): MysqlChange => ({
    kind: "drain-relay",
    node: "db2",
    channel: "",
    by,
    timeoutSeconds,
  });
  const readOnly = (node: PlaceNode, on: boolean): MysqlChange => ({
    kind: "read-only",
    node: node.name,
    on,
    superToo: modern,
  });
  const readFlag = async (node: PlaceNode) => Number((await node.query("SELECT @@global.read_only AS flag"))[0]?.flag);
  const countSessions = async (node: PlaceNode, user: string) => {
    const rows = await node.query(`SELECT ID FROM information_schema.processlist WHERE USER='${user}'`);
    return rows.length;
  };

  test("a position that the node has applied costs next to nothing, by GTID and by coordinates", async () => {
    await insert();
    const position = await readPosition();
    expect(position).toMatchObject({ file: expect.stringMatching(/^mysql-bin\.\d+$/), pos: expect.any(Number) });
    expect(position.gtid).toMatch(mariadb ? /^\d+-\d+-\d+/ : /^[0-9a-f-]{36}:/);
    const writer = open(replica);
    for (const by of ["gtid", "file"] as const) {
      await writer.execute(buildWait(position, by, 10), bounds());
      const begin = performance.now();
      await writer.execute(buildWait(position, by, 10), bounds());
      expect(performance.now() - begin).toBeLessThan(1_000);
    }
  });

  test("a position is the same until somebody writes", async () => {
    const first = await readPosition();
    const change = { kind: "confirm-position", node: "db1", role: "stop" } as const;
    expect((await open(source).execute(change, bounds())).seen.position).toEqual(first);
    await insert();
    expect((await open(source).execute(change, bounds())).seen.position).not.toEqual(first);
  });

  test("coordinates of the source up to which a replica has applied are those of its channel", async () => {
    await insert();
    const position = await readPosition();
    const writer = open(replica);
    await writer.execute(buildWait(position, "file", 10), bounds());
    const change = { kind: "read-position", node: "db2", role: "applied", channel: "" } as const;
    const { seen } = await writer.execute(change, bounds());
    expect(seen.position).toMatchObject({ file: position.file, pos: position.pos });
  });

  test("a position comes true while it is waited for", async () => {
    await replica.stopApplier();
    await insert();
    const position = await readPosition();
    await replica.startApplier();
    await replica.query(modern ? "SELECT 1" : "SELECT 2");
    const { command } = await open(replica).execute(buildWait(position, "gtid", 10), bounds(15_000));
    expect(command).toContain(position.gtid);
  });

  test("a stopped applier ends a wait at once, and is named", async () => {
    await replica.stopApplier();
    await insert();
    const position = await readPosition();
    for (const by of ["gtid", "file"] as const) {
      const begin = performance.now();
      await expect(open(replica).execute(buildWait(position, by, 20), bounds(30_000))).rejects.toMatchObject({
        kind: "rejected",
        message: expect.stringContaining("the applier has stopped"),
      });
      expect(performance.now() - begin).toBeLessThan(3_000);
    }
    await replica.startApplier();
    await open(replica).execute(buildWait(position, "gtid", 10), bounds(15_000));
  });

  test("what is not reached in time is named, and nothing hangs; an interrupted wait ends", async () => {
    const position = await readPosition();
    const future = position.gtid?.replace(/\d+$/, "900000000") ?? null;
    const writer = open(replica);
    await expect(writer.execute(buildWait({ ...position, gtid: future }, "gtid", 1), bounds())).rejects.toMatchObject({
      kind: "timeout",
      message: expect.stringContaining("900000000"),
    });
    const far = { ...position, pos: 900_000_000 };
    await expect(writer.execute(buildWait(far, "file", 1), bounds())).rejects.toMatchObject({
      kind: "timeout",
      message: expect.stringContaining(`${far.file}:900000000`),
    });
    const waiting = writer.execute(buildWait({ ...position, gtid: future }, "gtid", 20), bounds(30_000));
    const settled = expect(waiting).rejects.toMatchObject({ kind: "cancelled" });
    await waitFor("the wait to be under way", async () => {
      const rows = await replica.query("SHOW FULL PROCESSLIST");
      return rows.some((row) => String(row.Info).includes("900000000"));
    });
    expect(await writer.interrupt(bounds())).toBe(true);
    await settled;
    expect(await writer.interrupt(bounds())).toBe(false);
  });

  test("what was received is applied before a replica counts as drained, and a stopped applier never does it", async () => {
    const writer = open(replica);
    await writer.execute(buildWait(await readPosition(), "gtid", 10), bounds(15_000));
    for (const by of ["gtid", "file"] as const) await writer.execute(drain(by), bounds(15_000));
    await replica.stopApplier();
    await insert();
    const { file, pos } = await readPosition();
    await waitFor("the receiver to have it", async () => {
      const status = await replica.replicaStatus();
      return [file, String(pos)].every((value) =>
        Object.values(status ?? {})
          .map(String)
          .includes(value ?? ""),
      );
    });
    for (const by of ["gtid", "file"] as const) {
      await expect(writer.execute(drain(by), bounds(15_000))).rejects.toMatchObject({
        kind: "rejected",
        message: expect.stringContaining("the applier has stopped"),
      });
    }
    await replica.startApplier();
    for (const by of ["gtid", "file"] as const) await writer.execute(drain(by), bounds(15_000));
  });

  test("an applier that broke is told with the server's own error", async () => {
    await replica.breakApplier();
    const position = await readPosition();
    await expect(open(replica).execute(buildWait(position, "gtid", 20), bounds(30_000))).rejects.toMatchObject({
      kind: "rejected",
      message: expect.stringMatching(/1062|Duplicate/),
    });
    await replica.repairApplier();
  });

  test("writes are not stopped behind LOCK TABLES: who holds it is told, the refusal is certain, read_only is 0", async () => {
    const holder = await connect(source, place.accounts.app);
    await queryRows(holder, "LOCK TABLES orders WRITE");
    const [row] = await queryRows(holder, "SELECT CONNECTION_ID() AS id");
    const told: (readonly Blocker[])[] = [];
    const options = { ...bounds(2_700), onBlockers: (blockers: readonly Blocker[]) => told.push(blockers) };
    await expect(open(source).execute(readOnly(source, true), options)).rejects.toMatchObject({
      kind: "rejected",
      serverCode: 1205,
      message: expect.stringContaining("read_only is 0"),
      advice: expect.stringContaining(`app@127.0.0.1 (${row?.id}`),
    });
    expect(told.flat()).toContainEqual(
      expect.objectContaining({ node: "db1", sessionId: row?.id, account: "app@127.0.0.1" }),
    );
    expect(await readFlag(source)).toBe(0);
  });

  test("stopping writes can be interrupted, which leaves them as they were", async () => {
    const holder = await connect(source, place.accounts.app);
    await queryRows(holder, "LOCK TABLES orders WRITE");
    const writer = open(source);
    await writer.prepare(bounds());
    const changing = writer.execute(readOnly(source, true), bounds(20_000));
    const settled = expect(changing).rejects.toMatchObject({ kind: "cancelled" });
    await waitFor("the statement to wait", async () => {
      const rows = await source.query("SHOW FULL PROCESSLIST");
      return rows.some((row) => String(row.Info).startsWith("SET GLOBAL"));
    });
    expect(await writer.interrupt(bounds())).toBe(true);
    await settled;
    expect(await readFlag(source)).toBe(0);
  });

  test("every connection is opened before it is needed", async () => {
    await open(source).prepare(bounds());
    expect(await countSessions(source, "ops")).toBe(3);
    await expect(open(source, { user: "ops", password: "wrong" }).prepare(bounds())).rejects.toMatchObject({
      kind: "auth",
    });
  });

  test("sessions that could still write are ended; others, dump threads and ours are spared", async () => {
    const [dirty, idle, privileged, mine] = [
      await connect(source, place.accounts.app),
      await connect(source, place.accounts.app),
      await connect(source, place.accounts.admin),
      await connect(source, place.accounts.ops),
    ];
    const writer = open(source);
    const clear = { kind: "clear-sessions", node: "db1" } as const;
    await queryRows(dirty, "BEGIN");
    await queryRows(dirty, "INSERT INTO orders (writer, seq) VALUES (7, 7)");
    await expect(writer.execute(clear, bounds())).rejects.toMatchObject({ kind: "rejected" });
    expect(await queryRows(dirty, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    await writer.execute(readOnly(source, true), bounds());
    const dumps = await countSessions(source, "repl");
    const { seen, command } = await writer.execute(clear, bounds());
    expect(seen.cleared?.join()).toMatch(/app@127\.0\.0\.1 \(\d+\), 1 row not committed/);
    expect(command).toMatch(/KILL \d+/);
    expect(command.includes("UNLOCK TABLES")).toBe(!modern);
    await expect(queryRows(dirty, "SELECT 1")).rejects.toThrow();
    expect(await queryRows(idle, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    expect(await queryRows(mine, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    if (modern) expect(await queryRows(privileged, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    else await expect(queryRows(privileged, "SELECT 1")).rejects.toThrow();
    expect(await countSessions(source, "repl")).toBe(dumps);
    expect((await writer.execute(clear, bounds())).seen.cleared).toEqual([]);
    const { seen: after } = await writer.execute(readOnly(source, false), bounds());
    expect(after.readOnly).toEqual({ on: false, superToo: false });
    // Nothing is locked any more.
    await insert();
  });

  test("where grants cannot be read only uncommitted changes are looked for, and that is said", async () => {
    if (modern) return;
    const account = { user: "blind", password: "lab-blind" };
    await source.query(`CREATE USER '${account.user}'@'%' IDENTIFIED BY '${account.password}'`);
    const extra = mariadb ? ", READ_ONLY ADMIN, CONNECTION ADMIN" : "";
    await source.query(`GRANT PROCESS, SUPER, RELOAD${extra} ON *.* TO '${account.user}'@'%'`);
    const privileged = await connect(source, place.accounts.admin);
    const writer = open(source, account);
    await writer.execute(readOnly(source, true), bounds());
    const { notices, seen } = await writer.execute({ kind: "clear-sessions", node: "db1" }, bounds());
    expect(notices.join()).toContain("could not be read");
    expect(seen.cleared).toEqual([]);
    expect(await queryRows(privileged, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    await writer.execute(readOnly(source, false), bounds());
    await source.query(`DROP USER '${account.user}'@'%'`);
  });

  test("the event scheduler goes off and on; an event is enabled with its definer, and replicas keep it off", async () => {
    const writer = open(source);
    for (const on of [true, false]) {
      const { seen } = await writer.execute({ kind: "event-scheduler", node: "db1", on }, bounds());
      expect(seen.eventSchedulerOn).toBe(on);
    }
    const charset = await place.addEvent("odd `name");
    const change = { kind: "enable-event", node: "db1", schema: "shop", name: "odd `name", definer: "app@%" } as const;
    const { seen, command } = await writer.execute(change, bounds());
    expect(command).toBe("ALTER DEFINER=`app`@`%` EVENT `shop`.`odd ``name` ENABLE");
    expect(seen.eventEnabled).toBe(true);
    await open(replica).execute(buildWait(await readPosition(), "gtid", 10), bounds(15_000));
    const read = (node: PlaceNode) =>
      node.query(
        "SELECT STATUS, DEFINER, CHARACTER_SET_CLIENT AS charset FROM information_schema.EVENTS WHERE EVENT_NAME='odd `name'",
      );
    expect(await read(source)).toEqual([{ STATUS: "ENABLED", DEFINER: "app@%", charset }]);
    expect((await read(replica))[0]).toMatchObject({
      STATUS: expect.stringMatching(/SIDE_DISABLED$/),
      DEFINER: "app@%",
    });
    await place.dropEvent("odd `name");
  });

  test("what one statement was warned of is not told of the next", async () => {
    const writer = open(replica);
    const start = { kind: "replication", node: "db2", action: "start", thread: "sql", channel: "" } as const;
    expect((await writer.execute(start, bounds())).notices).not.toEqual([]);
    const { notices } = await writer.execute({ kind: "event-scheduler", node: "db2", on: false }, bounds());
    expect(notices).toEqual([]);
  });

  test("semi-sync is switched where it is installed", async () => {
    const change = (on: boolean): MysqlChange => ({ kind: "semi-sync-source", node: "db1", on });
    if (mariadb) {
      expect((await open(source).execute(change(true), bounds())).seen.semiSyncSourceOn).toBe(true);
      expect((await open(source).execute(change(false), bounds())).seen.semiSyncSourceOn).toBe(false);
    } else {
      await expect(open(source).execute(change(true), bounds())).rejects.toMatchObject({ kind: "unsupported" });
    }
  });

  test("checkpoints of a parallel applier come as often as they are told to, where there are any", async () => {
    const change = (milliseconds: number): MysqlChange => ({ kind: "applier-checkpoint", node: "db2", milliseconds });
    const set = async (milliseconds: number) =>
      (await open(replica).execute(change(milliseconds), bounds())).seen.applierCheckpointMs;
    if (mariadb) await expect(set(1)).rejects.toMatchObject({ kind: "unsupported" });
    else {
      expect(await set(1)).toBe(1);
      expect(await set(300)).toBe(300);
    }
  });

  test("read_only is kept for a restart where the server can", async () => {
    const change = (on: boolean): MysqlChange => ({ kind: "persist-read-only", node: "db1", on });
    if (modern) {
      expect((await open(source).execute(change(true), bounds())).seen.persistedReadOnly).toBe(true);
      expect((await open(source).execute(change(false), bounds())).seen.persistedReadOnly).toBe(false);
      expect(await readFlag(source)).toBe(0);
    } else {
      await expect(open(source).execute(change(true), bounds())).rejects.toMatchObject({ kind: "unsupported" });
    }
  });

  test("the login of a channel is read where the server keeps it readable", async () => {
    const login = await open(replica).storedLogin("", bounds());
    if (mariadb) expect(login).toBeNull();
    else expect(login).toMatchObject({ user: place.accounts.repl.user, password: place.accounts.repl.password });
    expect(await open(replica).storedLogin("not there", bounds())).toBeNull();
    expect(await open(replica, place.accounts.viewer).storedLogin("", bounds())).toBeNull();
  });

  test("a replica is sent to another source, and a password is never seen", async () => {
    const writer = open(replica);
    const secret = "s3cr'et\\-x";
    const toSource = (follow: "auto-position" | "gtid-pos" | "file", position: SourcePosition | null): MysqlChange => ({
      kind: "change-source",
      node: "db2",
      channel: "",
      host: "127.0.0.1",
      port: source.port,
      follow,
      position: position === null ? null : { kind: "known", position },
      login: { kind: "configured" },
    });
    const replication = (action: "start" | "stop") =>
      ({ kind: "replication", node: "db2", action, thread: "both", channel: "" }) as const;
    const login = (password: string): ReplicationLogin => ({ user: place.accounts.repl.user, password, tls: [] });
    const texts: unknown[] = [];
    const keep = async (result: Promise<unknown>) => {
      const value = await result.catch((error: unknown) => error);
      const seen =
        value instanceof Error ? { ...value, message: value.message, cause: value.cause, stack: value.stack } : value;
      texts.push(seen);
      return value;
    };
    const options = (password: string) => ({ ...bounds(), login: login(password) });
    const refused = await keep(writer.execute(toSource(followByGtid, null), options(secret)));
    expect(refused).toMatchObject({ kind: "rejected", operation: expect.stringContaining("PASSWORD='***'") });
    await writer.execute(replication("stop"), bounds());
    const { seen: stopped } = await writer.execute(replication("stop"), bounds());
    expect(stopped.channels?.[0]).toMatchObject({ io: "no", sql: "no" });
    // Too long for most servers, which then say so with its beginning.
    await keep(writer.execute(toSource(followByGtid, null), options(`${secret}${"x".repeat(300)}`)));
    const changed = await keep(writer.execute(toSource(followByGtid, null), options(secret)));
    expect(changed).toMatchObject({ command: expect.stringContaining("PASSWORD='***'") });
    await writer.execute(replication("start"), bounds());
    await waitFor("the login to be refused", async () => {
      const status = Object.values((await replica.replicaStatus()) ?? {}).map(String);
      return status.some((text) => text.includes("1045") || text.includes("denied"));
    });
    const stop = await keep(writer.execute(replication("stop"), bounds()));
    expect(stop).toMatchObject({ seen: { channels: [{ ioError: { code: expect.any(Number) } }] } });
    const hiddenFrom = await keep(
      writer.execute({ ...toSource(followByGtid, null), port: 0 } as MysqlChange, options(secret)),
    );
    expect(hiddenFrom).toMatchObject({ kind: "rejected" });
    expect(JSON.stringify(texts)).not.toMatch(/.{0,30}(s3cr|'et|xxxx)/);

    const position = await readPosition();
    for (const [follow, from] of [
      ["file", position],
      [followByGtid, null],
    ] as const) {
      const change = toSource(follow, from);
      const result = await writer.execute(change, { ...bounds(), login: login(place.accounts.repl.password) });
      expect(JSON.stringify(result)).not.toContain(place.accounts.repl.password);
      await writer.execute(replication("start"), bounds());
      await insert();
      const wanted = await readPosition();
      await writer.execute(buildWait(wanted, "file", 10), bounds(15_000));
      await writer.execute(replication("stop"), bounds());
    }
  });

  test("the position of an old source is set from what it wrote and what it applied", async () => {
    const writer = open(replica);
    const change = { kind: "gtid-position", node: "db2" } as const;
    if (!mariadb) {
      await expect(writer.execute(change, bounds())).rejects.toMatchObject({ kind: "unsupported" });
      return;
    }
    await replica.query("INSERT INTO shop.orders (writer, seq) VALUES (2, 2)");
    const { command } = await writer.execute(change, bounds());
    const [row] = await replica.query(
      "SELECT @@global.gtid_slave_pos AS replicated, @@global.gtid_binlog_pos AS logged",
    );
    expect(row?.replicated).toBe(row?.logged);
    expect(command).toBe(`SET GLOBAL gtid_slave_pos='${row?.logged}'`);
  });

  test("a value that is not known yet is never sent, and a channel is forgotten for good", async () => {
    const writer = open(replica);
    const role = { kind: "role", role: "stop", node: "db1" } as const;
    const wait = {
      kind: "wait-position",
      node: "db2",
      channel: "",
      position: role,
      by: "gtid",
      timeoutSeconds: 1,
    } as const;
    await expect(writer.execute(wait, bounds())).rejects.toMatchObject({ kind: "rejected" });
    const { seen } = await writer.execute({ kind: "reset-replication", node: "db2", channel: "" }, bounds());
    expect(seen.channels).toEqual([]);
    await expect(writer.execute(drain("gtid"), bounds())).rejects.toMatchObject({ kind: "rejected" });
  });
}
