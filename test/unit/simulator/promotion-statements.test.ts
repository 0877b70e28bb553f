import { beforeEach, describe, expect, test } from "vitest";
import type { SqlSession } from "../../../src/simulator/mysql/sql/session.ts";
import { runStatement } from "../../../src/simulator/mysql/sql/statement.ts";
import { killNode, startNode } from "../../../src/simulator/world/faults.ts";
import { countLostWrites } from "../../../src/simulator/world/ledger.ts";
import { createNumberRanges } from "../../../src/simulator/world/number-ranges.ts";
import { stopThreads } from "../../../src/simulator/world/replica-control.ts";
import type { World } from "../../../src/simulator/world/state.ts";
import { stepWorld } from "../../../src/simulator/world/step.ts";
import { createFixture, liveUntil, nodeNamed } from "./fixture.ts";
import { ask, openSession as sessionOf } from "./session.ts";

let world: World;

beforeEach(() => {
  world = createFixture();
});

const openSession = (name: string, user?: string): SqlSession => sessionOf(world, name, user);

const insert = "INSERT INTO orders (writer, seq) VALUES (1, 1)";

describe("following another source", () => {
  test("needs stopped threads, forgets what was received, and goes on from gtid_slave_pos", () => {
    const session = openSession("db3");
    const { port } = nodeNamed(world, "db2");
    const change = `CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=${port}, MASTER_USE_GTID=slave_pos`;
    expect(ask(session, change)).toBe(1198);
    expect(ask(session, "RESET SLAVE ALL")).toBe(1198);
    expect(ask(session, "SET GLOBAL gtid_slave_pos='0-1-1'")).toBe(1198);
    expect(ask(session, "STOP SLAVE")).toBe("ok");
    expect(ask(session, change)).toBe("ok");
    expect(ask(session, "START SLAVE")).toBe("ok");
    const before = session.node.replicaPosition.get(0)?.sequence ?? 0;
    liveUntil(world, 5, () => (session.node.replicaPosition.get(0)?.sequence ?? 0) > before + 10);
    expect(session.node.channels).toMatchObject([{ sourcePort: port, sourceServerId: 2, receiver: { state: "yes" } }]);
  });

  test("a second channel has a name of its own and is forgotten by it", () => {
    const session = openSession("db1");
    expect(
      ask(
        session,
        "CHANGE MASTER 'other' TO MASTER_HOST='127.0.0.1', MASTER_PORT=3302, MASTER_LOG_FILE='mysql-bin.000001', MASTER_LOG_POS=400, MASTER_USE_GTID=no",
      ),
    ).toBe("ok");
    expect(session.node.channels).toMatchObject([{ name: "other", usingGtid: "No", executed: { file: 1, pos: 400 } }]);
    expect(ask(session, "RESET SLAVE 'other' ALL")).toBe("ok");
    expect(session.node.channels).toEqual([]);
    expect(ask(session, "RESET SLAVE 'other' ALL")).toBe(1617);
  });

  test("a wrong password ends in 1045, and is not the end of trying", () => {
    const session = openSession("db3");
    ask(session, "STOP SLAVE");
    expect(ask(session, "CHANGE MASTER TO MASTER_USER='repl', MASTER_PASSWORD='no'")).toBe("ok");
    ask(session, "START SLAVE");
    stepWorld(world, 500);
    expect(session.node.channels[0]?.receiver).toMatchObject({ state: "connecting", error: { code: 1045 } });
  });

  test("a source that never had a transaction of the replica refuses it with 1236", () => {
    const old = nodeNamed(world, "db1");
    for (const name of ["db2", "db3", "db4"])
      for (const each of nodeNamed(world, name).channels) stopThreads(each, "both");
    stepWorld(world, 1_000);
    killNode(world, old);
    const promoted = nodeNamed(world, "db2");
    promoted.readOnly = false;
    const session = openSession("db2", "app");
    for (let rows = 0; rows < 60; rows += 1) ask(session, insert);
    startNode(world, old);
    const rejoin = openSession("db1");
    const position = [...old.binlogPosition.values()]
      .map(({ serverId, sequence }) => `0-${serverId}-${sequence}`)
      .join();
    ask(rejoin, `SET GLOBAL gtid_slave_pos='${position}'`);
    ask(
      rejoin,
      `CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=${promoted.port}, MASTER_USER='repl', MASTER_PASSWORD='demo-repl', MASTER_USE_GTID=slave_pos`,
    );
    ask(rejoin, "START SLAVE");
    stepWorld(world, 500);
    expect(old.channels[0]?.receiver).toMatchObject({ state: "no", error: { code: 1236 } });
    expect(old.channels[0]?.receiver.error?.message).toContain(
      `start from GTID ${position}, which is not in the master's binlog`,
    );
    expect(countLostWrites(world, promoted)).toBeGreaterThan(10);
  });

  test("a row that a replica was given of its own stops its applier with 1062", () => {
    const session = openSession("db3", "admin");
    expect(ask(session, insert)).toBe("ok");
    liveUntil(world, 5, () => session.node.channels.every(({ applier }) => !applier.running));
    expect(session.node.channels[0]?.applier.error).toMatchObject({ code: 1062 });
    expect(session.node.channels[0]?.applier.error?.message).toContain("Duplicate entry");
  });
});

