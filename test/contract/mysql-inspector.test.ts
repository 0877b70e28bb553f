/** The inspector and the probes of a promotion against real servers: an active/backup pair, db1 inspected. */
import type { Connection } from "mysql2/promise";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { MysqlInspector, MysqlProbes } from "../../src/drivers/contract.ts";
import { createMysqlInspector } from "../../src/drivers/mysql/inspector.ts";
import { createMysqlProbes } from "../../src/drivers/mysql/probes/probes.ts";
import type { MysqlTarget } from "../../src/drivers/mysql/target.ts";
import type { MysqlAccess } from "../../src/model/settings.ts";
import type { LabAccount } from "../lab/accounts.ts";
import { connectByPort } from "../lab/connection.ts";
import { describeEngine } from "../lab/describe-engine.ts";
import { defaultHaproxyFor, type ServerEngineName } from "../lab/engines.ts";
import { type Lab, type LabNode, labAccounts, startLab, waitFor } from "../lab/index.ts";

const bounds = (timeoutMs = 5_000) => ({ signal: new AbortController().signal, timeoutMs });
const accessOf = ({ user, password }: LabAccount): MysqlAccess => ({
  user,
  password: { secret: password },
  tls: { mode: "off", caFile: null, certFile: null, keyFile: null },
  connectTimeoutMs: 2_000,
});

for (const engine of ["mariadb-10.11", "mysql-9.7", "mysql-5.6", "mariadb-11.8"] as const) {
  describeEngine([engine, defaultHaproxyFor(engine)], `Inspecting a real ${engine}`, () => testEngine(engine));
}

