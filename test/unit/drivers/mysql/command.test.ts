import { describe, expect, test } from "vitest";
import type { MysqlChange } from "../../../../src/drivers/contract.ts";
import { buildMysqlCommand, commandTextFor } from "../../../../src/drivers/mysql/command.ts";
import { privilegeFor } from "../../../../src/drivers/mysql/commands/privileges.ts";
import { allDialects, selectDialect } from "../../../../src/drivers/mysql/dialects/select.ts";
import { buildSettingStatements } from "../../../../src/drivers/mysql/login.ts";
import { readingSession } from "../../../../src/drivers/mysql/session-kind.ts";
import { writingSession } from "../../../../src/drivers/mysql/writing-session.ts";
import type { Flavor } from "../../../../src/model/mysql.ts";

const node = "db2";
const whole = { kind: "replication", node, action: "stop", thread: "both", channel: "" } as const;
const named = { ...whole, channel: "to'kyo" } as const;

const servers: Readonly<Record<string, { readonly flavor: Flavor; readonly version: string }>> = {
  "mysql-5.5": { flavor: "mysql", version: "5.5.62" },
  "mysql-5.6": { flavor: "mysql", version: "5.6.24-log" },
  "percona-5.6": { flavor: "percona", version: "5.6.51-91.0" },
  "mysql-5.7": { flavor: "mysql", version: "5.7.44" },
  "mysql-8.0.21": { flavor: "mysql", version: "8.0.21" },
  "mysql-8.0.22": { flavor: "mysql", version: "8.0.22" },
  "mysql-9.7": { flavor: "mysql", version: "9.7.4-2" },
  "mariadb-10.4": { flavor: "mariadb", version: "10.4.34-MariaDB" },
  "mariadb-10.11": { flavor: "mariadb", version: "10.11.19-MariaDB-0+deb12u1-log" },
  "mariadb-11.8": { flavor: "mariadb", version: "11.8.6-MariaDB" },
};

function textOn(server: string, change: MysqlChange): string {
  const found = servers[server];
  if (found === undefined) throw new Error(`no server ${server}`);
  return commandTextFor(change, found);
}

describe("replication", () => {
  test.each([
    ["mysql-5.5", "STOP SLAVE", "START SLAVE IO_THREAD", "STOP SLAVE SQL_THREAD"],
    ["mysql-5.6", "STOP SLAVE", "START SLAVE IO_THREAD", "STOP SLAVE SQL_THREAD"],
    [
      "mysql-5.7",
      "STOP SLAVE FOR CHANNEL ''",
      "START SLAVE IO_THREAD FOR CHANNEL ''",
      "STOP SLAVE SQL_THREAD FOR CHANNEL ''",
    ],
    [
      "mysql-8.0.21",
      "STOP SLAVE FOR CHANNEL ''",
      "START SLAVE IO_THREAD FOR CHANNEL ''",
      "STOP SLAVE SQL_THREAD FOR CHANNEL ''",
    ],
    [
      "mysql-8.0.22",
      "STOP REPLICA FOR CHANNEL ''",
      "START REPLICA IO_THREAD FOR CHANNEL ''",
      "STOP REPLICA SQL_THREAD FOR CHANNEL ''",
    ],
    [
      "mysql-9.7",
      "STOP REPLICA FOR CHANNEL ''",
      "START REPLICA IO_THREAD FOR CHANNEL ''",
      "STOP REPLICA SQL_THREAD FOR CHANNEL ''",
    ],
    ["mariadb-10.4", "STOP SLAVE", "START SLAVE IO_THREAD", "STOP SLAVE SQL_THREAD"],
    ["mariadb-11.8", "STOP SLAVE", "START SLAVE IO_THREAD", "STOP SLAVE SQL_THREAD"],
  ])("on %s is %s, %s, %s", (server, stop, startReceiver, stopApplier) => {
    expect(textOn(server, whole)).toBe(stop);
    expect(textOn(server, { ...whole, action: "start", thread: "io" })).toBe(startReceiver);
    expect(textOn(server, { ...whole, thread: "sql" })).toBe(stopApplier);
  });

  test.each([
    ["mysql-5.7", "STOP SLAVE SQL_THREAD FOR CHANNEL 'to''kyo'"],
    ["mysql-9.7", "STOP REPLICA SQL_THREAD FOR CHANNEL 'to''kyo'"],
    ["mariadb-10.11", "STOP SLAVE 'to''kyo' SQL_THREAD"],
  ])("of a named channel on %s is %s", (server, text) => {
    expect(textOn(server, { ...named, thread: "sql" })).toBe(text);
  });

  test("of a named channel is not supported before 5.7", () => {
    expect(() => textOn("mysql-5.6", named)).toThrow("no named channels");
  });

  test.each(["a\\", "a\nb", "\u0000", "x".repeat(65)])("of a channel named %j is refused", (channel) => {
    for (const dialect of allDialects) expect(() => buildMysqlCommand({ ...whole, channel }, dialect)).toThrow();
  });
});

describe("read_only", () => {
  const set = (on: boolean, superToo: boolean) => ({ kind: "read-only", node, on, superToo }) as const;
  test.each(["mysql-5.5", "mysql-5.6", "mariadb-10.4", "mariadb-10.11", "mariadb-11.8"])(
    "stands alone on %s",
    (server) => {
      for (const superToo of [true, false]) {
        expect(textOn(server, set(true, superToo))).toBe("SET GLOBAL read_only=1");
        expect(textOn(server, set(false, superToo))).toBe("SET GLOBAL read_only=0");
      }
    },
  );

  test.each(["percona-5.6", "mysql-5.7", "mysql-8.0.22", "mysql-9.7"])("goes with super_read_only on %s", (server) => {
    expect(textOn(server, set(true, true))).toBe("SET GLOBAL super_read_only=1");
    expect(textOn(server, set(true, false))).toBe("SET GLOBAL super_read_only=0, GLOBAL read_only=1");
    expect(textOn(server, set(false, true))).toBe("SET GLOBAL super_read_only=0, GLOBAL read_only=0");
    expect(textOn(server, set(false, false))).toBe("SET GLOBAL super_read_only=0, GLOBAL read_only=0");
  });
});

