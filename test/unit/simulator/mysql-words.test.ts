/** What a simulated MySQL says otherwise than a simulated MariaDB. */
import { beforeEach, describe, expect, test } from "vitest";
import { SqlError, wordError } from "../../../src/simulator/mysql/errors.ts";
import type { SqlSession } from "../../../src/simulator/mysql/sql/session.ts";
import { runStatement } from "../../../src/simulator/mysql/sql/statement.ts";
import { killNode, startNode } from "../../../src/simulator/world/faults.ts";
import { uuidOf } from "../../../src/simulator/world/gtid.ts";
import { stopThreads } from "../../../src/simulator/world/replica-control.ts";
import type { World } from "../../../src/simulator/world/state.ts";
import { stepWorld } from "../../../src/simulator/world/step.ts";
import { createFixture, liveUntil, nodeNamed } from "./fixture.ts";
import { ask, openSession } from "./session.ts";

let world: World;
beforeEach(() => {
  world = createFixture({ product: "mysql" });
});

const open = (name: string, user?: string): SqlSession => openSession(world, name, user);

/** First row by the names of its columns. */
function row(session: SqlSession, sql: string): Readonly<Record<string, unknown>> {
  const result = runStatement(session, sql);
  if (result.kind === "ok") throw new Error("no rows");
  return Object.fromEntries(result.columns.map(({ name }, index) => [name, result.rows[0]?.[index]]));
}

test.each([
  "SHOW SLAVE STATUS",
  "SHOW ALL SLAVES STATUS",
  "SHOW MASTER STATUS",
  "SHOW SLAVE HOSTS",
  "STOP SLAVE",
  "RESET SLAVE ALL",
  "CHANGE MASTER TO MASTER_HOST='127.0.0.1'",
])("the old words are gone: %s", (sql) => {
  expect(ask(open("db3"), sql)).toBe(1064);
});

test("an error names the server as it is", () => {
  const session = open("db3");
  const [error] = ["SHOW SLAVE STATUS"].map((sql) => {
    try {
      return runStatement(session, sql);
    } catch (thrown) {
      return thrown;
    }
  });
  expect(error).toBeInstanceOf(SqlError);
  expect(wordError("mysql", error as SqlError).message).toContain("corresponds to your MySQL server version");
});

describe("GTID sets", () => {
  test("every server counts its own, and all have the same after a moment", () => {
    world.transactionsPerSecond = 0;
    stepWorld(world, 2_000);
    const executed = ["db1", "db2", "db4"].map((name) => ask(open(name), "SELECT @@global.gtid_executed"));
    expect(new Set(executed).size).toBe(1);
    expect(executed[0]).toMatch(new RegExp(`^${uuidOf(1)}:1-\\d+$`));
  });

  test("WAIT_FOR_EXECUTED_GTID_SET ends with 0 when it is there, with 1 when the time is up", () => {
    const session = open("db3");
    const last = nodeNamed(world, "db1").binlogPosition.get(1)?.sequence ?? 0;
    const wait = `SELECT WAIT_FOR_EXECUTED_GTID_SET('${uuidOf(1)}:1-${last + 40}', 10) AS waited`;
    expect(ask(session, wait)).toBe("waits");
    stepWorld(world, 5_000);
    expect(ask(session, wait)).toBe(0);
    session.connection.wait = null;
    const never = `SELECT WAIT_FOR_EXECUTED_GTID_SET('${uuidOf(9)}:1', 1) AS waited`;
    expect(ask(session, never)).toBe("waits");
    stepWorld(world, 1_100);
    expect(ask(session, never)).toBe(1);
    expect(ask(session, "SELECT WAIT_FOR_EXECUTED_GTID_SET('0-1-7', 1)")).toBe(1772);
  });

  test("GTID_SUBTRACT and GTID_SUBSET compare with what is executed", () => {
    const session = open("db2");
    const missing = `SELECT GTID_SUBTRACT('${uuidOf(1)}:1-2,${uuidOf(7)}:3', @@GLOBAL.gtid_executed) AS missing`;
    expect(ask(session, missing)).toBe(`${uuidOf(7)}:3`);
    expect(ask(session, `SELECT GTID_SUBSET('${uuidOf(1)}:1', @@GLOBAL.gtid_executed)`)).toBe(1);
    expect(ask(session, `SELECT GTID_SUBSET('${uuidOf(7)}:1', @@GLOBAL.gtid_executed)`)).toBe(0);
  });

  test("a source that lost its own transactions refuses whoever has them, with 13114", () => {
    world.transactionsPerSecond = 0;
    stepWorld(world, 1_000);
    const [promoted, follower] = [nodeNamed(world, "db2"), open("db3")];
    for (const each of promoted.channels) stopThreads(each, "both");
    promoted.readOnly = false;
    for (let rows = 0; rows < 5; rows += 1) ask(open("db2", "app"), "INSERT INTO orders (writer, seq) VALUES (1, 1)");
    ask(follower, "STOP REPLICA");
    ask(
      follower,
      `CHANGE REPLICATION SOURCE TO SOURCE_HOST='127.0.0.1', SOURCE_PORT=${promoted.port}, SOURCE_USER='repl', SOURCE_PASSWORD='demo-repl', GET_SOURCE_PUBLIC_KEY=1, SOURCE_AUTO_POSITION=1 FOR CHANNEL ''`,
    );
    expect(ask(follower, "START REPLICA FOR CHANNEL ''")).toBe("ok");
    stepWorld(world, 1_000);
    expect(row(follower, "SHOW REPLICA STATUS")).toMatchObject({
      Replica_IO_Running: "Yes",
      Source_UUID: uuidOf(2),
      Retrieved_Gtid_Set: `${uuidOf(2)}:1-5`,
      Auto_Position: 1,
    });
    killNode(world, promoted);
    promoted.binlogPosition.set(2, { serverId: 2, sequence: 3 });
    promoted.replicaPosition.delete(2);
    startNode(world, promoted);
    liveUntil(world, 10, () => follower.node.channels[0]?.receiver.state === "no");
    expect(row(follower, "SHOW REPLICA STATUS")).toMatchObject({ Replica_IO_Running: "No", Last_IO_Errno: 13_114 });
  });
});

