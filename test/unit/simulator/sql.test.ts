import { describe, expect, test } from "vitest";
import { answerQuery } from "../../../src/simulator/mysql/command.ts";
import { SqlError } from "../../../src/simulator/mysql/errors.ts";
import type { SqlSession } from "../../../src/simulator/mysql/sql/session.ts";
import { runStatement } from "../../../src/simulator/mysql/sql/statement.ts";
import type { StatementResult } from "../../../src/simulator/mysql/wire/answer.ts";
import type { World } from "../../../src/simulator/world/state.ts";
import { stepWorld } from "../../../src/simulator/world/step.ts";
import { createFixture, nodeNamed, startAtMs } from "./fixture.ts";

function openSession(world: World, nodeName = "db2", user = "ops"): SqlSession {
  const account = world.accounts.find((candidate) => candidate.user === user);
  if (account === undefined) throw new Error(`no account ${user}`);
  const node = nodeNamed(world, nodeName);
  const connection = {
    id: 77,
    user,
    host: "127.0.0.1:50000",
    database: null,
    command: "Query" as const,
    query: null,
    sinceMs: world.nowMs,
    close: () => undefined,
    wait: null,
    transaction: null,
  };
  node.connections.set(77, connection);
  return { world, node, account, connection, variables: new Map(), userVariables: new Map(), warnings: [] };
}

function rowsOf(result: StatementResult): readonly (readonly unknown[])[] {
  if (result.kind !== "rows") throw new Error("no rows");
  return result.rows;
}

/** Rows as objects by column name. */
function records(session: SqlSession, sql: string): Record<string, unknown>[] {
  const result = runStatement(session, sql);
  if (result.kind !== "rows") throw new Error("no rows");
  return result.rows.map((row) => Object.fromEntries(result.columns.map(({ name }, index) => [name, row[index]])));
}

function failure(session: SqlSession, sql: string): string {
  try {
    runStatement(session, sql);
  } catch (error) {
    if (error instanceof SqlError) return `${error.code} ${error.sqlState} ${error.message}`;
    throw error;
  }
  return "no error";
}

const near = (text: string): string =>
  `1064 42000 You have an error in your SQL syntax; check the manual that corresponds to your MariaDB server version for the right syntax to use near '${text}' at line 1`;

/** Recorded from MariaDB 10.11.19. */
const recordedErrors: readonly [sql: string, error: string][] = [
  ["selec 1", near("selec 1")],
  ["select * from foo.bar", "1146 42S02 Table 'foo.bar' doesn't exist"],
  ["select @@nope", "1193 HY000 Unknown system variable 'nope'"],
  ["select @@global.nope", "1193 HY000 Unknown system variable 'nope'"],
  ["select @@server_uuid", "1193 HY000 Unknown system variable 'server_uuid'"],
  ["set global nope=1", "1193 HY000 Unknown system variable 'nope'"],
  ["set global read_only=2", "1231 42000 Variable 'read_only' can't be set to the value of '2'"],
  ["set session read_only=1", "1229 HY000 Variable 'read_only' is a GLOBAL variable and should be set with SET GLOBAL"],
  ["set read_only=1", "1229 HY000 Variable 'read_only' is a GLOBAL variable and should be set with SET GLOBAL"],
  ["select @@session.read_only", "1238 HY000 Variable 'read_only' is a GLOBAL variable"],
  ["set global version='x'", "1238 HY000 Variable 'version' is a read only variable"],
  ["set global server_id='a'", "1232 42000 Incorrect argument type to variable 'server_id'"],
  ["select foo()", "1305 42000 FUNCTION foo does not exist"],
  ["select a", "1054 42S22 Unknown column 'a' in 'SELECT'"],
  ["show variables where Variable_nam='x'", "1054 42S22 Unknown column 'Variable_nam' in 'WHERE'"],
  ["show slave status for channel 'x'", "1617 HY000 There is no master connection 'x'"],
  ["show slave 'x' status", "1617 HY000 There is no master connection 'x'"],
  ["start slave 'x'", "1617 HY000 There is no master connection 'x'"],
  ["show binary log status", near("log status")],
  ["show replicas", near("replicas")],
  ["show nope", near("nope")],
  ["stop slave foo", near("foo")],
  ["select version(", near("")],
  ["select 'unterminated", near("'unterminated")],
  ["select 1 from nope", "1046 3D000 No database selected"],
  ["use nope", "1049 42000 Unknown database 'nope'"],
  ["", "1065 42000 Query was empty"],
  ["  ", "1065 42000 Query was empty"],
  ["kill 99999", "1094 HY000 Unknown thread id: 99999"],
];

