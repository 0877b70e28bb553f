import { describe, expect, it } from "vitest";
import { parseHaproxyConfig } from "../../../../src/drivers/haproxy-config/parse.ts";
import { parseServerTarget } from "../../../../src/drivers/haproxy-config/server-line.ts";
import { splitWords } from "../../../../src/drivers/haproxy-config/words.ts";

const proxyOf = (text: string, name: string) =>
  parseHaproxyConfig([text]).proxies.find((proxy) => proxy.name === name) ?? expect.fail(`no proxy ${name}`);
const serverOf = (text: string) => parseHaproxyConfig([text]).proxies[0]?.servers[0];

describe("words of a configuration line", () => {
  it.each([
    ["  server db1\t10.0.0.1:3306 check # the primary", ["server", "db1", "10.0.0.1:3306", "check"]],
    ["# a comment", []],
    ["a\\ b c\\#d", ["a b", "c#d"]],
    [`say "a b" 'c "d"' ""`, ["say", "a b", 'c "d"', ""]],
    [`half "open`, ["half", "open"]],
    ["", []],
  ])("%j", (line, words) => {
    expect(splitWords(line)).toEqual(words);
  });
});

describe("haproxy.cfg", () => {
  it("reads the published read/write split: sockets, checks, backups, the rise that never returns", () => {
    const config = parseHaproxyConfig([
      `global
    stats socket /run/haproxy/admin.sock mode 660 level admin expose-fd listeners
    stats socket ipv4@127.0.0.1:9999 level user
    stats socket /run/haproxy/plain.sock
    server-state-file /var/lib/haproxy/state
    nbproc 2
defaults
    mode tcp
    load-server-state-from-file global
    default-server on-marked-down shutdown-sessions inter 2s
listen write_nodes
    bind 10.0.0.5:3306
    option mysql-check user haproxy_check
    server ubuntu1 10.0.0.1:3306 check inter 2000 fall 3 rise 99999999
    server ubuntu2 10.0.0.2:3306 check backup weight 50 disabled
frontend reads
    bind *:3307,:::3307
    default_backend read_nodes
backend read_nodes
    balance roundrobin
    option allbackups
    stick-table type ip size 1m
    stick on src
    server-template db 3 db.example.com:3306 check
peers others
    server ignored 10.0.0.9:1024
`,
    ]);
    expect(config.sockets).toEqual([
      { address: "/run/haproxy/admin.sock", level: "admin" },
      { address: "ipv4@127.0.0.1:9999", level: "user" },
      { address: "/run/haproxy/plain.sock", level: "operator" },
    ]);
    expect(config).toMatchObject({ stateFile: "/var/lib/haproxy/state", nbproc: 2, hasConditions: false });
    const [write, reads, read] = config.proxies;
    expect(config.proxies).toHaveLength(3);
    expect(write).toMatchObject({
      name: "write_nodes",
      check: "mysql",
      checkUser: "haproxy_check",
      stateFrom: "global",
    });
    expect(write?.servers).toMatchObject([
      {
        name: "ubuntu1",
        host: "10.0.0.1",
        port: 3306,
        backup: false,
        check: true,
        interMs: 2000,
        rise: 99999999,
        fall: 3,
      },
      { name: "ubuntu2", backup: true, disabled: true, weight: 50, interMs: 2000, onMarkedDown: "shutdown-sessions" },
    ]);
    expect(reads).toMatchObject({ kind: "frontend", binds: ["*:3307", ":::3307"], defaultBackend: "read_nodes" });
    expect(read).toMatchObject({
      allBackups: true,
      sticks: true,
      hasTemplates: true,
      servers: [],
      balance: "roundrobin",
    });
  });

  it("a later defaults section replaces the one before; a named one counts where it is asked for", () => {
    const text = `defaults tcp
    mode tcp
    load-server-state-from-file global
defaults
    mode http
listen a
listen b from tcp
`;
    expect(proxyOf(text, "a")).toMatchObject({ mode: "http", stateFrom: "none" });
    expect(proxyOf(text, "b")).toMatchObject({ mode: "tcp", stateFrom: "global" });
  });

  it("`no option` takes an inherited one back", () => {
    const text =
      "defaults\n option allbackups\n option mysql-check user x\nlisten a\n no option allbackups\n no option mysql-check\n";
    expect(proxyOf(text, "a")).toMatchObject({ allBackups: false, check: "connect", checkUser: null });
  });

  it("notes conditional lines, which it cannot judge", () => {
    expect(parseHaproxyConfig([".if defined(X)\nlisten a\n.endif\n"]).hasConditions).toBe(true);
  });

  it.each([
    ["", null],
    ["listen", null],
    ["listen a\n server", undefined],
    ["listen a\n server db1", undefined],
    ["listen a\n server db1 /run/mysqld.sock check", { host: null, port: null }],
    ["listen a\n server db1 10.0.0.1 weight", { host: "10.0.0.1", port: null, weight: null }],
    ["\u0000\u001b[2J listen a", null],
  ])("%j does not break it", (text, expected) => {
    if (expected === null) expect(parseHaproxyConfig([text]).proxies).toEqual([]);
    else if (expected === undefined) expect(serverOf(text)).toBeUndefined();
    else expect(serverOf(text)).toMatchObject(expected);
  });

  it.each([
    ["[2001:db8::1]:3307", "2001:db8::1", 3307],
    ["ipv4@db1:3306", "db1", 3306],
    ["db1", "db1", null],
    ["db1:+100", "db1", null],
    ["unix@/run/x.sock", null, null],
  ])("the address %s", (text, host, port) => {
    expect(parseServerTarget(text)).toEqual({ host, port });
  });
});