describe("killing a session", () => {
  test("names it by its number", () => {
    for (const dialect of allDialects) {
      expect(buildMysqlCommand({ kind: "kill-session", node, sessionId: 4711 }, dialect)).toBe("KILL 4711");
    }
  });

  test.each([0, -1, 1.5, Number.NaN, 2 ** 53, "5 OR 1" as unknown as number])("%s is no session", (sessionId) => {
    expect(() => textOn("mysql-9.7", { kind: "kill-session", node, sessionId })).toThrow("whole number");
  });
});

test("an unknown kind of change, action or thread has no text", () => {
  const [dialect] = allDialects;
  if (dialect === undefined) throw new Error("there are no dialects");
  for (const change of [
    { kind: "reset", node },
    { ...whole, action: "reset" },
    { ...whole, thread: "x" },
  ]) {
    expect(() => buildMysqlCommand(change as unknown as MysqlChange, dialect)).toThrow();
  }
});

test.each([
  ["mysql-5.6", ["SUPER", "SUPER", "SUPER"]],
  ["mysql-9.7", ["REPLICATION_SLAVE_ADMIN", "SYSTEM_VARIABLES_ADMIN", "CONNECTION_ADMIN"]],
  ["mariadb-10.4", ["SUPER", "SUPER", "SUPER"]],
  ["mariadb-10.11", ["REPLICATION SLAVE ADMIN", "READ_ONLY ADMIN", "CONNECTION ADMIN"]],
])("%s wants %s", (server, expected) => {
  const found = servers[server];
  const dialect = selectDialect(found?.flavor ?? "mysql", found?.version ?? "");
  const readOnly = { kind: "read-only", node, on: true, superToo: true } as const;
  const kill = { kind: "kill-session", node, sessionId: 1 } as const;
  expect([whole, readOnly, kill].map((change) => privilegeFor(change, dialect))).toEqual(expected);
});

describe("the writer's session", () => {
  test("lets every text of every dialect through, and the reader's session none", () => {
    for (const dialect of allDialects) {
      const channels = dialect.writing.channel === "none" ? [""] : ["", "to'kyo"];
      const texts = channels.flatMap((channel) =>
        (["both", "io", "sql"] as const).flatMap((thread) =>
          (["start", "stop"] as const).map((action) =>
            buildMysqlCommand({ ...whole, action, thread, channel }, dialect),
          ),
        ),
      );
      for (const on of [true, false]) {
        for (const superToo of [true, false]) {
          texts.push(buildMysqlCommand({ kind: "read-only", node, on, superToo }, dialect));
        }
      }
      texts.push(buildMysqlCommand({ kind: "kill-session", node, sessionId: 5 }, dialect));
      for (const text of texts) {
        expect(() => writingSession.assertMaySend(text), text).not.toThrow();
        expect(() => readingSession.assertMaySend(text), text).toThrow("must not send");
      }
      for (const text of buildSettingStatements(writingSession.settingsOf(dialect))) {
        expect(() => writingSession.assertMaySend(text), text).not.toThrow();
        expect(text).not.toContain("read_only");
      }
    }
  });

  test.each([
    "DROP TABLE x",
    "KILL 5; DROP TABLE x",
    "KILL 0",
    "KILL QUERY 5",
    "STOP SLAVE 'a'; DROP TABLE x",
    "STOP SLAVE 'a' 'b'",
    "RESET MASTER",
    "RESET SLAVE",
    "RESET SLAVE ALL; DROP TABLE x",
    "RESET BINARY LOGS AND GTIDS",
    "CHANGE MASTER TO MASTER_HOST='x'; DROP TABLE x",
    "CHANGE MASTER TO MASTER_HOST='x' 'y'",
    "CHANGE MASTER TO MASTER_DELAY=5",
    "CHANGE MASTER TO MASTER_PASSWORD='a\\', MASTER_HOST='x'",
    "CHANGE MASTER TO MASTER_USE_GTID=current_pos",
    "SET GLOBAL gtid_slave_pos='', GLOBAL max_connections=1",
    "SET GLOBAL gtid_slave_pos='0-1-1'' '",
    "SET GLOBAL event_scheduler=DISABLED",
    "SET GLOBAL rpl_semi_sync_master_timeout=1",
    "SET GLOBAL replica_checkpoint_period=0",
    "SET GLOBAL replica_checkpoint_period=1, GLOBAL max_connections=1",
    "SET PERSIST max_connections=1",
    "ALTER DEFINER=`a`@`b` EVENT `s`.`e` DISABLE",
    "ALTER DEFINER=`a`@`b` EVENT `s`.`e` ENABLE DO DROP TABLE x",
    "ALTER DEFINER=`a` EVENT `s`.`e` ENABLE",
    "FLUSH TABLES",
    "FLUSH LOCAL TABLES WITH READ LOCK; DROP TABLE x",
    "SELECT MASTER_POS_WAIT('a', 1, 1) INTO OUTFILE 'x'",
    "SET GLOBAL read_only=2",
    "SET GLOBAL read_only=1, GLOBAL max_connections=1",
    "SET GLOBAL super_read_only=1; DROP TABLE x",
    "SET PERSIST read_only=1",
    "SHUTDOWN",
  ])("refuses %s", (sql) => {
    expect(() => writingSession.assertMaySend(sql)).toThrow("must not send");
  });
});
