import { describe, expect, it } from "vitest";
import { parseAddress } from "../../../src/config/parse-address.ts";
import { formatDuration, parseDuration } from "../../../src/config/parse-duration.ts";
import { parseHaproxyUrl } from "../../../src/config/parse-haproxy-url.ts";
import { parseMysqlUrl } from "../../../src/config/parse-mysql-url.ts";
import { parseServerPath, parseSshTarget, parseTableName } from "../../../src/config/parse-names.ts";
import { TextError } from "../../../src/config/text-error.ts";
import { findNearMatch } from "../../../src/model/near-match.ts";

const BOUNDS = { minMs: 250, maxMs: 60_000 };

describe("durations", () => {
  it.each([
    ["250ms", 250],
    ["1s", 1000],
    ["1.5s", 1500],
    ["0.25s", 250],
    ["1m", 60_000],
    [" 2 s ", 2000],
  ])("%j is %i ms", (text, expected) => {
    expect(parseDuration(text, BOUNDS)).toBe(expected);
  });

  it.each([
    ["5", "has no unit"],
    ["249ms", "is too short"],
    ["61s", "is too long"],
    ["2h", "is too long"],
    ["-1s", "is not a duration"],
    ["1e3s", "is not a duration"],
    ["1s 5ms", "is not a duration"],
    ["", "is not a duration"],
    ["1d", "is not a duration"],
  ])("%j %s", (text, message) => {
    expect(() => parseDuration(text, BOUNDS)).toThrow(message);
  });

  it("are written back in the shortest form", () => {
    expect([250, 1000, 60_000, 90_000, 3_600_000, 0].map(formatDuration)).toEqual([
      "250ms",
      "1s",
      "1m",
      "90s",
      "1h",
      "0ms",
    ]);
  });
});

describe("addresses", () => {
  it.each([
    ["10.0.0.11:3307", { host: "10.0.0.11", port: 3307 }],
    ["db1.example.com", { host: "db1.example.com", port: 3306 }],
    ["db_1:1", { host: "db_1", port: 1 }],
    ["[::1]:3307", { host: "::1", port: 3307 }],
    ["[2001:db8::1]", { host: "2001:db8::1", port: 3306 }],
    ["2001:db8::1", { host: "2001:db8::1", port: 3306 }],
    ["fe80::1%eth0", { host: "fe80::1%eth0", port: 3306 }],
  ])("%j is read", (text, expected) => {
    expect(parseAddress(text, 3306)).toEqual(expected);
  });

  it.each([
    ["db1:0", "has a wrong port"],
    ["db1:65536", "has a wrong port"],
    ["db1:", "has a wrong port"],
    ["db1:mysql", "has a wrong port"],
    ["", "is not a host name"],
    [":3306", "is not a host name"],
    ["db 1", "is not a host name"],
    ["-db", "is not a host name"],
    ["[::1", "is not an IPv6 address"],
    ["[db1]:3306", "is not a host name"],
    ["/run/mysqld/mysqld.sock", "is a path"],
    ["mysql://db1", "is a URL"],
    ["db\u001b[2J", "is not a host name"],
  ])("%j %s", (text, message) => {
    expect(() => parseAddress(text, 3306)).toThrow(message);
  });

  it("need a port where none can be assumed", () => {
    expect(() => parseAddress("lb1", null)).toThrow("has no port");
  });
});

