import { describe, expect, it } from "vitest";
import { selectDialect } from "../../../../src/drivers/mysql/dialects/select.ts";
import {
  buildClientStatement,
  findRivals,
  hidesThreads,
  mergeAttached,
  readDumpHosts,
} from "../../../../src/drivers/mysql/parts/attached.ts";
import { buildHeartbeatStatement, parseHeartbeats } from "../../../../src/drivers/mysql/parts/heartbeat.ts";
import { parseSession } from "../../../../src/drivers/mysql/parts/sessions.ts";
import { normalizeGtid, parseFlag, parseNumber } from "../../../../src/drivers/mysql/rows.ts";
import { describeTarget } from "../../../../src/drivers/mysql/target.ts";
import type { AttachedReplica } from "../../../../src/model/mysql.ts";
import { readRecording, recordedEngines, rowsOf, toRow } from "./recordings.ts";

const listed = (serverId: number, host: string | null): AttachedReplica => ({
  serverId,
  uuid: null,
  host,
  port: 3306,
  seenIn: "replica-list",
});

describe("Attached replicas", () => {
  it("are paired by host where the list tells it", () => {
    const merged = mergeAttached(["10.0.0.12", "10.0.0.99"], [listed(2, "10.0.0.12"), listed(3, "10.0.0.13")]);
    expect(merged.map((each) => [each.serverId, each.host, each.seenIn])).toEqual([
      [2, "10.0.0.12", "both"],
      [3, "10.0.0.13", "both"],
    ]);
  });

  it("stay apart when numbers differ: one is listed, two more only dump", () => {
    const merged = mergeAttached(["10.0.0.12", "10.0.0.50", "10.0.0.51"], [listed(2, "db2.example.com")]);
    expect(merged.map((each) => [each.serverId, each.host, each.seenIn])).toEqual([
      [2, "db2.example.com", "replica-list"],
      [null, "10.0.0.12", "processlist"],
      [null, "10.0.0.50", "processlist"],
      [null, "10.0.0.51", "processlist"],
    ]);
  });

  it("take the address of the process list when the list has none and it is clear whose it is", () => {
    expect(mergeAttached(["10.0.0.12"], [listed(2, null)])).toEqual([{ ...listed(2, "10.0.0.12"), seenIn: "both" }]);
    const unclear = mergeAttached(["10.0.0.12", "10.0.0.13"], [listed(2, null), listed(3, null)]);
    expect(unclear.map((each) => each.host)).toEqual([null, null]);
  });

  it("are known from either side alone", () => {
    expect(mergeAttached(null, [listed(2, "a")])).toEqual([listed(2, "a")]);
    expect(mergeAttached(["a"], null)).toEqual([
      { serverId: null, uuid: null, host: "a", port: null, seenIn: "processlist" },
    ]);
  });

  it.each(recordedEngines)("are three by the process list recorded from %s", (engine) => {
    const recording = readRecording(engine);
    const flavor = engine.startsWith("mariadb") ? "mariadb" : "mysql";
    const { processListTables } = selectDialect(flavor, recording.version);
    const clients = rowsOf(recording.source, buildClientStatement(processListTables[0] ?? ""));
    expect(readDumpHosts(clients)).toEqual(["127.0.0.1", "127.0.0.1", "127.0.0.1"]);
    expect(hidesThreads(clients, 1_000)).toBe(false);
    expect(findRivals(clients)).toEqual([]);
  });
});

describe("A process list of own threads only", () => {
  const own = [toRow({ user: "ops", own: "1", threads: "2" })];
  it("hides something when the server counts more connections", () => expect(hidesThreads(own, 3)).toBe(true));
  it("hides something when the server does not tell the count", () => expect(hidesThreads(own, null)).toBe(true));
  it("is whole when it shows as many as the server counts", () => expect(hidesThreads(own, 2)).toBe(false));
});