describe("waiting for a position", () => {
  test("ends with 0 when the applier has come there, with -1 when the time is up, and at once for what is there", () => {
    const session = openSession("db3");
    const [domain, last] = [...nodeNamed(world, "db1").binlogPosition][0] ?? [];
    const ahead = `${domain}-1-${(last?.sequence ?? 0) + 40}`;
    const wait = `SELECT MASTER_GTID_WAIT('${ahead}', 10) AS waited`;
    expect(ask(session, wait)).toBe("waits");
    stepWorld(world, 5_000);
    expect(ask(session, wait)).toBe(0);
    session.connection.wait = null;
    for (const channel of session.node.channels) stopThreads(channel, "sql");
    const never = `SELECT MASTER_GTID_WAIT('0-1-999999', 1) AS waited`;
    expect(ask(session, never)).toBe("waits");
    stepWorld(world, 1_100);
    expect(ask(session, never)).toBe(-1);
    session.connection.wait = null;
    expect(ask(session, "SELECT MASTER_POS_WAIT('mysql-bin.000001', 4, 1) AS waited")).toBe("nothing");
    expect(ask(session, "SELECT MASTER_GTID_WAIT('0-1', 1)")).toBe(1941);
  });

  test("KILL QUERY ends it with 1317", () => {
    const session = openSession("db3");
    const wait = "SELECT MASTER_GTID_WAIT('0-1-999999', 10) AS waited";
    expect(ask(session, wait)).toBe("waits");
    expect(ask(openSession("db3"), `KILL QUERY ${session.connection.id}`)).toBe("ok");
    expect(ask(session, wait)).toBe(1317);
  });
});

describe("who may write", () => {
  test("read_only stops an application with 1290, and lets an account with READ_ONLY ADMIN pass", () => {
    expect(ask(openSession("db2", "app"), insert)).toBe(1290);
    expect(ask(openSession("db2", "viewer"), insert)).toBe(1142);
    expect(ask(openSession("db1", "app"), insert)).toBe("ok");
    expect(ask(openSession("db1", "app"), "INSERT INTO missing VALUES (1)")).toBe(1146);
  });

  test("nothing commits under FLUSH TABLES WITH READ LOCK; it is free when its session says so or is gone", () => {
    const holder = openSession("db1");
    const writer = openSession("db1", "app");
    runStatement(writer, "SET SESSION lock_wait_timeout=1");
    expect(ask(holder, "FLUSH LOCAL TABLES WITH READ LOCK")).toBe("ok");
    const { acknowledged } = world.ledger;
    stepWorld(world, 500);
    expect(world.ledger.acknowledged).toBe(acknowledged);
    expect(ask(writer, insert)).toBe("waits");
    stepWorld(world, 1_000);
    expect(ask(writer, insert)).toBe(1205);
    writer.connection.wait = null;
    expect(ask(holder, "UNLOCK TABLES")).toBe("ok");
    expect(ask(writer, insert)).toBe("ok");
    ask(holder, "FLUSH TABLES WITH READ LOCK");
    holder.node.connections.delete(holder.connection.id);
    expect(ask(writer, insert)).toBe("ok");
  });

  test("an event that is enabled on a source is left to it by its replicas", () => {
    const alter = "ALTER DEFINER=`admin`@`%` EVENT `shop`.`purge_carts` ENABLE";
    expect(ask(openSession("db1"), alter)).toBe("ok");
    nodeNamed(world, "db3").events.forEach((event) => {
      event.status = "ENABLED";
    });
    stepWorld(world, 2_000);
    expect(ask(openSession("db3"), "SELECT STATUS FROM information_schema.EVENTS")).toBe("SLAVESIDE_DISABLED");
    expect(ask(openSession("db1"), "ALTER EVENT shop.nothing ENABLE")).toBe(1539);
  });
});

