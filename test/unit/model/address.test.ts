import { describe, expect, it } from "vitest";
import { addressKey, formatAddress, isLoopback, normalizeHost, resolveRelative } from "../../../src/model/address.ts";

describe("addresses", () => {
  it.each([
    ["LOCALHOST", "127.0.0.1"],
    ["db1.example.com.", "db1.example.com"],
    ["[::1]", "0:0:0:0:0:0:0:1"],
    ["2001:0db8::0001", "2001:db8:0:0:0:0:0:1"],
    ["2001:db8:0:0:0:0:0:1", "2001:db8:0:0:0:0:0:1"],
    ["::ffff:10.0.0.5", "10.0.0.5"],
    ["::ffff:a00:5", "10.0.0.5"],
    ["fe80::1%eth0", "fe80:0:0:0:0:0:0:1"],
    ["1::2::3", "1::2::3"],
  ])("%s is %s", (host, expected) => {
    expect(normalizeHost(host)).toBe(expected);
  });

  it("are equal with the same host and port only", () => {
    expect(addressKey("localhost", 3306)).toBe(addressKey("127.0.0.1", 3306));
    expect(addressKey("127.0.0.1", 3306)).not.toBe(addressKey("127.0.0.1", 3307));
  });

  it("show IPv6 in brackets", () => {
    expect(formatAddress("::1", 3306)).toBe("[::1]:3306");
    expect(formatAddress("db1", 3306)).toBe("db1:3306");
  });

  it("take a loopback named by another machine for that machine", () => {
    expect(resolveRelative("127.0.0.1", "10.0.0.5")).toBe("10.0.0.5");
    expect(resolveRelative("127.0.0.1", "localhost")).toBe("127.0.0.1");
    expect(resolveRelative("10.0.0.9", "10.0.0.5")).toBe("10.0.0.9");
    expect(isLoopback("127.1.2.3")).toBe(true);
  });
});