function testEngine(engine: ServerEngineName): void {
  const isMariadb = engine.startsWith("mariadb");
  let lab: Lab;
  let node: LabNode;
  const opened: { close: () => Promise<unknown> }[] = [];
  beforeAll(async () => {
    lab = await startLab({ topology: "r3", engine });
    node = lab.node("db1");
  });
  afterAll(() => lab?.stop());
  afterEach(async () => {
    for (const each of opened.splice(0)) await each.close();
  });

  const targetFor = (account: LabAccount, name = "db1"): MysqlTarget => {
    const { host, port } = lab.node(name);
    return { name, host, port, access: accessOf(account), heartbeatTable: null };
  };
  const inspect = (account: LabAccount = labAccounts.ops): MysqlInspector => {
    const inspector = createMysqlInspector(targetFor(account));
    opened.push(inspector);
    return inspector;
  };
  const connect = async (account: LabAccount): Promise<Connection> => {
    const connection = await connectByPort(node.port, account);
    connection.on("error", () => undefined);
    opened.push({ close: async () => connection.destroy() });
    return connection;
  };
  const probes = (): MysqlProbes =>
    createMysqlProbes({
      cluster: {
        writer: { backend: "write_nodes", address: { host: "127.0.0.1", port: lab.writePort }, multiWriter: false },
        access: accessOf(labAccounts.ops),
      },
      nodeTarget: (name) => (lab.nodes.some((each) => each.name === name) ? targetFor(labAccounts.ops, name) : null),
    });

  test("every part of a preflight is read, and nothing lacks", async () => {
    const facts = await inspect().preflight(bounds());
    expect(facts).toMatchObject({
      work: [],
      preparedXa: [],
      events: [],
      binlogFilters: [],
      missingGrants: [],
      rivals: [],
      refusedKinds: [],
      hasStoredReplicationPassword: !isMariadb,
      canPersist: engine === "mysql-9.7",
      oldestBinlogGtid: isMariadb ? "" : null,
    });
    expect(facts.settings).toMatchObject({ binlogFormat: "ROW", timeZone: expect.stringMatching(/^SYSTEM \(.+\)$/) });
    expect(facts.binlogFiles?.[0]?.name).toBe("mysql-bin.000001");
    expect(facts.freeConnections).toBeGreaterThan(50);
    // Where nothing tells who holds table locks, that is said.
    expect(facts.problems.map(({ part }) => part)).toEqual(engine === "mysql-9.7" ? [] : ["table locks"]);
  });

  test("an open transaction with changed rows is seen with its account", async () => {
    const app = await connect(labAccounts.app);
    await app.query("BEGIN");
    await app.query("INSERT INTO shop.orders (writer, seq) VALUES (1, 1), (1, 2)");
    const inspector = inspect();
    // InnoDB fills its list anew at most every 0.1 s.
    const work = await waitFor(
      "the transaction to be seen",
      async () => {
        const found = (await inspector.preflight(bounds())).work;
        return found !== null && found.length > 0 ? found : undefined;
      },
      { timeoutMs: 10_000, intervalMs: 150 },
    );
    expect(work).toMatchObject([
      { kind: "transaction", rowsModified: 2, session: { id: app.threadId, user: "app", command: "Sleep" } },
    ]);
    expect(work[0]?.seconds).toBeLessThan(60);
    await app.query("ROLLBACK");
  });

  test("an XA transaction that is prepared and an event that is enabled are seen", async () => {
    const admin = await connect(labAccounts.admin);
    await admin.query("CREATE EVENT shop.tidy ON SCHEDULE EVERY 1 DAY DO DELETE FROM shop.orders WHERE id < 0");
    for (const sql of ["XA START 'night'", "INSERT INTO shop.orders (writer, seq) VALUES (2, 1)", "XA END 'night'"])
      await admin.query(sql);
    await admin.query("XA PREPARE 'night'");
    const facts = await inspect().preflight(bounds());
    expect(facts.preparedXa).toEqual(["night"]);
    expect(facts.events).toEqual([{ schema: "shop", name: "tidy", definer: "labadmin@%", status: "enabled" }]);
    await admin.query("XA ROLLBACK 'night'");
    await admin.query("DROP EVENT shop.tidy");
  });

  test("accounts that can write through read-only are named with their sessions, where there are any", async () => {
    const admin = await connect(labAccounts.admin);
    const facts = await inspect().preflight(bounds());
    if (engine === "mysql-9.7") {
      expect(facts).toMatchObject({ privilegedAccounts: [], privilegedSessions: [] });
      return;
    }
    const privilege = isMariadb ? "READ_ONLY ADMIN" : "SUPER";
    expect(facts.privilegedAccounts).toContainEqual({ account: "'labadmin'@'%'", privilege });
    expect(facts.privilegedAccounts?.map(({ account }) => account)).not.toContain("'ops'@'%'");
    expect(facts.privilegedSessions?.map(({ id, user }) => ({ id, user }))).toContainEqual({
      id: admin.threadId,
      user: "labadmin",
    });
    expect(facts.privilegedSessions?.filter(({ user }) => user !== "labadmin")).toEqual([]);
  });

  if (isMariadb) {
    test("an account that gets READ_ONLY ADMIN through a role of a role is named", async () => {
      const admin = await connect(labAccounts.admin);
      for (const sql of ["CREATE ROLE inner_role", "CREATE ROLE outer_role", "GRANT inner_role TO outer_role"])
        await admin.query(sql);
      await admin.query("GRANT READ_ONLY ADMIN ON *.* TO inner_role");
      await admin.query("GRANT outer_role TO 'app'@'%'");
      const { privilegedAccounts } = await inspect().preflight(bounds());
      for (const sql of ["DROP ROLE outer_role", "DROP ROLE inner_role"]) await admin.query(sql);
      expect(privilegedAccounts).toContainEqual({
        account: "'app'@'%'",
        privilege: "READ_ONLY ADMIN by role outer_role",
      });
    });
  }

  test("what the account lacks is listed with the exact GRANT, and what it may not see is unknown and not empty", async () => {
    const facts = await inspect(labAccounts.viewer).preflight(bounds());
    const { missingGrants, events, privilegedAccounts, problems } = facts;
    const readOnly = missingGrants?.find(({ statement }) => /^SET GLOBAL (super_)?read_only$/.test(statement));
    const privilege = isMariadb ? "READ_ONLY ADMIN" : engine === "mysql-9.7" ? "SYSTEM_VARIABLES_ADMIN" : "SUPER";
    expect(readOnly?.grant).toBe(`GRANT ${privilege} ON *.* TO 'viewer'@'%';`);
    expect(missingGrants?.map(({ statement }) => statement)).not.toContain("replica status");
    expect(events).toBeNull();
    expect(privilegedAccounts).toEqual(engine === "mysql-9.7" ? [] : null);
    expect(problems.find(({ part }) => part === "events")?.failure.advice).toBe("GRANT EVENT ON *.* TO 'viewer'@'%';");
    expect(JSON.stringify(facts)).not.toMatch(/\*[0-9A-F]{40}|IDENTIFIED/);
  });

  test("an account that sees nothing knows nothing: no part is empty that could not be read", async () => {
    const facts = await inspect(labAccounts.nopriv).preflight(bounds());
    expect(facts).toMatchObject({ work: null, events: null, binlogFilters: null, binlogFiles: null });
    expect(facts.missingGrants?.length).toBeGreaterThan(5);
  });

  test("the tail of the binary log tells whether it changes data", async () => {
    const inspector = inspect();
    const before = (await inspector.preflight(bounds())).binlogFiles?.at(-1);
    const from = { file: before?.name ?? "", pos: before?.bytes ?? 0 };
    expect(await inspector.binlogTail(from, bounds())).toEqual({ eventTypes: [], changesData: false });
    await node.query("FLUSH BINARY LOGS");
    expect(await inspector.binlogTail(from, bounds())).toMatchObject({ changesData: false });
    const app = await connect(labAccounts.app);
    await app.query("INSERT INTO shop.orders (writer, seq) VALUES (3, 1)");
    const tail = await inspector.binlogTail(from, bounds());
    expect(tail.changesData).toBe(true);
    expect(tail.eventTypes.join(" ")).toMatch(/Rotate.*Format_desc.*Write_rows/);
    const behind = inspector.binlogTail({ ...from, pos: from.pos + 1_000_000 }, bounds());
    await expect(behind).rejects.toMatchObject({ name: "DriverError", kind: "rejected" });
    const unknown = inspector.binlogTail({ file: "mysql-bin.999999", pos: 4 }, bounds());
    await expect(unknown).rejects.toThrow("not among the binary logs");
  });

  test("a session that sleeps on LOCK TABLES is seen, or at least the table where the server does not tell more", async () => {
    const app = await connect(labAccounts.app);
    await app.query("LOCK TABLES shop.orders WRITE");
    const { work, problems } = await inspect().preflight(bounds());
    if (engine === "mysql-9.7") {
      expect(work).toMatchObject([{ kind: "table-lock", session: { id: app.threadId, user: "app" } }]);
      expect(problems).toEqual([]);
    } else {
      expect(work).toEqual([]);
      expect(problems[0]?.failure.message).toContain("in use or locked now: shop.orders");
    }
    await app.query("UNLOCK TABLES");
  });

  test("calls that overlap wait for each other, and a cut connection is opened again", async () => {
    const inspector = inspect();
    const both = await Promise.all([inspector.preflight(bounds()), inspector.preflight(bounds())]);
    expect(both.map(({ work }) => work)).toEqual([[], []]);
    const admin = await connect(labAccounts.admin);
    const [sessions] = await admin.query("SELECT id AS id FROM information_schema.processlist WHERE user = 'ops'");
    for (const { id } of sessions as { id: number }[]) await admin.query(`KILL ${id}`);
    await waitFor("the inspector to notice", () => inspector.preflight(bounds()).catch(() => undefined));
    await inspector.close();
    await expect(inspector.preflight(bounds())).rejects.toMatchObject({ name: "DriverError", kind: "cancelled" });
  });

  test("a question has its end when the server has none", async () => {
    const inspector = inspect();
    await inspector.preflight(bounds());
    await node.freeze();
    const asked = inspector.preflight(bounds(300));
    await expect(asked).rejects.toMatchObject({ name: "DriverError", kind: "timeout" });
    node.thaw();
    expect((await inspector.preflight(bounds())).settings).not.toBeNull();
  });

  test("the replication account is tried where it has to work, and its password is told nowhere", async () => {
    const { user, password } = labAccounts.repl;
    const login = { user, password, tls: [] };
    expect(await probes().login("db2", login, bounds())).toEqual({
      node: "db2",
      user,
      ok: true,
      failure: null,
      mayReplicate: true,
    });
    const wrong = await probes().login("db2", { ...login, password: "not-the-secret-one" }, bounds());
    expect(wrong).toMatchObject({ ok: false, mayReplicate: null, failure: { kind: "auth", serverCode: 1045 } });
    expect(JSON.stringify(wrong)).not.toContain("not-the-secret-one");
    const { app } = labAccounts;
    const powerless = await probes().login("db2", { user: app.user, password: app.password, tls: [] }, bounds());
    const advice = `GRANT REPLICATION SLAVE ON *.* TO '${app.user}'@'%';`;
    expect(powerless).toMatchObject({ ok: false, mayReplicate: false, failure: { kind: "auth", advice } });
    const none = await probes().login("db2", null, bounds());
    expect(none).toMatchObject({
      ok: false,
      user: null,
      failure: { advice: expect.stringContaining("replication.user") },
    });
  });

  test("the writer's route tells who answers there", async () => {
    const answer = await probes().route(bounds());
    expect(answer).toMatchObject({ serverId: node.serverId, port: node.port, readOnly: false });
    expect(answer.serverUuid === null).toBe(isMariadb);
  });

  if (engine === "mariadb-10.11" || engine === "mysql-9.7") describe("death", () => testDeath());

  function testDeath(): void {
    const { signal } = new AbortController();

    test("a server that has no connection left is alive", async () => {
      const release = await node.fillConnections();
      const proof = await probes().death("db1", signal);
      await release();
      expect(proof).toMatchObject({ verdict: "alive", attempts: [{ failure: { serverCode: 1040 } }] });
    });

    test("a server that is stopped accepts and says nothing: it hangs", async () => {
      await node.freeze();
      const proof = await probes().death("db1", signal);
      node.thaw();
      expect(proof.verdict).toBe("hanging");
      expect(proof.attempts).toHaveLength(3);
    });

    test("a server that refuses our account is alive, and one that was killed is dead", async () => {
      await node.refuseLogins();
      expect((await probes().death("db1", signal)).verdict).toBe("alive");
      await node.allowLogins();
      await node.kill();
      const started = Date.now();
      const proof = await probes().death("db1", signal);
      expect(proof).toMatchObject({ verdict: "dead", node: "db1" });
      expect(proof.attempts.map(({ failure }) => failure?.serverCode)).toEqual(Array(3).fill("ECONNREFUSED"));
      expect(Date.now() - started).toBeGreaterThan(4_900);
    });
  }
}
