import { describe, expect, test } from "vitest";
import type { MysqlChange, ReplicationLogin } from "../../../../src/drivers/contract.ts";
import { buildMysqlCommand, commandTextFor } from "../../../../src/drivers/mysql/command.ts";
import { quotePassword } from "../../../../src/drivers/mysql/commands/change-source.ts";
import { privilegeFor, promotionGrants } from "../../../../src/drivers/mysql/commands/privileges.ts";
import { allDialects, selectDialect } from "../../../../src/drivers/mysql/dialects/select.ts";
import { readingSession } from "../../../../src/drivers/mysql/session-kind.ts";
import { killingSession, writingSession } from "../../../../src/drivers/mysql/writing-session.ts";
import type { Flavor } from "../../../../src/model/mysql.ts";

const servers = {
  "mysql-5.5": { flavor: "mysql", version: "5.5.62" },
  "mysql-5.6": { flavor: "mysql", version: "5.6.24-log" },
  "mysql-5.7": { flavor: "mysql", version: "5.7.44" },
  "mysql-8.0.21": { flavor: "mysql", version: "8.0.21" },
  "mysql-8.0.22": { flavor: "mysql", version: "8.0.22" },
  "mysql-8.0.26": { flavor: "mysql", version: "8.0.26" },
  "mysql-8.4": { flavor: "mysql", version: "8.4.3" },
  "mysql-9.7": { flavor: "mysql", version: "9.7.4" },
  "mariadb-10.4": { flavor: "mariadb", version: "10.4.34-MariaDB" },
  "mariadb-10.11": { flavor: "mariadb", version: "10.11.19-MariaDB" },
  "mariadb-11.8": { flavor: "mariadb", version: "11.8.6-MariaDB" },
} as const satisfies Record<string, { flavor: Flavor; version: string }>;
type Server = keyof typeof servers;

const textOn = (server: Server, change: MysqlChange, login: ReplicationLogin | null = null) =>
  commandTextFor(change, servers[server], login);
const dialectOf = (server: Server) => selectDialect(servers[server].flavor, servers[server].version);

const node = "db2";
const uuid = "3e11fa47-71ca-11e1-9e33-c80aa9429562";
const mysqlPosition = { gtid: `${uuid}:1-5`, file: "into.000007", pos: 4711 };
const mariadbPosition = { ...mysqlPosition, gtid: "0-1-100,1-2-3" };
const positionOn = (server: string) => (server.startsWith("maria") ? mariadbPosition : mysqlPosition);

const wait = (server: string, by: "gtid" | "file", channel = ""): Extract<MysqlChange, { kind: "wait-position" }> => ({
  kind: "wait-position",
  node,
  channel,
  position: { kind: "known", position: positionOn(server) },
  by,
  timeoutSeconds: 10,
});
const source = (more: Partial<Extract<MysqlChange, { kind: "change-source" }>> = {}) =>
  ({
    kind: "change-source",
    node,
    channel: "",
    host: "10.0.0.1",
    port: 3306,
    follow: "file",
    position: { kind: "known", position: mysqlPosition },
    login: { kind: "keep" },
    ...more,
  }) as const satisfies MysqlChange;

describe("waiting for a GTID", () => {
  test.each([
    ["mysql-5.6", `SELECT WAIT_UNTIL_SQL_THREAD_AFTER_GTIDS('${uuid}:1-5', 10)`],
    ["mysql-5.7", `SELECT WAIT_FOR_EXECUTED_GTID_SET('${uuid}:1-5', 10)`],
    ["mysql-8.4", `SELECT WAIT_FOR_EXECUTED_GTID_SET('${uuid}:1-5', 10)`],
    ["mysql-9.7", `SELECT WAIT_FOR_EXECUTED_GTID_SET('${uuid}:1-5', 10)`],
    ["mariadb-10.4", "SELECT MASTER_GTID_WAIT('0-1-100,1-2-3', 10)"],
    ["mariadb-11.8", "SELECT MASTER_GTID_WAIT('0-1-100,1-2-3', 10)"],
  ] as const)("on %s is %s", (server, text) => {
    expect(textOn(server, wait(server, "gtid"))).toBe(text);
  });

  test("is not possible before 5.6, nor with the set of another kind of server, nor without one", () => {
    expect(() => textOn("mysql-5.5", wait("mysql", "gtid"))).toThrow("no GTIDs");
    expect(() => textOn("mysql-9.7", wait("mariadb", "gtid"))).toThrow("no GTID set");
    expect(() => textOn("mariadb-11.8", wait("mysql", "gtid"))).toThrow("no GTID set");
    const position = { kind: "known", position: { ...mysqlPosition, gtid: null } } as const;
    expect(() => textOn("mysql-9.7", { ...wait("mysql", "gtid"), position })).toThrow("no GTIDs");
  });
});

