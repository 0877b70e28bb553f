import { describe, expect, it } from "vitest";
import {
  allDialects,
  detectFlavor,
  parseVersion,
  selectDialect,
} from "../../../../src/drivers/mysql/dialects/select.ts";
import { buildSettingStatements, identityStatement } from "../../../../src/drivers/mysql/login.ts";
import { listAttachedStatements } from "../../../../src/drivers/mysql/parts/attached.ts";
import { buildHeartbeatStatement } from "../../../../src/drivers/mysql/parts/heartbeat.ts";
import { listSessionStatements } from "../../../../src/drivers/mysql/parts/sessions.ts";
import {
  buildCounterStatement,
  buildFastForms,
  buildSlowStatement,
} from "../../../../src/drivers/mysql/parts/variables.ts";
import { assertReadsOnly } from "../../../../src/drivers/mysql/reading-only.ts";

describe("flavor", () => {
  it.each([
    ["10.11.19-MariaDB-0+deb12u1-log", "Debian 12", "mariadb"],
    ["5.5.5-10.6.1-mariadb", "Source distribution", "mariadb"],
    ["9.7.4-2", "(Debian)", "mysql"],
    ["8.0.36-28", "Percona Server (GPL), Release 28", "percona"],
    ["11.8.6-MariaDB", "-- Please help get to 10k stars at https://github.com/MariaDB/Server", "mariadb"],
    ["8.4.0", null, "mysql"],
  ] as const)("of %s (%s) is %s", (version, comment, flavor) => {
    expect(detectFlavor(version, comment)).toBe(flavor);
  });
});

describe("dialect", () => {
  it.each([
    ["mysql", "5.5.62-log", "mysql-5.5"],
    ["mysql", "5.6.24-log", "mysql-5.6"],
    ["percona", "5.6.51-91.0", "percona-5.6"],
    ["mysql", "5.7.44", "mysql-5.7"],
    ["mysql", "8.0.21", "mysql-8.0"],
    ["mysql", "8.0.22", "mysql-8.0.22"],
    ["percona", "8.0.25-15", "mysql-8.0.22"],
    ["mysql", "8.0.26", "mysql-8.0.26"],
    ["mysql", "8.1.0", "mysql-8.0.26"],
    ["mysql", "8.4.3", "mysql-8.4"],
    ["mysql", "9.7.4-2", "mysql-9"],
    ["mysql", "12.0.0", "mysql-9"],
    ["mariadb", "10.2.44-MariaDB", "mariadb-10.2"],
    ["mariadb", "10.4.34-MariaDB", "mariadb-10.2"],
    ["mariadb", "10.5.9-MariaDB", "mariadb-10.5"],
    ["mariadb", "5.5.5-10.11.19-MariaDB", "mariadb-10.5"],
    ["mariadb", "12.1.2-MariaDB", "mariadb-11"],
  ] as const)("of %s %s is %s", (flavor, version, name) => {
    expect(selectDialect(flavor, version).name).toBe(name);
  });

  it("of a version that cannot be read is the oldest, not a crash", () => {
    expect(parseVersion("whatever")).toEqual([0, 0, 0]);
    expect(selectDialect("mysql", "whatever").name).toBe("mysql-5.5");
  });

  it("has a name of its own each", () => {
    expect(new Set(allDialects.map((dialect) => dialect.name)).size).toBe(allDialects.length);
  });
});

describe.each(allDialects.map((dialect) => [dialect.name, dialect] as const))("%s", (_, dialect) => {
  it("sends nothing but SELECT, SHOW and SET SESSION, one statement at a time", () => {
    const statements = [
      identityStatement,
      ...buildSettingStatements(dialect.sessionSettings),
      ...buildFastForms(dialect).map((form) => form.sql),
      ...dialect.replicaStatus.map((form) => form.sql),
      ...(dialect.applierTimes === null ? [] : [dialect.applierTimes]),
      ...dialect.sourceStatus.map((form) => form.sql),
      buildCounterStatement(dialect),
      buildSlowStatement(dialect),
      ...listAttachedStatements(dialect),
      ...listSessionStatements(dialect.processListTables),
      buildHeartbeatStatement("percona.heartbeat", "utc", "db1"),
    ];
    expect(statements.length).toBeGreaterThan(12);
    for (const sql of statements) {
      expect(sql).toMatch(/^(SELECT|SHOW|SET SESSION) /);
      expect(() => assertReadsOnly(sql)).not.toThrow();
    }
  });
});

describe("the reader's connection", () => {
  it.each([
    "SET GLOBAL read_only=1",
    "SET SESSION wait_timeout=1, GLOBAL read_only = 0",
    "STOP SLAVE",
    "SELECT 1; DROP TABLE x",
    "SELECT * INTO OUTFILE '/tmp/x' FROM t",
    "KILL 5",
    "select 1",
  ])("refuses to send %s", (sql) => {
    expect(() => assertReadsOnly(sql)).toThrow("a reader must not send");
  });
});