describe("what is asked of more than one table", () => {
  test("LEFT JOIN keeps rows without a partner, JOIN does not, and columns are named with their table", () => {
    const session = openSession("db1");
    const rows = (kind: string) => {
      const result = runStatement(
        session,
        `SELECT p.ID AS id, t.trx_rows_modified AS n FROM information_schema.processlist p ${kind} JOIN information_schema.innodb_trx t ON t.trx_mysql_thread_id = p.ID WHERE p.USER = 'app'`,
      );
      return result.kind === "rows" ? result.rows : [];
    };
    expect(rows("LEFT").length).toBeGreaterThan(4);
    expect(rows("LEFT").every(([, n]) => n === null)).toBe(true);
    expect(rows("INNER")).toEqual([]);
    expect(ask(session, "SELECT x.ID FROM information_schema.processlist p")).toBe(1054);
    expect(ask(session, "SELECT DISTINCT COMMAND FROM information_schema.processlist p LEFT")).toBe(1064);
  });

  test("SHOW BINLOG EVENTS tells what came before a file and what is in it", () => {
    const session = openSession("db1");
    const events = runStatement(session, "SHOW BINLOG EVENTS IN 'mysql-bin.000001' LIMIT 7");
    const types = events.kind === "rows" ? events.rows.map(([, , type]) => type) : [];
    expect(types).toEqual([
      "Format_desc",
      "Gtid_list",
      "Binlog_checkpoint",
      "Gtid",
      "Table_map",
      "Write_rows_v1",
      "Xid",
    ]);
    runStatement(session, "FLUSH BINARY LOGS");
    const next = runStatement(session, "SHOW BINLOG EVENTS IN 'mysql-bin.000002' FROM 256 LIMIT 1");
    const sequence = session.node.binlogPosition.get(0)?.sequence;
    expect(next.kind === "rows" ? next.rows[0] : null).toMatchObject([
      "mysql-bin.000002",
      256,
      "Gtid_list",
      1,
      299,
      `[0-1-${sequence}]`,
    ]);
    expect(ask(session, "SHOW BINLOG EVENTS IN 'mysql-bin.000009' LIMIT 1")).toBe(1220);
  });
});

test("number ranges hold numbers in any order and count what is missing", () => {
  const ranges = createNumberRanges();
  for (const value of [5, 1, 2, 4, 9, 3, 3]) ranges.add(value);
  expect([1, 5, 6, 9, 10].map((value) => ranges.has(value))).toEqual([true, true, false, true, false]);
  expect([5, 8, 9, 12].map((last) => ranges.countMissing(last))).toEqual([0, 3, 3, 6]);
});

test("the clients' writes are numbered, counted where they are refused, and the longest pause is known", () => {
  const { ledger } = world;
  const primary = nodeNamed(world, "db1");
  expect(countLostWrites(world, primary)).toBe(0);
  const before = ledger.refused;
  killNode(world, primary);
  stepWorld(world, 20_000);
  expect(ledger.refused - before).toBeGreaterThan(400);
  startNode(world, primary);
  primary.readOnly = false;
  for (const server of world.haproxies.flatMap(({ backends }) => backends.flatMap(({ servers }) => servers)))
    if (server.node === primary) server.health = server.rise + server.fall - 1;
  liveUntil(world, 10, () => ledger.longestGapMs > 15_000);
  expect(countLostWrites(world, primary)).toBe(0);
});
