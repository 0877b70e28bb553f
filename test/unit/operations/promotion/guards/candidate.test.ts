import { describe, expect, it } from "vitest";
import { buildChannel, buildR1, buildR3, type Scene } from "../../../../support/model-builders.ts";
import { badLogin, goodLogin, onLogin, onNode } from "../support/preflight.ts";
import { FAILOVER, listVerdicts, type Situation, withDeadPrimary, wordsOf } from "./ask.ts";

const MYSQL: Situation = { promotion: { variant: "mysql-gtid" } };

describe("Guards of the candidate", () => {
  it.each<[string, Scene, Situation, string, RegExp]>([
    [
      "a stopped applier",
      buildR1().channel("db2", { sql: "no" }),
      {},
      "candidate-health block",
      /The applier of db2 is stopped/,
    ],
    [
      "an applier error",
      buildR1().channel("db2", { sql: "no", sqlError: { code: 1062, message: "Duplicate entry '7'" } }),
      {},
      "candidate-health block",
      /Error 1062: Duplicate entry '7'\./,
    ],
    [
      "a receiver that is not connected",
      buildR1().channel("db2", { io: "connecting" }),
      {},
      "candidate-health block",
      /not connected/,
    ],
    [
      "lag over the limit",
      buildR1().channel("db2", { secondsBehind: 12 }),
      {},
      "candidate-lag block force",
      /db2 is 12 s behind \(limit 10 s\)/,
    ],
    [
      "lag that nobody may force",
      buildR1().channel("db2", { secondsBehind: 61 }),
      {},
      "candidate-lag block",
      /61 s behind/,
    ],
    [
      "lag that is not known",
      buildR1().channel("db2", { secondsBehind: null }),
      {},
      "candidate-lag unknown force",
      /cannot be told/,
    ],
    ["a delayed replica", buildR1().channel("db2", { delaySeconds: 3600 }), {}, "candidate-delay block", /3600 s late/],
    [
      "a delay that is not told",
      buildR1().channel("db2", { delaySeconds: null }),
      {},
      "candidate-delay unknown force",
      /not told/,
    ],
    [
      "replication filters",
      buildR1().channel("db2", { filters: ["replicate_do_db = shop"] }),
      {},
      "candidate-filters block",
      /filtered: replicate_do_db = shop/,
    ],
    [
      "filters of the binary log",
      buildR1(),
      { preflight: (facts) => onNode(facts, "db2", { binlogFilters: ["binlog_ignore_db = audit"] }) },
      "candidate-filters block",
      /binary log of db2 is filtered: binlog_ignore_db = audit/,
    ],
    [
      "a writable candidate",
      buildR1().node("db2", { readOnly: false }),
      {},
      "candidate-read-only block",
      /db2 is writable now/,
    ],
    [
      "an unknown read_only",
      buildR1().node("db2", { readOnly: null }),
      {},
      "candidate-read-only unknown",
      /cannot be told/,
    ],
    ["no binary log", buildR1().node("db2", { logBin: false }), {}, "binary-log block", /log_bin is off/],
    ["an unknown log_bin", buildR1().node("db2", { logBin: null }), {}, "binary-log unknown", /cannot be told/],
    [
      "a log without what came from others",
      buildR1().node("db2", { logReplicaUpdates: false }),
      {},
      "binary-log block",
      /of db2 is off: db1, db3 and db4 could not get/,
    ],
    [
      "GTIDs switched off",
      buildR1("mysql").node("db2", { gtid: { ...buildR1("mysql").report("db2").gtid, mode: "ON_PERMISSIVE" } }),
      MYSQL,
      "binary-log block",
      /gtid_mode of db2 is ON_PERMISSIVE/,
    ],
    [
      "a purged log, MySQL",
      buildR1("mysql")
        .node("db2", {
          gtid: { ...buildR1("mysql").report("db2").gtid, purged: "00000000-0000-0000-0000-000000000001:1-50" },
        })
        .node("db3", {
          gtid: { ...buildR1("mysql").report("db3").gtid, executed: "00000000-0000-0000-0000-000000000001:1-40" },
        }),
      MYSQL,
      "purged-logs block",
      /db3 lacks what the binary log of db2 no longer has \(10 transactions: 0.*1:41-50\)/,
    ],
    [
      "a purged log, MariaDB",
      buildR1().node("db3", {
        gtid: { ...buildR1().report("db3").gtid, executed: "0-1-40", replicaPos: "0-1-40", binlogState: "0-1-40" },
      }),
      { preflight: (facts) => onNode(facts, "db2", { oldestBinlogGtid: "0-1-90" }) },
      "purged-logs block",
      /domain 0 from 41 to 0-1-90/,
    ],
    [
      "an oldest log that could not be read",
      buildR1(),
      { preflight: (facts) => onNode(facts, "db2", { oldestBinlogGtid: null }) },
      "purged-logs unknown",
      /could not be read/,
    ],
    [
      "a replication account that cannot log in",
      buildR1(),
      { preflight: (facts) => onLogin(facts, "db2", badLogin("db2")) },
      "replication-login block force",
      /account repl cannot log in to db2: Access denied for user 'repl'/,
    ],
    [
      "a replication account that may not replicate",
      buildR1(),
      { preflight: (facts) => onLogin(facts, "db2", { ...goodLogin("db2"), mayReplicate: false }) },
      "replication-login block",
      /may not read the binary log of db2/,
    ],
    [
      "no credentials for a node that gets a login",
      buildR1(),
      {
        preflight: (facts) => onLogin(facts, "db2", { ...badLogin("db2"), user: null }),
        steps: (steps) =>
          steps.map((each) => (each.kind === "change-source" ? { ...each, login: { kind: "configured" } } : each)),
      },
      "replication-login unknown",
      /Nothing tells user and password .* Name the account under `replication:`/,
    ],
    [
      "no credentials where every node keeps its own",
      buildR1(),
      { preflight: (facts) => onLogin(facts, "db2", { ...badLogin("db2"), user: null }) },
      "replication-login unknown force",
      /Nothing tells/,
    ],
    [
      "a login that was not tried",
      buildR1(),
      { preflight: (facts) => onLogin(facts, "db2", null) },
      "replication-login unknown force",
      /was not tried/,
    ],
    [
      "an older sibling",
      buildR1().node("db3", { version: "10.6.20-MariaDB" }),
      {},
      "versions block force",
      /db3 \(10\.6\.20-MariaDB\) is older than db2/,
    ],
    [
      "an older primary",
      buildR1().node("db1", { version: "10.6.20-MariaDB" }),
      {},
      "versions warn",
      /cannot return as its replica/,
    ],
    [
      "another kind of server",
      buildR1().node("db3", { flavor: "mysql", version: "9.7.4" }),
      {},
      "versions block",
      /db3 is mysql 9\.7\.4 and db2 is mariadb/,
    ],
    [
      "a version that says nothing",
      buildR1().node("db3", { version: "unknown" }),
      {},
      "versions unknown force",
      /cannot be told/,
    ],
    [
      "a sibling that logs statements",
      buildR1().node("db4", { binlogFormat: "STATEMENT" }),
      {},
      "settings block",
      /db4 logs by STATEMENT and could not log the rows that db2 \(ROW\) sends/,
    ],
    [
      "a sibling that does not tell how it logs",
      buildR1().node("db4", { binlogFormat: null }),
      {},
      "settings unknown force",
      /binlog_format of db4 cannot be told/,
    ],
    [
      "settings that differ",
      buildR1(),
      {
        preflight: (facts) =>
          onNode(facts, "db2", {
            settings: { ...(facts.nodes.get("db2")?.settings ?? fail()), sqlMode: "", timeZone: "UTC" },
          }),
      },
      "settings warn",
      /time_zone SYSTEM → UTC, sql_mode STRICT_TRANS_TABLES → \(none\)/,
    ],
    [
      "settings not read",
      buildR1(),
      { preflight: (facts) => onNode(facts, "db2", { settings: null }) },
      "settings unknown force",
      /settings of db2/,
    ],
    [
      "a stopped applier of a dead primary's replica",
      withDeadPrimary(buildR1().channel("db2", { sql: "no" })).channel("db2", { receivedGtid: "0-1-120" }),
      FAILOVER,
      "candidate-health block",
      /applier of db2 is stopped and 20 received transactions may not be applied/,
    ],
    [
      "both threads stopped, MariaDB, primary dead",
      withDeadPrimary(buildR1()).channel("db2", { io: "no", sql: "no", receivedGtid: "0-1-120" }),
      FAILOVER,
      "candidate-health block",
      /Both threads of db2 are stopped .* throws the relay logs away/,
    ],
    [
      "an applier error, primary dead",
      withDeadPrimary(buildR1()).channel("db2", { sql: "no", sqlError: { code: 1062, message: "Duplicate entry" } }),
      FAILOVER,
      "candidate-health block",
      /stopped with error 1062/,
    ],
  ])("speak of %s", (_, scene, situation, verdict, words) => {
    expect(listVerdicts(scene, situation)).toContain(verdict);
    expect(wordsOf(verdict.split(" ")[0] ?? "", scene, situation)).toMatch(words);
  });

  it("say only with force that a node is never to be promoted", () => {
    const scene = buildR1();
    const node = scene.nodes.get("db2");
    if (node !== undefined) scene.nodes.set("db2", { ...node, priority: "never" });
    expect(listVerdicts(scene)).toEqual(["candidate-priority block force"]);
  });

  it("let a failover start the applier that the plan starts", () => {
    const scene = withDeadPrimary(buildR1()).channel("db2", { sql: "no", receivedGtid: "0-1-120" });
    const verdicts = listVerdicts(scene, {
      ...FAILOVER,
      steps: (steps) => [{ kind: "replication", node: "db2", action: "start", thread: "sql", channel: "" }, ...steps],
    });
    expect(verdicts).toEqual(["candidate-health warn", "candidate-lag warn"]);
  });

  it("do not ask again for what an earlier run stopped, nor of a candidate that is open", () => {
    const stopped = buildR1().channel("db2", { io: "no", sql: "no" });
    const opening: Situation = {
      steps: (steps) => steps.filter(({ kind }) => kind !== "wait-position" && kind !== "replication"),
    };
    expect(listVerdicts(stopped, opening)).toEqual([]);
    const open = buildR1()
      .node("db1", { readOnly: true })
      .node("db2", { readOnly: false })
      .channel("db2", { io: "no", sql: "no" });
    open.state("lb1", "write_nodes/db1", "maint");
    const rest: Situation = { steps: (steps) => steps.filter(({ kind }) => kind === "change-source") };
    expect(listVerdicts(open, rest)).toEqual([]);
  });

  it("want the writable other side of a pair closed first", () => {
    const pair: Situation = { promotion: { variant: "pair", writerBackend: "mysql" } };
    expect(listVerdicts(buildR3(), pair)).toEqual(["candidate-read-only block"]);
  });

  it("need no log of replicated writes where nobody is to follow", () => {
    const scene = buildR1().node("db2", { logReplicaUpdates: false });
    const nobody: Situation = { steps: (steps) => steps.filter(({ kind }) => kind !== "change-source") };
    expect(listVerdicts(scene, nobody)).toEqual(["binary-log warn"]);
  });

  it("see the filters of every channel", () => {
    const scene = buildR1();
    const [own] = scene.report("db2").channels ?? [];
    scene.node("db2", {
      channels: [
        own ?? fail(),
        buildChannel("10.9.9.9:3306", { name: "x", filters: ["replicate_ignore_table = a.b"] }),
      ],
    });
    expect(wordsOf("candidate-filters", scene)).toMatch(/\(channel x\): replicate_ignore_table = a\.b/);
  });
});

function fail(): never {
  throw new Error("the scene is not as expected");
}
