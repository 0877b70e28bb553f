import { describe, expect, it } from "vitest";
import { findAccount, matchesHost, parseGrantee } from "../../../../../src/drivers/mysql/inspect/account-names.ts";
import {
  type Account,
  belongsToPrivileged,
  parseAccount,
  selectPrivileged,
} from "../../../../../src/drivers/mysql/inspect/accounts.ts";
import { findRoleHolders } from "../../../../../src/drivers/mysql/inspect/roles.ts";
import { toRow } from "../recordings.ts";

const account = (user: string, host: string, bypass: string | null = null): Account => ({ user, host, bypass });
const sessionOf = (user: string, host: string) => ({
  id: 1,
  user,
  host,
  database: null,
  command: "Sleep",
  seconds: 0,
  state: null,
  query: null,
  system: false,
});

describe("The account behind a session", () => {
  it.each([
    ["%", "10.0.0.7:4711", true],
    ["10.0.%", "10.0.0.7:4711", true],
    ["10.0.%", "10.1.0.7:4711", false],
    ["10.0.0.0/255.255.255.0", "10.0.0.7:4711", true],
    ["10.0.0.0/255.255.255.0", "10.0.1.7:4711", false],
    ["192.168.0.0/255.255.0.0", "192.168.4.4:1", true],
    ["App1.Example.com", "app1.example.com:99", true],
    ["1.2.3.4", "1.2.3.40", false],
    ["localhost", "127.0.0.1:99", true],
    ["fe80::1", "[fe80::1]:3306", true],
  ])("host part %s against %s: %s", (pattern, client, matches) => {
    expect(matchesHost(pattern, client)).toBe(matches);
  });

  it("is the one with the most exact host", () => {
    const accounts = [account("app", "%"), account("app", "10.0.%"), account("app", "10.0.0.7"), account("b", "%")];
    expect(findAccount(accounts, "app", "10.0.0.7:1")?.host).toBe("10.0.0.7");
    expect(findAccount(accounts, "app", "10.0.3.7:1")?.host).toBe("10.0.%");
    expect(findAccount(accounts, "nobody", "10.0.3.7:1")).toBeNull();
  });

  it("counts as privileged when it cannot be told and one of the user's accounts is", () => {
    const accounts = [
      account("dba", "db-admin.example.com", "SUPER"),
      account("dba", "10.0.0.9"),
      account("ops", "%", "SUPER"),
    ];
    expect(belongsToPrivileged(sessionOf("dba", "10.9.9.9:1"), accounts, "'ops'@'%'")).toBe(true);
    expect(belongsToPrivileged(sessionOf("dba", "10.0.0.9:1"), accounts, "'ops'@'%'")).toBe(false);
    expect(belongsToPrivileged(sessionOf("ops", "10.0.0.9:1"), accounts, "'ops'@'%'")).toBe(false);
  });
});

describe("Accounts that write through read-only", () => {
  it("leave out ours and the server's own, but not root", () => {
    const accounts = [
      account("root", "localhost", "SUPER"),
      account("mysql.session", "localhost", "SUPER"),
      account("mysql.session", "%", "SUPER"),
      account("ops", "%", "SUPER"),
      account("app", "%"),
    ];
    expect(selectPrivileged(accounts, "'ops'@'%'").map((each) => each.account)).toEqual([
      "'root'@'localhost'",
      "'mysql.session'@'%'",
    ]);
  });

  it("are told by the privilege that counts on the version", () => {
    const row = toRow({ grantee: "'o'neil'@'%'", super_priv: "1", read_only_priv: "0" });
    expect(parseAccount(row, ["SUPER", "READ_ONLY ADMIN"])).toEqual({ user: "o'neil", host: "%", bypass: "SUPER" });
    expect(parseAccount(row, ["READ_ONLY ADMIN"]).bypass).toBeNull();
    expect(parseGrantee("'a@b'@'c'")).toEqual({ user: "a@b", host: "c" });
  });

  it("may hold the privilege through a role of a role; SUPER of an older server counts as both", () => {
    const row = (user: string, host: string, role: string, access: bigint, version: string | null) =>
      toRow({ user, host, role, access: String(access), version_id: version });
    const rows = [
      row("app", "%", "outer", 0n, "101119"),
      row("outer", "", "inner", 1n << 33n, "101119"),
      row("old", "%", "former", 1n << 15n, "100612"),
      row("new", "%", "current", 1n << 15n, "101119"),
    ];
    expect(Object.fromEntries(findRoleHolders(rows, ["READ_ONLY ADMIN"]))).toEqual({
      "'app'@'%'": "READ_ONLY ADMIN by role outer",
      "'old'@'%'": "READ_ONLY ADMIN by role former",
    });
  });
});