describe("simulated SQL", () => {
  test.each(recordedErrors)("refuses `%s` as MariaDB does", (sql, error) => {
    expect(failure(openSession(createFixture()), sql)).toBe(error);
  });

  test.each([
    ["show all slaves status", "SUPER, SLAVE MONITOR"],
    ["show master status", "SUPER, BINLOG MONITOR"],
    ["show slave hosts", "REPLICATION MASTER ADMIN"],
    ["stop slave", "SUPER, REPLICATION SLAVE ADMIN"],
    ["start slave", "SUPER, REPLICATION SLAVE ADMIN"],
    ["stop slave sql_thread", "SUPER, REPLICATION SLAVE ADMIN"],
    ["set global read_only=1", "READ_ONLY ADMIN"],
  ])("refuses `%s` to an account without privileges, naming them", (sql, privileges) => {
    const session = openSession(createFixture(), "db2", "nopriv");
    const expected = `1227 42000 Access denied; you need (at least one of) the ${privileges} privilege(s) for this operation`;
    expect(failure(session, sql)).toBe(expected);
  });

  test("refuses START SLAVE where no source was ever set", () => {
    expect(failure(openSession(createFixture(), "db1"), "START SLAVE")).toMatch(/^1200 HY000 Misconfigured slave/);
  });

  test("evaluates variables, functions and expressions", () => {
    const world = createFixture();
    const [row] = records(
      openSession(world),
      "SELECT @@global.server_id AS id, @@read_only, @@HOSTNAME `host`, VERSION() v, UNIX_TIMESTAMP() AS at, NOW(3), CONNECTION_ID(), USER(), 1 + 2 * 3 sum, IF(@@read_only, 'ro', 'rw') mode, CASE WHEN 1 > 2 THEN 'a' ELSE 'b' END, 'x' LIKE 'X%', NULL IS NULL, 3 IN (1, 2, NULL), NOT 0 AND NULL, COALESCE(NULL, 5)",
    );
    expect(Object.values(row ?? {})).toEqual([
      2,
      1,
      "db2",
      nodeNamed(world, "db2").version,
      startAtMs / 1000,
      "2026-11-20 20:00:00.000",
      77,
      "ops@127.0.0.1",
      7,
      "ro",
      "b",
      1,
      1,
      null,
      null,
      5,
    ]);
    expect(Object.keys(row ?? {}).slice(0, 4)).toEqual(["id", "@@read_only", "host", "v"]);
  });

  test("groups rows and counts, adds and compares within a group", () => {
    const world = createFixture();
    const sql =
      "SELECT user, COUNT(*) AS n, MAX(host) AS host, MIN(id) AS first, SUM(1) AS ones, MAX(user = SUBSTRING_INDEX(USER(), '@', 1)) AS own FROM information_schema.processlist WHERE user <> 'app' GROUP BY user ORDER BY user";
    expect(records(openSession(world, "db1"), sql)).toEqual([
      { user: "ops", n: 1, host: "127.0.0.1:50000", first: 77, ones: 1, own: 1 },
      { user: "repl", n: 3, host: "127.0.0.1:43304", first: 22, ones: 3, own: 0 },
    ]);
    const session = openSession(world, "db1");
    expect(
      records(session, "SELECT COUNT(*) AS n, MAX(id) AS m FROM information_schema.processlist WHERE user = 'nobody'"),
    ).toEqual([{ n: 0, m: null }]);
    expect(
      rowsOf(
        runStatement(session, "SELECT user FROM information_schema.processlist WHERE user = 'nobody' GROUP BY user"),
      ),
    ).toEqual([]);
    expect(failure(session, "SELECT id FROM information_schema.processlist WHERE MAX(id) > 1")).toBe(
      "1111 HY000 Invalid use of group function",
    );
  });

  test.each([
    ["server_id", "server\\_id", 1],
    ["serverXid", "server\\_id", 0],
    ["abcabd", "%ab_", 1],
    ["abc", "a%b%c%", 1],
    ["abc", "a%d", 0],
    ["", "%", 1],
    ["x", "", 0],
    ["50%", "50\\%", 1],
  ])("matches '%s' LIKE '%s' as %d", (text, pattern, expected) => {
    expect(rowsOf(runStatement(openSession(createFixture()), `SELECT '${text}' LIKE '${pattern}'`))).toEqual([
      [expected],
    ]);
  });

  test("ends LIKE patterns made to run for ever and expressions nested without end", () => {
    const session = openSession(createFixture());
    const text = "a".repeat(2_000);
    expect(rowsOf(runStatement(session, `SELECT '${text}' LIKE '${"%a".repeat(500)}%b'`))).toEqual([[0]]);
    const [answer] = answerQuery(session, `SELECT ${"(".repeat(200_000)}1`, 0)() ?? [];
    expect(answer?.readUInt16LE(1)).toBe(1436);
  });

  test("filters SHOW VARIABLES and SHOW STATUS by LIKE and by WHERE", () => {
    const session = openSession(createFixture());
    expect(rowsOf(runStatement(session, "SHOW GLOBAL VARIABLES LIKE 'server\\_id'"))).toEqual([["server_id", "2"]]);
    expect(rowsOf(runStatement(session, "SHOW VARIABLES WHERE Variable_name IN ('read_only', 'PORT')"))).toEqual([
      ["port", "3302"],
      ["read_only", "ON"],
    ]);
    expect(
      rowsOf(runStatement(session, "show global status where variable_name in ('Uptime','Slave_running')")),
    ).toHaveLength(2);
    expect(rowsOf(runStatement(session, "SHOW STATUS LIKE 'Threads\\_c%'"))).toHaveLength(3);
  });

  test("shows the replica with both threads, its positions and the 62 columns of the ALL form", () => {
    const world = createFixture();
    stepWorld(world, 3_000);
    const [status] = records(openSession(world, "db3"), "SHOW ALL SLAVES STATUS");
    expect(Object.keys(status ?? {})).toHaveLength(62);
    expect(status).toMatchObject({
      Connection_name: "",
      Master_Host: "127.0.0.1",
      Master_Port: 3301,
      Master_Server_Id: 1,
      Slave_IO_Running: "Yes",
      Slave_SQL_Running: "Yes",
      Using_Gtid: "Slave_Pos",
      Master_Log_File: "mysql-bin.000001",
      Seconds_Behind_Master: expect.any(Number),
      Gtid_Slave_Pos: records(openSession(world, "db3"), "SELECT @@gtid_slave_pos AS pos")[0]?.pos,
    });
    expect(rowsOf(runStatement(openSession(world, "db1"), "SHOW SLAVE STATUS"))).toEqual([]);
  });

  test("stops and starts threads one by one", () => {
    const world = createFixture();
    const session = openSession(world, "db2");
    const running = (): unknown[] => {
      const [status] = records(session, "SHOW REPLICA STATUS");
      return [status?.Slave_IO_Running, status?.Slave_SQL_Running, status?.Seconds_Behind_Master];
    };
    expect(runStatement(session, "STOP SLAVE SQL_THREAD")).toMatchObject({ kind: "ok", warnings: 0 });
    expect(running()).toEqual(["Yes", "No", null]);
    expect(runStatement(session, "STOP SLAVE SQL_THREAD")).toMatchObject({ kind: "ok", warnings: 1 });
    runStatement(session, "STOP REPLICA IO_THREAD");
    expect(running()).toEqual(["No", "No", null]);
    runStatement(session, "START ALL SLAVES");
    stepWorld(world, 5_000);
    expect(running()).toEqual(["Yes", "Yes", expect.any(Number)]);
  });

  test("sets read_only for everyone and session variables for one", () => {
    const world = createFixture();
    const [first, second] = [openSession(world), openSession(world)];
    runStatement(first, "SET GLOBAL read_only = OFF");
    expect(nodeNamed(world, "db2").readOnly).toBe(false);
    runStatement(first, "SET NAMES utf8mb4, SESSION lock_wait_timeout=2, @@session.tx_read_only := 1, @x = 'y'");
    expect(records(first, "SELECT @@lock_wait_timeout a, @@tx_read_only b, @x c")).toEqual([{ a: 2, b: 1, c: "y" }]);
    expect(records(second, "SELECT @@lock_wait_timeout a, @@tx_read_only b, @x c")).toEqual([
      { a: 86400, b: 0, c: null },
    ]);
  });

  test("lists clients, replication threads and dump threads in the processlist, and only its own to the unprivileged", () => {
    const world = createFixture();
    const sql =
      "SELECT id, user, command FROM information_schema.processlist p WHERE command IN ('Binlog Dump', 'Slave_IO', 'Slave_SQL') ORDER BY id DESC LIMIT 2";
    expect(records(openSession(world, "db1"), sql)).toEqual([
      { id: 24, user: "repl", command: "Binlog Dump" },
      { id: 23, user: "repl", command: "Binlog Dump" },
    ]);
    expect(records(openSession(world, "db2"), sql).map((row) => row.command)).toEqual(["Slave_SQL", "Slave_IO"]);
    expect(
      records(openSession(world, "db1"), "SHOW FULL PROCESSLIST").filter((row) => row.User === "app").length,
    ).toBeGreaterThan(4);
    expect(records(openSession(world, "db1", "nopriv"), "SHOW PROCESSLIST").map((row) => row.User)).toEqual(["nopriv"]);
    expect(
      records(openSession(world, "db1"), "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = 'repl'"),
    ).toEqual([{ "COUNT(*)": 3 }]);
  });

  test("lists replicas and binary logs of the source", () => {
    const session = openSession(createFixture(), "db1");
    expect(records(session, "SHOW SLAVE HOSTS").map((row) => row.Port)).toEqual([3302, 3303, 3304]);
    const [status] = records(session, "SHOW MASTER STATUS");
    expect(records(session, "SHOW BINLOG STATUS")).toEqual([status]);
    expect(records(session, "SHOW BINARY LOGS")).toEqual([{ Log_name: status?.File, File_size: status?.Position }]);
  });

  test("kills a client session", () => {
    const world = createFixture();
    const session = openSession(world, "db1");
    const [client] = nodeNamed(world, "db1").sessions;
    runStatement(session, `KILL ${client?.connectionId}`);
    expect(nodeNamed(world, "db1").sessions.has(client as never)).toBe(false);
    expect(client?.server.sessions.has(client)).toBe(false);
  });
});