describe("waiting for coordinates", () => {
  test.each([
    ["mysql-5.5", "", "SELECT MASTER_POS_WAIT('into.000007', 4711, 10)"],
    ["mysql-5.7", "", "SELECT MASTER_POS_WAIT('into.000007', 4711, 10, '')"],
    ["mysql-8.0.22", "c'1", "SELECT MASTER_POS_WAIT('into.000007', 4711, 10, 'c''1')"],
    ["mysql-8.0.26", "", "SELECT SOURCE_POS_WAIT('into.000007', 4711, 10, '')"],
    ["mysql-9.7", "c1", "SELECT SOURCE_POS_WAIT('into.000007', 4711, 10, 'c1')"],
    ["mariadb-10.11", "", "SELECT MASTER_POS_WAIT('into.000007', 4711, 10)"],
    ["mariadb-11.8", "c1", "SELECT MASTER_POS_WAIT('into.000007', 4711, 10, 'c1')"],
  ] as const)("on %s, channel %j, is %s", (server, channel, text) => {
    expect(textOn(server, wait(server, "file", channel))).toBe(text);
    expect(() => writingSession.assertMaySend(`${text} AS waited`)).not.toThrow();
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("for %s seconds is refused: 0 is for ever", (seconds) => {
    for (const by of ["gtid", "file"] as const) {
      expect(() => textOn("mysql-9.7", { ...wait("mysql", by), timeoutSeconds: seconds })).toThrow("has an end");
    }
  });
});

describe("values that a step is going to read are named", () => {
  const position = { kind: "role", role: "stop", node: "db1" } as const;
  test.each([
    ["mariadb-10.11", "SELECT MASTER_GTID_WAIT('<position of db1 when its writes have stopped>', 10)"],
    ["mysql-9.7", "SELECT WAIT_FOR_EXECUTED_GTID_SET('<position of db1 when its writes have stopped>', 10)"],
  ] as const)("on %s: %s", (server, text) => {
    expect(textOn(server, { ...wait(server, "gtid"), position })).toBe(text);
  });

  test("for coordinates, positions and sessions", () => {
    const open = { kind: "role", role: "open", node: "db2" } as const;
    expect(textOn("mariadb-10.11", source({ position: open }))).toBe(
      "CHANGE MASTER TO MASTER_HOST='10.0.0.1', MASTER_PORT=3306, MASTER_USE_GTID=no," +
        " MASTER_LOG_FILE='<log file of db2 before it is opened>', MASTER_LOG_POS=<offset>",
    );
    expect(textOn("mariadb-10.11", { kind: "gtid-position", node })).toBe(
      "SET GLOBAL gtid_slave_pos='<furthest of its own gtid_binlog_pos and gtid_slave_pos>'",
    );
    expect(textOn("mysql-9.7", { kind: "clear-sessions", node })).toBe(
      "KILL <each session with changes that are not committed>",
    );
    expect(textOn("mysql-5.6", { kind: "clear-sessions", node })).toBe(
      "FLUSH LOCAL TABLES WITH READ LOCK; KILL <each session with changes that are not committed>;" +
        " KILL <each session of an account that read_only does not stop>; UNLOCK TABLES",
    );
  });

  test("never pass as statements of the session", () => {
    for (const text of [
      textOn("mariadb-10.11", { kind: "gtid-position", node }),
      textOn("mysql-9.7", { kind: "clear-sessions", node }),
      textOn("mysql-9.7", source({ position: { kind: "role", role: "open", node } })),
    ]) {
      expect(() => writingSession.assertMaySend(text), text).toThrow("must not send");
    }
  });
});

describe("reading a position", () => {
  test.each([
    ["mysql-5.5", "SHOW MASTER STATUS"],
    ["mysql-8.0.26", "SHOW MASTER STATUS; SELECT @@GLOBAL.gtid_executed"],
    ["mysql-9.7", "SHOW BINARY LOG STATUS; SELECT @@GLOBAL.gtid_executed"],
    ["mariadb-10.4", "SHOW MASTER STATUS; SELECT @@GLOBAL.gtid_binlog_pos"],
  ] as const)("of the own log on %s is %s", (server, text) => {
    const change = { kind: "read-position", node, role: "stop", channel: null } as const;
    expect(textOn(server, change)).toBe(text);
    expect(textOn(server, { kind: "confirm-position", node, role: "stop" })).toBe(`${text} -- must not have moved`);
  });

  test.each([
    ["mysql-5.6", "SHOW SLAVE STATUS -- Relay_Master_Log_File, Exec_Master_Log_Pos"],
    ["mysql-9.7", "SHOW REPLICA STATUS -- Relay_Source_Log_File, Exec_Source_Log_Pos"],
    ["mariadb-11.8", "SHOW ALL SLAVES STATUS -- Relay_Master_Log_File, Exec_Master_Log_Pos"],
  ] as const)("of what was applied on %s is %s", (server, text) => {
    expect(textOn(server, { kind: "read-position", node, role: "applied", channel: "" })).toBe(text);
  });

  test.each([
    [
      "mysql-9.7",
      "gtid",
      "SHOW REPLICA STATUS -- until Executed_Gtid_Set has reached Retrieved_Gtid_Set, at most 60 s",
    ],
    ["mariadb-10.11", "gtid", "SHOW ALL SLAVES STATUS -- until Gtid_Slave_Pos has reached Gtid_IO_Pos, at most 60 s"],
    [
      "mysql-5.5",
      "file",
      "SHOW SLAVE STATUS -- until Relay_Master_Log_File/Exec_Master_Log_Pos has reached Master_Log_File/Read_Master_Log_Pos, at most 60 s",
    ],
  ] as const)("draining on %s by %s is %s", (server, by, text) => {
    expect(textOn(server, { kind: "drain-relay", node, channel: "", by, timeoutSeconds: 60 })).toBe(text);
  });
});

describe("sending a replica to another source", () => {
  const gtid = { follow: "auto-position", position: null } as const;
  test.each([
    [
      "mysql-5.5",
      source(),
      "CHANGE MASTER TO MASTER_HOST='10.0.0.1', MASTER_PORT=3306, MASTER_LOG_FILE='into.000007', MASTER_LOG_POS=4711",
    ],
    [
      "mysql-5.6",
      source(),
      "CHANGE MASTER TO MASTER_HOST='10.0.0.1', MASTER_PORT=3306, MASTER_AUTO_POSITION=0, MASTER_LOG_FILE='into.000007', MASTER_LOG_POS=4711",
    ],
    [
      "mysql-5.7",
      source({ ...gtid, channel: "c1" }),
      "CHANGE MASTER TO MASTER_HOST='10.0.0.1', MASTER_PORT=3306, MASTER_AUTO_POSITION=1 FOR CHANNEL 'c1'",
    ],
    [
      "mysql-8.0.22",
      source(gtid),
      "CHANGE MASTER TO MASTER_HOST='10.0.0.1', MASTER_PORT=3306, MASTER_AUTO_POSITION=1 FOR CHANNEL ''",
    ],
    [
      "mysql-8.0.26",
      source(gtid),
      "CHANGE REPLICATION SOURCE TO SOURCE_HOST='10.0.0.1', SOURCE_PORT=3306, SOURCE_AUTO_POSITION=1 FOR CHANNEL ''",
    ],
    [
      "mysql-9.7",
      source(),
      "CHANGE REPLICATION SOURCE TO SOURCE_HOST='10.0.0.1', SOURCE_PORT=3306, SOURCE_AUTO_POSITION=0, SOURCE_LOG_FILE='into.000007', SOURCE_LOG_POS=4711 FOR CHANNEL ''",
    ],
    [
      "mariadb-10.4",
      source({ follow: "gtid-pos", position: null, channel: "c1" }),
      "CHANGE MASTER 'c1' TO MASTER_HOST='10.0.0.1', MASTER_PORT=3306, MASTER_USE_GTID=slave_pos",
    ],
    [
      "mariadb-11.8",
      source(),
      "CHANGE MASTER TO MASTER_HOST='10.0.0.1', MASTER_PORT=3306, MASTER_USE_GTID=no, MASTER_LOG_FILE='into.000007', MASTER_LOG_POS=4711",
    ],
  ] as const)("on %s (%#)", (server, change, text) => {
    expect(textOn(server, change)).toBe(text);
    expect(() => writingSession.assertMaySend(text)).not.toThrow();
    expect(() => readingSession.assertMaySend(text)).toThrow("must not send");
  });

  test("with a login says who, never the password, and the server's public key where there is no TLS", () => {
    const login = { user: "re'pl", password: "s3cret", tls: [] };
    const change = source({ ...gtid, login: { kind: "configured" } });
    expect(textOn("mysql-9.7", change, login)).toBe(
      "CHANGE REPLICATION SOURCE TO SOURCE_HOST='10.0.0.1', SOURCE_PORT=3306, SOURCE_USER='re''pl', SOURCE_PASSWORD='***'," +
        " GET_SOURCE_PUBLIC_KEY=1, SOURCE_AUTO_POSITION=1 FOR CHANNEL ''",
    );
    expect(textOn("mysql-8.0.21", change, login)).toContain("MASTER_PASSWORD='***', GET_MASTER_PUBLIC_KEY=1,");
    expect(textOn("mysql-5.7", change, login)).not.toContain("PUBLIC_KEY");
    expect(textOn("mysql-9.7", change)).toContain("SOURCE_USER='<replication account>', SOURCE_PASSWORD='***'");
    const like = { ...change, login: { kind: "configured", like: { node: "db2", channel: "" } } } as const;
    expect(textOn("mysql-9.7", like)).toContain("SOURCE_PASSWORD='***', <TLS options as db2 has them>");
    const fromNode = { ...change, login: { kind: "from-node", node: "db3", channel: "" } } as const;
    expect(textOn("mysql-9.7", fromNode)).toContain("SOURCE_USER='<account of db3>'");
  });

  test("repeats TLS options in the words of the server that gets them", () => {
    const tls = ["SOURCE_SSL=1", "SOURCE_SSL_CA='/etc/ca.pem'", "SOURCE_SSL_VERIFY_SERVER_CERT=0"];
    const change = source({ ...gtid, login: { kind: "configured" } });
    const text = textOn("mysql-8.0.21", change, { user: "repl", password: "x", tls });
    expect(text).toContain("MASTER_SSL=1, MASTER_SSL_CA='/etc/ca.pem', MASTER_SSL_VERIFY_SERVER_CERT=0");
    expect(text).not.toContain("PUBLIC_KEY");
    const key = textOn("mysql-9.7", change, { user: "repl", password: "x", tls: ["GET_MASTER_PUBLIC_KEY=1"] });
    expect(key.match(/GET_SOURCE_PUBLIC_KEY=1/g)).toHaveLength(1);
    for (const option of ["MASTER_DELAY=1", "MASTER_SSL_CA='a', MASTER_HOST='x'", "MASTER_SSL_CA='a\\'", "x"]) {
      expect(() => textOn("mysql-9.7", change, { user: "repl", password: "x", tls: [option] }), option).toThrow("TLS");
    }
  });

  test("is refused for what cannot be sent", () => {
    for (const wrong of [
      { host: "" },
      { host: "a\nb" },
      { port: 0 },
      { port: 70_000 },
      { position: null },
      { position: { kind: "known", position: { gtid: null, file: null, pos: null } } },
      { channel: "x".repeat(65) },
    ] as const) {
      expect(() => textOn("mysql-9.7", source(wrong)), JSON.stringify(wrong)).toThrow();
    }
    expect(() => textOn("mysql-9.7", source({ follow: "gtid-pos" }))).toThrow("cannot follow");
    expect(() => textOn("mariadb-11.8", source({ follow: "auto-position" }))).toThrow("cannot follow");
    expect(() => textOn("mysql-5.5", source({ follow: "auto-position" }))).toThrow("cannot follow");
    expect(() => textOn("mysql-5.6", source({ channel: "c1" }))).toThrow("no named channels");
  });

  test("a password ends no text, whatever it holds", () => {
    const change = source();
    for (const [password, quoted] of [
      ["plain", "'plain'"],
      ["it's", "'it''s'"],
      ["back\\", "'back\\\\'"],
      ["\\'; DROP", "'\\\\''; DROP'"],
      ["", "''"],
    ] as const) {
      expect(quotePassword(change, password)).toBe(quoted);
      const text = `CHANGE MASTER TO MASTER_HOST='x', MASTER_PASSWORD=${quoted}, MASTER_USE_GTID=slave_pos`;
      expect(() => writingSession.assertMaySend(text), text).not.toThrow();
    }
    expect(() => quotePassword(change, "a\nb")).toThrow("line end");
  });
});

test.each([
  ["mysql-5.5", "", "RESET SLAVE ALL"],
  ["mysql-5.7", "c1", "RESET SLAVE ALL FOR CHANNEL 'c1'"],
  ["mysql-8.0.22", "", "RESET REPLICA ALL FOR CHANNEL ''"],
  ["mysql-9.7", "", "RESET REPLICA ALL FOR CHANNEL ''"],
  ["mariadb-10.11", "", "RESET SLAVE ALL"],
  ["mariadb-11.8", "c1", "RESET SLAVE 'c1' ALL"],
] as const)("forgetting a source on %s, channel %j, is %s", (server, channel, text) => {
  expect(textOn(server, { kind: "reset-replication", node, channel })).toBe(text);
});

test("events: the scheduler, and one event with its definer", () => {
  const event = { kind: "enable-event", node, schema: "s`x", name: "e'1\\", definer: "a`@b@%" } as const;
  for (const dialect of allDialects) {
    expect(buildMysqlCommand({ kind: "event-scheduler", node, on: true }, dialect)).toBe(
      "SET GLOBAL event_scheduler=ON",
    );
    expect(buildMysqlCommand({ kind: "event-scheduler", node, on: false }, dialect)).toBe(
      "SET GLOBAL event_scheduler=OFF",
    );
    expect(buildMysqlCommand(event, dialect)).toBe("ALTER DEFINER=`a``@b`@`%` EVENT `s``x`.`e'1\\` ENABLE");
  }
  expect(() => textOn("mysql-9.7", { ...event, definer: "nobody" })).toThrow("no account");
  expect(() => textOn("mysql-9.7", { ...event, name: "a\nb" })).toThrow("holds");
});

test("a channel is reset with its login kept only by its name, where it has one", () => {
  const change = { kind: "reset-replication", node, channel: "", keepsLogin: true } as const;
  expect(textOn("mysql-5.7", change)).toBe("RESET SLAVE FOR CHANNEL ''");
  expect(textOn("mysql-9.7", change)).toBe("RESET REPLICA FOR CHANNEL ''");
  expect(() => writingSession.assertMaySend(textOn("mysql-9.7", change))).not.toThrow();
  for (const server of ["mysql-5.6", "mariadb-11.8"] as const) expect(() => textOn(server, change)).toThrow("or not");
});

test("semi-sync is switched under the name the version brings", () => {
  const change = { kind: "semi-sync-source", node, on: true } as const;
  expect(textOn("mysql-5.6", change)).toBe("SET GLOBAL rpl_semi_sync_master_enabled=1");
  expect(textOn("mysql-9.7", change)).toBe("SET GLOBAL rpl_semi_sync_source_enabled=1");
  expect(textOn("mariadb-11.8", { ...change, on: false })).toBe("SET GLOBAL rpl_semi_sync_master_enabled=0");
});

test("checkpoints of a parallel applier are set under the name the version brings, where there are any", () => {
  const change = { kind: "applier-checkpoint", node, milliseconds: 1 } as const;
  expect(textOn("mysql-5.6", change)).toBe("SET GLOBAL slave_checkpoint_period=1");
  expect(textOn("mysql-9.7", { ...change, milliseconds: 300 })).toBe("SET GLOBAL replica_checkpoint_period=300");
  for (const server of ["mysql-5.5", "mariadb-11.8"] as const) {
    expect(() => textOn(server, change)).toThrow("no checkpoints of its applier");
  }
  for (const milliseconds of [0, -1, 1.5, Number.NaN]) {
    expect(() => textOn("mysql-9.7", { ...change, milliseconds })).toThrow("is no time between");
  }
  for (const text of [textOn("mysql-5.6", change), textOn("mysql-9.7", change)]) {
    expect(() => writingSession.assertMaySend(text), text).not.toThrow();
    expect(() => killingSession.assertMaySend(text), text).toThrow("must not send");
  }
});

test("both switches are kept for a restart, where the server can keep them", () => {
  expect(textOn("mysql-9.7", { kind: "persist-read-only", node, on: true })).toBe(
    "SET PERSIST read_only=1, PERSIST super_read_only=1",
  );
  expect(textOn("mysql-8.0.21", { kind: "persist-read-only", node, on: false })).toBe(
    "SET PERSIST super_read_only=0, PERSIST read_only=0",
  );
  for (const server of ["mysql-5.7", "mariadb-11.8"] as const) {
    expect(() => textOn(server, { kind: "persist-read-only", node, on: true })).toThrow("configuration file");
  }
});

describe("the sessions of a writer", () => {
  test("let the statements of a promotion through; only the killer may end a statement", () => {
    for (const dialect of allDialects) {
      const texts = [
        buildMysqlCommand({ kind: "event-scheduler", node, on: true }, dialect),
        buildMysqlCommand({ kind: "semi-sync-source", node, on: false }, dialect),
        buildMysqlCommand({ kind: "reset-replication", node, channel: "" }, dialect),
        buildMysqlCommand({ kind: "enable-event", node, schema: "s", name: "e", definer: "a@b" }, dialect),
        "FLUSH LOCAL TABLES WITH READ LOCK",
        "UNLOCK TABLES",
        "SET GLOBAL gtid_slave_pos='0-1-5,1-2-7'",
      ];
      for (const text of texts) {
        expect(() => writingSession.assertMaySend(text), text).not.toThrow();
        expect(() => killingSession.assertMaySend(text), text).toThrow("must not send");
      }
    }
    expect(() => killingSession.assertMaySend("KILL QUERY 5")).not.toThrow();
    expect(() => writingSession.assertMaySend("KILL QUERY 5")).toThrow("must not send");
  });
});

describe("privileges", () => {
  test.each([
    ["mysql-5.6", "SUPER", "RELOAD", "SUPER"],
    ["mysql-9.7", "SYSTEM_VARIABLES_ADMIN", "RELOAD", "SET_ANY_DEFINER"],
    ["mariadb-10.4", "SUPER", "RELOAD", "SUPER"],
    ["mariadb-11.8", "READ_ONLY ADMIN", "RELOAD", "SET USER"],
  ] as const)("on %s", (server, readOnly, reset, definer) => {
    const dialect = dialectOf(server);
    expect(privilegeFor({ kind: "persist-read-only", node, on: true }, dialect)).toBe(readOnly);
    expect(privilegeFor({ kind: "reset-replication", node, channel: "" }, dialect)).toBe(reset);
    const event = { kind: "enable-event", node, schema: "s", name: "e", definer: "a@b" } as const;
    expect(privilegeFor(event, dialect)).toBe(`EVENT, ${definer}`);
  });

  test("are listed once for each statement of a promotion, in words of the dialect", () => {
    for (const dialect of allDialects) {
      const grants = promotionGrants(dialect);
      expect(new Set(grants.map(({ statement }) => statement)).size).toBe(grants.length);
      for (const { privilege } of grants) expect(privilege).toMatch(/^[A-Z_ ]+$/);
    }
    const statementsOn = (server: Server) => promotionGrants(dialectOf(server)).map(({ statement }) => statement);
    expect(statementsOn("mysql-9.7")).toEqual(
      expect.arrayContaining(["SET GLOBAL super_read_only", "CHANGE REPLICATION SOURCE TO", "RESET REPLICA ALL"]),
    );
    expect(statementsOn("mysql-9.7")).not.toContain("FLUSH TABLES WITH READ LOCK");
    expect(statementsOn("mariadb-10.11")).toEqual(
      expect.arrayContaining(["SET GLOBAL read_only", "FLUSH TABLES WITH READ LOCK", "SET GLOBAL gtid_slave_pos"]),
    );
  });
});
