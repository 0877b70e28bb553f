import { afterAll, describe, expect, it } from "vitest";
import { CLUSTER, createBench } from "./load.ts";

const bench = createBench();
afterAll(() => bench.remove());

/** Text of the file, and every problem as `line:column: message; hint` (its start). */
const CASES: readonly (readonly [title: string, text: string, problems: readonly string[]])[] = [
  [
    "an unknown key",
    `intervall: 1s\n${CLUSTER}`,
    ['1:1: unknown key "intervall" (did you mean "interval"?); allowed: interval, theme,'],
  ],
  [
    "an unknown key deep inside",
    `${CLUSTER}    lag: {warnin: 5s}\n`,
    ['5:11: unknown key "warnin" in clusters[0].lag (did you mean "warning"?)'],
  ],
  [
    "a wrong duration",
    `interval: 100ms\n${CLUSTER}`,
    ['1:11: interval "100ms" is too short; from 250ms to 1m is allowed'],
  ],
  [
    "a figure without unit",
    `${CLUSTER}    lag: {warning: 5}\n`,
    ['5:20: clusters[0].lag.warning "5" has no unit; write 5s or 5ms'],
  ],
  [
    "a wrong word",
    `theme: drak\n${CLUSTER}`,
    ['1:8: theme "drak" is not a theme; dark, light, high-contrast, colour-blind, mono (did you mean dark?)'],
  ],
  ["yes for true", `read_only: yes\n${CLUSTER}`, ["1:12: read_only must be true or false, not a text"]],
  ["a text where a list belongs", "clusters: shop\n", ["1:11: clusters must be a list, not a text"]],
  ["a map where a list belongs", "clusters: {name: shop}\n", ["1:11: clusters must be a list, not a map"]],
  ["an empty list", "clusters: []\n", ["1:11: clusters needs at least 1 item"]],
  ["a key without value", `theme:\n${CLUSTER}`, ["1:1: theme must be a text, not nothing"]],
  ["a list as the whole file", "- a\n", ["1:1: must be a map, not a list"]],
  ["an empty file", "# nothing\n", ["1:1: the file is empty"]],
  [
    "no clusters",
    "interval: 1s\n",
    ['1:1: the key "clusters" is missing; or name endpoints with --haproxy and --mysql'],
  ],
  [
    "a cluster without name",
    "clusters:\n  - haproxy: [{name: a, socket: /a}]\n",
    ['2:5: clusters[0] needs the key "name"'],
  ],
  [
    "a cluster without endpoints",
    "clusters:\n  - name: shop\n",
    ['2:5: clusters[0] needs the key "haproxy" or "nodes"'],
  ],
  [
    "a HAProxy without address",
    "clusters:\n  - name: shop\n    haproxy: [{name: lb1}]\n",
    ['3:15: clusters[0].haproxy[0] needs the key "socket" or "stats" or "sql_admin"'],
  ],
  [
    "a stats page as socket",
    "clusters:\n  - name: shop\n    haproxy: [{name: lb1, socket: http://lb/stats}]\n",
    ["3:35: clusters[0].haproxy[0].socket names a stats page; write stats: before"],
  ],
  [
    "a socket as stats page",
    "clusters:\n  - name: shop\n    haproxy: [{name: lb1, stats: tcp://lb:1}]\n",
    ["3:34: clusters[0].haproxy[0].stats names a socket"],
  ],
  [
    "a password for a socket",
    "clusters:\n  - name: shop\n    haproxy: [{name: lb1, socket: /a, password: canary}]\n",
    ["3:49: clusters[0].haproxy[0].password stands without sql_admin:; socket: and stats: have"],
  ],
  [
    "a socket beside an SQL admin",
    "clusters:\n  - name: shop\n    haproxy: [{name: px1, socket: /a, sql_admin: atlas://ops@px1}]\n",
    ["3:50: clusters[0].haproxy[0].sql_admin stands beside clusters[0].haproxy[0].socket; one of them"],
  ],
  [
    "an SQL admin without user",
    "clusters:\n  - name: shop\n    haproxy: [{name: px1, sql_admin: proxysql://px1:6032}]\n",
    ["3:38: clusters[0].haproxy[0].sql_admin names no user; write proxysql://user@host:6032"],
  ],
  [
    "an SQL admin with its password in the URL",
    "clusters:\n  - name: shop\n    haproxy: [{name: px1, sql_admin: proxysql://ops:canary@px1}]\n",
    ["3:38: clusters[0].haproxy[0].sql_admin has a password; use password_env:"],
  ],
  [
    "an SQL admin of no known product",
    "clusters:\n  - name: shop\n    haproxy: [{name: px1, sql_admin: mysql://ops@px1}]\n",
    ['3:38: clusters[0].haproxy[0].sql_admin has the unknown scheme "mysql"; write proxysql://'],
  ],
  [
    "SQL proxies whose writers never have the same name",
    "clusters:\n  - name: shop\n    haproxy: [{name: px1, sql_admin: atlas://a@px1},\n      {name: px2, sql_admin: proxysql://a@px2}]\n",
    ["4:30: clusters[0].haproxy[1].sql_admin is proxysql beside atlas: their writer backends never have the same"],
  ],
  [
    "two passwords of an SQL admin",
    "clusters:\n  - name: shop\n    haproxy: [{name: px1, sql_admin: atlas://a@px1, password: x, password_file: y}]\n",
    ["3:81: clusters[0].haproxy[0].password_file stands beside password"],
  ],
  [
    "the same SQL admin twice",
    "clusters:\n  - name: shop\n    haproxy: [{name: px1, sql_admin: atlas://a@px1},\n      {name: px2, sql_admin: atlas://a@px1:2345}]\n",
    ["4:30: clusters[0].haproxy[1].sql_admin is the same HAProxy as line 3"],
  ],
  [
    "socket and stats of one",
    "clusters:\n  - name: shop\n    haproxy: [{name: lb1, socket: /a, stats: http://lb/}]\n",
    ["3:46: clusters[0].haproxy[0].stats stands beside socket:"],
  ],
  [
    "a name twice",
    `${CLUSTER}      - {name: lb1, socket: unix:///b}\n`,
    ['5:16: clusters[0].haproxy[1].name "lb1" is the name of another haproxy; the first one is on line 4'],
  ],
  [
    "a socket twice",
    `${CLUSTER}      - {name: lb2, socket: /run/haproxy.sock}\n`,
    ["5:29: clusters[0].haproxy[1].socket is the same HAProxy as line 4"],
  ],
  [
    "a cluster name twice",
    `${CLUSTER}${CLUSTER.replace("clusters:\n", "")}`,
    ['5:11: clusters[1].name "shop" is the name of another cluster; the first one is on line 2'],
  ],
  [
    "a node twice",
    `${CLUSTER}    nodes:\n      - {name: db1, address: db1}\n      - {name: db1, address: "db1:3306"}\n`,
    [
      '7:16: clusters[0].nodes[1].name "db1" is the name of another node',
      "7:30: clusters[0].nodes[1].address is the same node as line 6",
    ],
  ],
  [
    "a loopback twice behind one SSH host",
    `${CLUSTER}    nodes:\n      - {name: db1, address: 127.0.0.1, ssh: a}\n      - {name: db2, address: localhost, ssh: ops@a}\n`,
    ["7:30: clusters[0].nodes[1].address is the same node as line 6"],
  ],
  [
    "a node twice, written in two ways",
    `${CLUSTER}    nodes:\n      - {name: db1, address: localhost}\n      - {name: db2, address: "127.0.0.1:3306"}\n`,
    ["7:30: clusters[0].nodes[1].address is the same node as line 6"],
  ],
  [
    "a node name with a slash",
    `${CLUSTER}    nodes: [{name: a/b, address: db1}]\n`,
    ['5:20: clusters[0].nodes[0].name "a/b" has a slash'],
  ],
  [
    "a name that cannot be printed",
    `${CLUSTER}    nodes: [{name: "a\\e[2Jb", address: db1}]\n`,
    ['5:20: clusters[0].nodes[0].name "a\\e[2Jb" has characters that cannot be printed'],
  ],
  [
    "a wrong port",
    `${CLUSTER}    nodes: [{name: db1, address: "db1:99999"}]\n`,
    ['5:34: clusters[0].nodes[0].address "db1:99999" has a wrong port; ports go from 1 to 65535'],
  ],
  [
    "a wrong server path",
    `${CLUSTER}    nodes: [{name: db1, address: db1, servers: [db1]}]\n`,
    ['5:49: clusters[0].nodes[0].servers[0] "db1" is not a server; write backend/server'],
  ],
  [
    "a warning above critical",
    `${CLUSTER}    lag: {warning: 60s}\n`,
    ["5:20: clusters[0].lag warns (60s) later than it is critical (30s)"],
  ],
  [
    "multi_writer without writer",
    `${CLUSTER}    multi_writer: true\n`,
    ["5:19: clusters[0].multi_writer needs writer:"],
  ],
  [
    "a writer map without backend",
    `${CLUSTER}    writer: {address: "10.0.0.1:3306"}\n`,
    ['5:13: clusters[0].writer needs the key "backend"'],
  ],
  [
    "a heartbeat table that is none",
    `${CLUSTER}    heartbeat: {table: heartbeat}\n`,
    ['5:24: clusters[0].heartbeat.table "heartbeat" is not a table name'],
  ],
  [
    "a replication account without user",
    `${CLUSTER}    replication: {password: x}\n`,
    ['5:18: clusters[0].replication needs the key "user"'],
  ],
  [
    "two sources of one password",
    `mysql:\n  password: a\n  password_env: B\n${CLUSTER}`,
    ["3:17: mysql.password_env stands beside password"],
  ],
  [
    "a TLS file that is not there",
    `mysql: {ca: /nonexistent/ca.pem}\n${CLUSTER}`,
    ["1:13: mysql.ca names /nonexistent/ca.pem, which does not exist"],
  ],
  ["a client certificate without key", `mysql: {cert: signalbox.yaml}\n${CLUSTER}`, ["1:15: mysql.cert stands alone"]],
  [
    "an alias without anchor",
    `theme: *dark\n${CLUSTER}`,
    ["1:8: theme begins with * but no anchor of that name stands before it"],
  ],
  ["an unclosed quote", `theme: "dark\n${CLUSTER}`, ["1:8: the quote that opens here is never closed"]],
  ["a tab as indentation", "clusters:\n\t- name: shop\n", ["2:1: a tab cannot indent YAML; use spaces"]],
  ["a key twice", `theme: dark\ntheme: light\n${CLUSTER}`, ["2:1: this key is there twice"]],
  ["a tag", `theme: !light dark\n${CLUSTER}`, ["1:8: a tag (!name) is not known here"]],
  ["two documents", `theme: dark\n---\n${CLUSTER}`, ["2:1: a second document (---) begins here"]],
];

