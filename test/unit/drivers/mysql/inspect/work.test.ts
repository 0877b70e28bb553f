import { describe, expect, it } from "vitest";
import { classifyStatement } from "../../../../../src/drivers/mysql/inspect/statement-kind.ts";
import { describeWork } from "../../../../../src/drivers/mysql/inspect/work.ts";
import { toRow } from "../recordings.ts";

const idle = {
  id: "7",
  user: "app",
  host: "10.0.0.7:4711",
  db: "shop",
  command: "Sleep",
  time: "5",
  state: "",
  info: null,
  own: "0",
  rows_modified: null,
  rows_locked: null,
  age: null,
};
const running = (info: string, extra = {}) => ({ ...idle, command: "Query", info, ...extra });
const kindOf = (columns: Readonly<Record<string, string | null>>, locks = new Set<number>()) =>
  describeWork(toRow(columns), locks)?.kind ?? null;
const transaction = { rows_modified: "3", rows_locked: "0", age: "60" };

describe("Work that holds up the statement that stops writes", () => {
  it.each([
    ["an open transaction with changed rows", { ...idle, ...transaction }, "transaction"],
    ["one that was begun this second", { ...idle, ...transaction, age: "0" }, "transaction"],
    [
      "one that has locked rows for a while",
      { ...idle, rows_modified: "0", rows_locked: "2", age: "60" },
      "transaction",
    ],
    [
      "a long one whose present statement is young",
      { ...running("UPDATE t SET a=1", transaction), time: "0" },
      "transaction",
    ],
    ["a change that is its own transaction", { ...running("UPDATE t SET a=1", transaction), time: "60" }, "statement"],
    ["a change of another engine", running("INSERT INTO log VALUES (1)"), "statement"],
    ["a statement whose text is not shown", { ...idle, command: "Query" }, "statement"],
    ["ALTER TABLE", running("ALTER TABLE t ADD c INT"), "ddl"],
    ["ALTER TABLE of our own account", running("ALTER TABLE t ADD c INT", { own: "1" }), "ddl"],
    [
      "a wait for a metadata lock",
      running("ALTER TABLE t ADD c INT", { state: "Waiting for table metadata lock" }),
      "metadata-lock",
    ],
    [
      "a wait behind FLUSH TABLES WITH READ LOCK",
      running("INSERT INTO t VALUES (1)", { state: "Waiting for backup lock" }),
      "metadata-lock",
    ],
    ["a change by hand with our account", running("DELETE FROM t", { own: "1" }), "statement"],
  ])("%s", (_, columns, kind) => {
    expect(kindOf(columns)).toBe(kind);
  });

  it.each([
    ["a sleeping session", idle],
    [
      "a long SELECT, though InnoDB gives it a transaction",
      running("SELECT * FROM t", { rows_modified: "0", rows_locked: "0", age: "5" }),
    ],
    ["a transaction of this second that only locks", { ...idle, rows_modified: "0", rows_locked: "2", age: "0" }],
    ["a snapshot of a backup, however old", { ...idle, rows_modified: "0", rows_locked: "0", age: "3600" }],
    ["replication", { ...running("INSERT INTO t VALUES (1)", transaction), user: "system user" }],
    [
      "the event scheduler",
      { ...idle, user: "event_scheduler", command: "Daemon", state: "Waiting for next activation" },
    ],
    ["a dump thread", { ...idle, command: "Binlog Dump GTID" }],
    ["our own question", running("SELECT p.id AS id FROM information_schema.processlist p", { own: "1" })],
    ["a plan's own STOP", running("STOP REPLICA", { own: "1" })],
  ])("%s is none", (_, columns) => {
    expect(kindOf(columns)).toBeNull();
  });

  it("is a session that sleeps on table locks", () => {
    expect(kindOf(idle, new Set([7]))).toBe("table-lock");
  });

  it("tells for how long and how many rows; an unknown number stays unknown", () => {
    expect(describeWork(toRow({ ...idle, ...transaction }), new Set())).toMatchObject({ seconds: 60, rowsModified: 3 });
    expect(describeWork(toRow(running("INSERT INTO log VALUES (1)")), new Set())).toMatchObject({
      seconds: 5,
      rowsModified: null,
    });
  });
});

describe("A statement by its text", () => {
  it.each([
    ["/* app */ -- note\n (SELECT 1)", "read"],
    ["select a from t for update", "write"],
    ["SELECT a INTO OUTFILE '/tmp/x' FROM t", "write"],
    ["SHOW TABLES", "read"],
    ["SET GLOBAL read_only=1", "read"],
    ["SET STATEMENT max_statement_time=1 FOR DELETE FROM t", "write"],
    ["/*!40000 ALTER TABLE t DISABLE KEYS */", "ddl"],
    ["/*M!100101 DROP TABLE t */", "ddl"],
    ["WITH x AS (SELECT 1) DELETE FROM t", "write"],
    ["WITH x AS (SELECT 1) SELECT * FROM x", "read"],
    ["CALL nightly()", "write"],
    ["COMMIT", "write"],
    ["truncate t", "ddl"],
  ])("%s: %s", (text, kind) => {
    expect(classifyStatement(text)).toBe(kind);
  });
});