describe("HAProxy URLs", () => {
  it.each([
    ["unix:///run/haproxy/admin.sock", { kind: "unix", path: "/run/haproxy/admin.sock" }],
    ["/run/haproxy/admin.sock", { kind: "unix", path: "/run/haproxy/admin.sock" }],
    ["tcp://127.0.0.1:9999", { kind: "tcp", host: "127.0.0.1", port: 9999 }],
    ["TCP://[::1]:9999/", { kind: "tcp", host: "::1", port: 9999 }],
    ["ssh://lb2/run/a.sock", { kind: "ssh", user: null, host: "lb2", port: null, path: "/run/a.sock" }],
    ["ssh://ops@[::1]:2222/run/a.sock", { kind: "ssh", user: "ops", host: "::1", port: 2222, path: "/run/a.sock" }],
    ["http://10.0.0.5:8080/stats", { kind: "stats", url: "http://10.0.0.5:8080/stats", user: null, password: null }],
    [
      "https://admin:p%40ss@lb/stats;csv;norefresh",
      { kind: "stats", url: "https://lb/stats", user: "admin", password: { secret: "p@ss" } },
    ],
  ])("%j is read", (text, expected) => {
    expect(parseHaproxyUrl(text)).toEqual(expected);
  });

  it.each([
    ["haproxy.sock", "is not a URL"],
    ["unix://run/haproxy.sock", "has no absolute path"],
    [`unix:///${"x".repeat(107)}`, "is longer than the 107 bytes"],
    ["tcp://127.0.0.1", "has no port"],
    ["ssh://ops@lb2", "has no path"],
    ["ssh://ops:canary@lb2/run/a.sock", "has a password"],
    ["ssh://@lb2/run/a.sock", "has a wrong user"],
    ["ssh://-oX@lb2/run/a.sock", "has a wrong user"],
    ["ftp://lb/stats", 'has the unknown scheme "ftp"'],
    ["http://admin:canary@lb:port/stats", "is not a URL"],
    ["http://admin:%canary@lb/stats", "has a % that starts no %XX"],
  ])("%j %s, and no password is repeated", (text, message) => {
    const error = errorOf(() => parseHaproxyUrl(text));
    expect(error.message).toContain(message);
    expect(`${error.message} ${error.hint}`).not.toContain("canary");
  });
});

describe("MySQL URLs", () => {
  it.each([
    ["mysql://ops@db1:3307", { user: "ops", host: "db1", port: 3307 }],
    ["mysql://db1", { user: null, host: "db1", port: 3306 }],
    ["mariadb://o%40ps@[::1]:3307/", { user: "o@ps", host: "::1", port: 3307 }],
  ])("%j is read", (text, expected) => {
    expect(parseMysqlUrl(text)).toEqual(expected);
  });

  it("refuse a password without repeating it", () => {
    const error = errorOf(() => parseMysqlUrl("mysql://ops:can@ary@db1"));
    expect(error.message).toContain("has a password");
    expect(`${error.message} ${error.hint}`).not.toMatch(/can|ary/);
    expect(error.hint).toContain("SIGNALBOX_MYSQL_PASSWORD");
  });

  it.each(["db1:3306", "http://db1", "mysql://db1/shop", "mysql://"])("%j is refused", (text) => {
    expect(() => parseMysqlUrl(text)).toThrow(TextError);
  });
});

describe("names", () => {
  it("of servers, SSH targets and tables are read", () => {
    expect(parseServerPath("write_nodes/db1")).toBe("write_nodes/db1");
    expect(parseSshTarget("ssh://ops@db1:2222/")).toBe("ops@db1:2222");
    expect(parseTableName("percona.heartbeat")).toBe("percona.heartbeat");
  });

  it.each(["db1", "a/b/c", "/b", "a/ b"])("%j is no server", (text) => {
    expect(() => parseServerPath(text)).toThrow(TextError);
  });

  it.each(["ops@", "ops@db 1", "-oProxyCommand=x", "-oX=y@db1", "ops@db1:0", "a b@db1"])(
    "%j is no SSH target",
    (text) => {
      expect(() => parseSshTarget(text)).toThrow(TextError);
    },
  );

  it.each(["heartbeat", "a.b.c", "a.b;drop", "`a`.b", "a."])("%j is no table", (text) => {
    expect(() => parseTableName(text)).toThrow(TextError);
  });
});

describe("near matches", () => {
  it.each([
    ["intervall", "interval"],
    ["hapoxy", "haproxy"],
    ["cluster", "clusters"],
    ["read-only", "read_only"],
    ["Interval", "interval"],
    ["nodse", "nodes"],
  ])("%j is %j", (word, expected) => {
    expect(findNearMatch(word, ["interval", "haproxy", "clusters", "read_only", "nodes"])).toBe(expected);
  });

  it("do not guess wildly", () => {
    expect(findNearMatch("colour", ["interval", "haproxy", "nodes"])).toBeNull();
    expect(findNearMatch("x".repeat(5000), ["interval"])).toBeNull();
  });
});

function errorOf(work: () => unknown): TextError {
  try {
    work();
  } catch (error) {
    if (error instanceof TextError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