describe("read-only", () => {
  const insert = "INSERT INTO orders (writer, seq) VALUES (1, 1)";

  test("super_read_only stops everybody, and goes with read_only", () => {
    const admin = open("db1", "admin");
    expect(ask(admin, insert)).toBe("ok");
    expect(ask(admin, "SET GLOBAL super_read_only=1")).toBe("ok");
    expect(admin.node).toMatchObject({ readOnly: true, superReadOnly: true });
    expect(ask(admin, insert)).toBe(1290);
    expect(ask(admin, "SET GLOBAL super_read_only=0, GLOBAL read_only=1")).toBe("ok");
    expect(ask(admin, insert)).toBe("ok");
    expect(ask(open("db1", "app"), insert)).toBe(1290);
    expect(ask(admin, "SET GLOBAL read_only=0")).toBe("ok");
    expect(ask(open("db1", "app"), insert)).toBe("ok");
  });

  test("SET PERSIST holds over a restart and is told, with where the value comes from", () => {
    const session = open("db1");
    expect(ask(session, "SET PERSIST read_only=1, PERSIST super_read_only=1")).toBe("ok");
    killNode(world, session.node);
    startNode(world, session.node);
    expect(session.node).toMatchObject({ readOnly: true, superReadOnly: true });
    const origin =
      "SELECT VARIABLE_SOURCE AS origin FROM performance_schema.variables_info WHERE VARIABLE_NAME = 'super_read_only'";
    expect(ask(session, origin)).toBe("PERSISTED");
    expect(ask(open("db2"), origin)).toBe("COMPILED");
    expect(ask(open("db1", "viewer"), "SET PERSIST read_only=0")).toBe(1227);
    expect(ask(openSession(createFixture(), "db1"), "SET PERSIST read_only=1")).toBe(1064);
  });
});

test("performance_schema tells the age of what an applier works on, and nothing of it when it has caught up", () => {
  const session = open("db3");
  for (const { applier } of session.node.channels) applier.holdBackMs = 9_000;
  stepWorld(world, 10_000);
  const age =
    "SELECT UNIX_TIMESTAMP(NOW(6)) - NULLIF(UNIX_TIMESTAMP(w.APPLYING_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP), 0) AS age FROM performance_schema.replication_applier_status_by_worker w";
  expect(Number(ask(session, age))).toBeGreaterThan(7);
  for (const { applier } of session.node.channels) applier.holdBackMs = 0;
  world.transactionsPerSecond = 0;
  stepWorld(world, 20_000);
  expect(ask(session, age)).toBe("nothing");
});
