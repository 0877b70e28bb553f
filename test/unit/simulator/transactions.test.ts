/** Open transactions, table locks and accounts of the simulated servers. */
import { beforeEach, describe, expect, test } from "vitest";
import type { SqlSession } from "../../../src/simulator/mysql/sql/session.ts";
import type { World } from "../../../src/simulator/world/state.ts";
import { stepWorld } from "../../../src/simulator/world/step.ts";
import { createFixture } from "./fixture.ts";
import { ask, openSession } from "./session.ts";

let world: World;

beforeEach(() => {
  world = createFixture();
  world.transactionsPerSecond = 0;
});

const insert = "INSERT INTO orders (writer, seq) VALUES (1, 1)";
const openRows = "SELECT trx_rows_modified FROM information_schema.innodb_trx";

describe("a transaction", () => {
  test("is seen by others from its first row on, and in the binary log when it is committed", () => {
    const [app, ops] = [openSession(world, "db1", "app"), openSession(world, "db1")];
    const { binlog } = app.node;
    const before = binlog.pos;
    expect(ask(app, "BEGIN")).toBe("ok");
    expect(ask(ops, openRows)).toBe("nothing");
    ask(app, insert);
    ask(app, insert);
    expect(ask(ops, openRows)).toBe(2);
    expect(binlog.pos).toBe(before);
    expect(ask(app, "COMMIT")).toBe("ok");
    expect(binlog.pos).toBeGreaterThan(before);
    expect(ask(ops, openRows)).toBe("nothing");
  });

  test("that is rolled back, or loses its connection, was never", () => {
    const [app, ops] = [openSession(world, "db1", "app"), openSession(world, "db1")];
    const before = app.node.binlog.pos;
    for (const end of [() => ask(app, "ROLLBACK"), () => app.node.connections.delete(app.connection.id)]) {
      ask(app, "BEGIN");
      ask(app, insert);
      end();
      expect(ask(ops, openRows)).toBe("nothing");
    }
    expect(app.node.binlog.pos).toBe(before);
  });

  test("cannot be committed on a server that has become read-only, and stays open", () => {
    const [app, ops] = [openSession(world, "db1", "app"), openSession(world, "db1")];
    ask(app, "BEGIN");
    ask(app, insert);
    expect(ask(ops, "SET GLOBAL read_only=1")).toBe("ok");
    expect(ask(app, "COMMIT")).toBe(1290);
    expect(ask(ops, openRows)).toBe(1);
  });
});

describe("LOCK TABLES", () => {
  test("holds up others' writes and what stops writes, until it is given back", () => {
    const [app, other, ops] = ["app", "app", "ops"].map((user) => openSession(world, "db1", user)) as [
      SqlSession,
      SqlSession,
      SqlSession,
    ];
    expect(ask(app, "LOCK TABLES orders WRITE")).toBe("ok");
    expect(ask(app, insert)).toBe("ok");
    expect(ask(other, insert)).toBe("waits");
    expect(ask(ops, "SET GLOBAL read_only=0")).toBe("ok");
    ask(ops, "SET SESSION lock_wait_timeout=2");
    expect(ask(ops, "SET GLOBAL read_only=1")).toBe("waits");
    stepWorld(world, 2_000);
    expect(ask(ops, "SET GLOBAL read_only=1")).toBe(1205);
    expect(ask(app, "UNLOCK TABLES")).toBe("ok");
    expect(ask(other, insert)).toBe("ok");
    ops.connection.wait = null;
    expect(ask(ops, "SET GLOBAL read_only=1")).toBe("ok");
  });

  test("ends with its connection", () => {
    const [app, other] = [openSession(world, "db1", "app"), openSession(world, "db1", "app")];
    ask(app, "LOCK TABLES orders WRITE");
    app.node.connections.delete(app.connection.id);
    expect(ask(other, insert)).toBe("ok");
  });
});

describe("accounts", () => {
  test("are made, given privileges at their next login, and dropped", () => {
    const admin = openSession(world, "db1", "admin");
    expect(ask(admin, "CREATE USER 'new'@'%' IDENTIFIED BY 'x'")).toBe("ok");
    expect(ask(admin, "CREATE USER 'new'@'%' IDENTIFIED BY 'x'")).toBe(1396);
    const early = openSession(world, "db1", "new");
    expect(ask(admin, "GRANT RELOAD, REPLICATION SLAVE ADMIN ON *.* TO 'new'@'%'")).toBe("ok");
    expect(ask(early, "FLUSH BINARY LOGS")).toBe(1227);
    const late = openSession(world, "db1", "new");
    expect(ask(late, "FLUSH BINARY LOGS")).toBe("ok");
    expect(ask(late, "CREATE USER 'more'@'%' IDENTIFIED BY 'x'")).toBe(1227);
    expect(ask(admin, "DROP USER 'new'@'%'")).toBe("ok");
    expect(ask(admin, "GRANT RELOAD ON *.* TO 'new'@'%'")).toBe(1396);
  });

  test("no privilege that the server does not know is given", () => {
    const admin = openSession(world, "db1", "admin");
    expect(ask(admin, "GRANT SYSTEM_VARIABLES_ADMIN ON *.* TO 'app'@'%'")).toBe(1064);
  });
});