describe("Rivals", () => {
  it("are accounts of tools that change topologies, each once", () => {
    const users = [
      "orchestrator",
      "orchestrator",
      "maxscale_mon",
      "repman",
      "replication-manager",
      "mha",
      "proxysql-monitor",
      "app",
      "monitor",
    ];
    expect(findRivals(users.map((user) => toRow({ user })))).toEqual([
      "orchestrator",
      "maxscale_mon",
      "repman",
      "replication-manager",
      "mha",
    ]);
  });
});

describe("Heartbeats", () => {
  it("have an age per writing server; a little skew counts as 0", () => {
    const rows = [
      toRow({ server_id: "1", age: "0.5042" }),
      toRow({ server_id: "2", age: "-0.3" }),
      toRow({ server_id: "3", age: null }),
    ];
    expect(parseHeartbeats(rows)).toEqual({
      beats: [
        { serverId: 1, ageSeconds: 0.5042 },
        { serverId: 2, ageSeconds: 0 },
      ],
      future: 0,
    });
  });

  it("from the future have no age: another time zone is not a lag of 0", () => {
    expect(parseHeartbeats([toRow({ server_id: "1", age: "-3599.5" })])).toEqual({ beats: [], future: 1 });
  });

  it("are compared with the clock the writer uses", () => {
    expect(buildHeartbeatStatement("percona.heartbeat", "local", "db1")).toMatch(
      / NOW\(6\).* FROM `percona`.`heartbeat`$/,
    );
    expect(buildHeartbeatStatement("percona.heartbeat", "utc", "db1")).toContain(" UTC_TIMESTAMP(6)");
  });

  it.each(["heartbeat", "a.b.c", "a.b`; DROP TABLE x", "a.b c", ""])(
    "are not looked for in a table called %j",
    (table) => {
      expect(() => buildHeartbeatStatement(table, "local", "db1")).toThrow(/is not a table name/);
    },
  );
});

describe("A session", () => {
  const row = (extra: Record<string, string | null>) =>
    parseSession(
      toRow({
        id: "7",
        user: "app",
        host: "10.0.0.1:5",
        db: "shop",
        command: "Query",
        time: "3",
        state: "",
        info: "SELECT 1",
        ...extra,
      }),
    );

  it("of a client is shown as the server tells it", () => {
    expect(row({})).toEqual({
      id: 7,
      user: "app",
      host: "10.0.0.1:5",
      database: "shop",
      command: "Query",
      seconds: 3,
      state: null,
      query: "SELECT 1",
      system: false,
    });
  });

  it.each([
    { user: "system user" },
    { user: "event_scheduler", command: "Daemon" },
    { command: "Binlog Dump" },
    { command: "Binlog Dump GTID" },
    { command: "Slave_SQL" },
    { command: "Slave_IO" },
  ])("of the server itself is marked: %j", (extra) => expect(row(extra).system).toBe(true));
});

describe("Words of a server", () => {
  it.each([
    ["42", 42],
    ["-1", -1],
    ["1.000", 1],
    ["9007199254740991", 9007199254740991],
    ["18446744073709551615", null],
    ["", null],
    ["NULL", null],
    ["1e9", null],
    [null, null],
  ])("%j is the number %s", (text, expected) => expect(parseNumber(text)).toBe(expected));

  it.each([
    ["ON", true],
    ["1", true],
    ["Yes", true],
    ["OFF", false],
    ["0", false],
    ["SUPER", null],
    ["", null],
    [null, null],
  ])("%j is the flag %s", (text, expected) => expect(parseFlag(text)).toBe(expected));

  it("a GTID set loses its line breaks and nothing else", () => {
    expect(normalizeGtid("a:1-5,\nb:tag:1")).toBe("a:1-5,b:tag:1");
    expect(normalizeGtid("")).toBe("");
  });

  it("an IPv6 address is written with brackets", () => {
    expect(describeTarget({ name: "db1", host: "fd00::1", port: 3306 })).toBe("db1 [fd00::1]:3306");
  });
});