describe("what is wrong with a file is told with its line and column", () => {
  it.each(CASES)("%s", async (_title, text, expected) => {
    const problems = await bench.problemsOf(text);
    expect(problems.map((problem, index) => problem.slice(0, expected[index]?.length ?? problem.length))).toEqual(
      expected,
    );
  });

  it("several problems are told at once, in the order of the file", async () => {
    const problems = await bench.problemsOf(
      `intervall: 1s\ntheme: x\nclusters:\n  - name: shop\n    nodes:\n      - {name: db1, adress: x}\n    lag: {critical: 1s}\n`,
    );
    expect(problems.map((problem) => problem.split(" ")[0])).toEqual(["1:1:", "2:8:", "6:9:", "6:21:", "7:21:"]);
  });

  it("an anchor and a merged map mean what they mean in YAML, own keys first", async () => {
    bench.write(
      "cwd/signalbox.yaml",
      `clusters:
  - &a
    name: one
    haproxy: [{name: lb1, socket: /a}]
    lag: &lag {warning: 1s, critical: 2s}
  - <<: *a
    name: two
    lag: {<<: *lag, critical: 3s}
`,
    );
    const { settings } = await bench.load();
    expect(settings.clusters.map(({ name, lag }) => [name, lag.warningSeconds, lag.criticalSeconds])).toEqual([
      ["one", 1, 2],
      ["two", 1, 3],
    ]);
  });

  it("columns count characters after a byte-order mark and Windows line ends", async () => {
    expect(await bench.problemsOf(`\ufeffinterval: 1\r\ntheme: x\r\n${CLUSTER}`)).toEqual([
      expect.stringMatching(/^1:11: interval "1"/),
      expect.stringMatching(/^2:8: theme "x"/),
    ]);
  });
});

