import { expect, test } from "vitest";
import { selectLockWait } from "../../../../../src/drivers/mysql/writing/lock-wait.ts";
import { describeAccount, selectClients } from "../../../../../src/drivers/mysql/writing/other-sessions.ts";
import { parseStoredLogin } from "../../../../../src/drivers/mysql/writing/stored-login.ts";
import { toRow } from "../recordings.ts";

const row = (id: number, user: string, command = "Sleep") =>
  toRow({
    id: String(id),
    user,
    host: "10.0.0.7:4711",
    command,
    seconds: "3",
    query: null,
    rows_modified: "2",
    own: "ops",
  });

test("clients are whoever is neither replication, nor the server's own, nor us", () => {
  const rows = [
    row(1, "app"),
    row(2, "repl", "Binlog Dump"),
    row(3, "repl", "Binlog Dump GTID"),
    row(4, "system user", "Slave_SQL"),
    row(5, "system user", "Connect"),
    row(6, "event_scheduler", "Daemon"),
    row(7, "unauthenticated user", "Connect"),
    row(8, "ops", "Query"),
    row(9, "app", "Query"),
    row(10, "app", "Register Slave"),
  ];
  expect(selectClients(rows, [9]).map(({ id }) => id)).toEqual([1]);
  const [session] = selectClients([row(1, "app")], []);
  expect(session).toMatchObject({ seconds: 3, rowsModified: 2, query: null });
  expect(describeAccount({ user: "app", host: "10.0.0.7:4711" })).toBe("app@10.0.0.7");
  expect(describeAccount({ user: "app", host: "localhost" })).toBe("app@localhost");
});

test("the server gives up on a lock before we do, and never waits less than its least", () => {
  expect(selectLockWait(5_600)).toBe(5);
  expect(selectLockWait(700)).toBe(1);
  expect(selectLockWait(-5)).toBe(1);
});

test("the login of a channel is repeated with its TLS options, in the given words", () => {
  const stored = {
    User_name: "repl",
    User_password: "p'w",
    Enabled_ssl: "1",
    Ssl_verify_server_cert: "1",
    Ssl_ca: "/etc/o'ca.pem",
    Ssl_cert: "",
    Ssl_key: "C:\\key",
    Get_public_key: "1",
  };
  expect(parseStoredLogin(toRow(stored), "SOURCE")).toEqual({
    user: "repl",
    password: "p'w",
    tls: [
      "SOURCE_SSL=1",
      "SOURCE_SSL_VERIFY_SERVER_CERT=1",
      "SOURCE_SSL_CA='/etc/o''ca.pem'",
      "GET_SOURCE_PUBLIC_KEY=1",
    ],
  });
  expect(parseStoredLogin(toRow({ ...stored, Enabled_ssl: "0", Get_public_key: "0" }), "MASTER")?.tls).toEqual([]);
  expect(parseStoredLogin(toRow({ ...stored, User_name: "" }), "MASTER")).toBeNull();
});