describe("no secret is told with an error", () => {
  it.each([
    ["password: *canary"],
    ["password: [canary]"],
    ["password: !canary x"],
    ["password: {canary: 1}"],
    ['password: "canary'],
    ["password: 'can' canary"],
    ["password: &canary"],
    ["password: @canary"],
    ["password_env: canary"],
    ["login_path: canary"],
    ["pasword: canary"],
    ['password: "\\canary"'],
    ["password: canary\n  canary2"],
  ])("mysql: %j", async (line) => {
    const problems = await bench.problemsOf(`mysql:\n  ${line}\n${CLUSTER}`);
    expect(problems.length).toBeGreaterThan(0);
    // A key inside a password is the one thing shown: it is a key by all YAML can tell.
    if (!line.includes("{canary")) expect(problems.join("\n")).not.toContain("canary");
  });

  it.each([
    "http://admin:canary@lb:x/",
    "canary",
    "http://admin:canary",
    "tcp://canary@lb",
    "http://%canary:canary@lb/",
  ])("haproxy URL %j", async (url) => {
    const problems = await bench.problemsOf(`clusters:\n  - name: shop\n    haproxy: [{name: lb1, stats: "${url}"}]\n`);
    expect(problems).toHaveLength(1);
    expect(problems[0]).not.toContain("canary");
  });

  it.each([
    'nodes: [{name: db1, address: "mysql://ops:canary@db1:3306"}]',
    'nodes: [{name: db1, address: "ops:can@ary/canary@db1:3306"}]',
    'nodes: [{name: db1, address: db1, ssh: "ops:canary@db1"}]',
    'nodes: [{name: db1, address: db1}]\n    writer: {backend: w, address: "ops:canary@10.0.0.1:3306"}',
  ])("a URL where none belongs: %j", async (lines) => {
    const problems = await bench.problemsOf(`clusters:\n  - name: shop\n    ${lines}\n`);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain("ops:...@");
    expect(problems[0]).not.toContain("canary");
  });
});
