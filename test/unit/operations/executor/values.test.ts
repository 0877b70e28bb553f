import { describe, expect, it } from "vitest";
import { isSamePosition, resolveValues } from "../../../../src/operations/executor/values.ts";
import { compareApplied, compareCoordinates, compareHistories } from "../../../../src/operations/facts/contain.ts";
import { judgeSeen } from "../../../../src/operations/facts/seen.ts";
import { buildChannel, buildGtid, buildReport, uuidOf } from "../../../support/model-builders.ts";

const at = (gtid: string | null, file: string | null = null, pos: number | null = null) => ({ gtid, file, pos });

describe("Positions that are compared", () => {
  it.each([
    ["the same transactions", at("0-1-5,1-2-3"), at("1-2-3, 0-1-5"), true],
    ["one more transaction", at("0-1-5"), at("0-1-6"), false],
    ["another log with the same transactions", at("0-1-5", "bin.1", 900), at("0-1-5", "bin.2", 4), true],
    ["MariaDB: a checkpoint in the log", at("0-1-5", "bin.1", 900), at("0-1-5", "bin.1", 950), true],
    ["MySQL: a transaction without GTID", at(`${uuidOf(1)}:1-5`, "b.1", 9), at(`${uuidOf(1)}:1-5`, "b.1", 20), false],
    ["a first transaction", at("", "bin.1", 4), at("0-1-1", "bin.1", 90), false],
    ["no GTIDs, the same place", at(null, "bin.1", 4), at("", "bin.1", 4), true],
    ["no GTIDs, another file", at("", "bin.1", 4), at("", "bin.2", 4), false],
    ["GTIDs that are told only once", at("0-1-5", "bin.1", 4), at(null, "bin.1", 4), null],
    ["nothing at all", at(null), at(null), null],
  ])("%s", (_, one, other, expected) => {
    expect(isSamePosition(one, other)).toBe(expected);
  });

  it("are put into what waits for them, whose text is then not the confirmed one", () => {
    const change = {
      kind: "wait-position",
      node: "db2",
      channel: "",
      position: { kind: "role", role: "stop", node: "db1" },
      by: "gtid",
      timeoutSeconds: 10,
    } as const;
    expect(resolveValues(change, new Map())).toEqual({ missing: "stop" });
    expect(resolveValues(change, new Map([["stop", at("0-1-5")]]))).toEqual({
      change: { ...change, position: { kind: "known", position: at("0-1-5") } },
      isLate: true,
    });
  });
});

describe("Whether a node has everything of another", () => {
  const mariadb = (binlogState: string | null, patch = {}) =>
    buildReport(2, { gtid: { ...buildGtid("mariadb", 1, 100, true), binlogState, ...patch } });

  it("MariaDB: a second writer in a domain is seen though the domain is further elsewhere", () => {
    expect(compareHistories(mariadb("0-1-7,0-2-8"), mariadb("0-1-9"))).toEqual({ kind: "missing", what: "0-2-8" });
    expect(compareHistories(mariadb("0-1-7"), mariadb("0-1-9,0-2-8"))).toEqual({ kind: "contained" });
  });

  it("is unknown, never true, where one does not tell, or tells nonsense", () => {
    for (const state of [null, "nonsense"]) {
      expect(compareHistories(mariadb(state), mariadb("0-1-9")).kind).toBe("unknown");
      expect(compareHistories(mariadb("0-1-9"), mariadb(state)).kind).toBe("unknown");
    }
  });

  it("MySQL: by executed sets, and never across kinds", () => {
    const mysql = (executed: string) =>
      buildReport(2, { flavor: "mysql", gtid: { ...buildGtid("mysql", 1, 1, true), executed } });
    const [one, two] = [`${uuidOf(1)}:1-5`, `${uuidOf(1)}:1-9`];
    expect(compareHistories(mysql(one), mysql(two)).kind).toBe("contained");
    expect(compareHistories(mysql(two), mysql(one))).toEqual({ kind: "missing", what: `${uuidOf(1)}:6-9` });
    expect(compareHistories(mysql(one), mariadb("0-1-9")).kind).toBe("unknown");
  });

  it("replicas that do not log what they apply are compared by the position of each domain", () => {
    const replica = (replicaPos: string | null) => ({ ...mariadb("", { replicaPos }), logReplicaUpdates: false });
    expect(compareApplied(replica("0-1-8"), replica("0-1-9")).kind).toBe("contained");
    expect(compareApplied(replica("0-1-9,1-1-1"), replica("0-1-9"))).toEqual({ kind: "missing", what: "1-1-1" });
    expect(compareApplied(replica(null), replica("0-1-9")).kind).toBe("unknown");
  });

  it("by coordinates of one source: the number of the file counts, not its text", () => {
    const replica = (executedFile: string | null, executedPos: number | null) =>
      buildReport(2, { channels: [buildChannel("10.0.0.11:3306", { executedFile, executedPos })] });
    const compare = (one: [string | null, number | null], other: [string | null, number | null]) =>
      compareCoordinates(replica(...one), replica(...other), "").kind;
    expect(compare(["bin.000009", 500], ["bin.000010", 4])).toBe("contained");
    expect(compare(["bin.999999", 4], ["bin.1000000", 4])).toBe("contained");
    expect(compare(["bin.000010", 5], ["bin.000010", 4])).toBe("missing");
    expect(compare(["bin.000010", 5], ["log.000010", 5])).toBe("unknown");
    expect(compare([null, null], ["bin.000010", 5])).toBe("unknown");
    expect(compareCoordinates(replica("bin.1", 4), replica("bin.1", 4), "other").kind).toBe("unknown");
  });
});

describe("Facts judged by what a server said right after", () => {
  const server = { haproxy: "lb1", backend: "write_nodes", server: "db1" } as const;
  const told = { backend: "write_nodes", server: "db1", weight: 100, initialWeight: 100 } as const;
  const maint = { kind: "admin-state", ...server, state: "maint" } as const;

  it("an inherited state is not the one that was set", () => {
    const seen = { servers: [{ ...told, state: "maint", adminReasons: ["maint-inherited"] } as const] };
    expect(judgeSeen([maint], seen, "lb1")?.holds).toBe("false");
    expect(
      judgeSeen([maint], { servers: [{ ...told, state: "maint", adminReasons: ["maint-forced"] }] }, "lb1")?.holds,
    ).toBe("true");
  });

  it("what is not told, or told by another server, has to be looked for", () => {
    expect(judgeSeen([maint], { servers: [{ ...told, state: "maint", adminReasons: null }] }, "lb1")).toBeNull();
    expect(judgeSeen([maint], { servers: [] }, "lb1")).toBeNull();
    expect(
      judgeSeen(
        [{ kind: "no-sessions", ...server }],
        { servers: [{ ...told, state: "maint", adminReasons: [] }] },
        "lb1",
      ),
    ).toBeNull();
    const closed = { kind: "writable", node: "db2", is: false } as const;
    expect(judgeSeen([closed], { mysql: { readOnly: { on: true, superToo: false } } }, "db1")).toBeNull();
    expect(judgeSeen([closed], { mysql: {} }, "db2")).toBeNull();
  });

  it("a receiver that only tries to connect does not follow yet", () => {
    const channel = { ...buildChannel("10.0.0.12:3306"), host: "10.0.0.12", port: 3306, io: "connecting" as const };
    const follows = {
      kind: "follows",
      node: "db3",
      channel: "",
      host: "10.0.0.12",
      port: 3306,
      io: "running",
      sql: "running",
    } as const;
    expect(judgeSeen([follows], { mysql: { channels: [channel] } }, "db3")?.holds).toBe("false");
    expect(judgeSeen([follows], { mysql: { channels: [{ ...channel, io: "yes" }] } }, "db3")?.holds).toBe("true");
  });

  it("half a read-only is none", () => {
    const fact = { kind: "read-only", node: "db1", on: true, superToo: true } as const;
    expect(judgeSeen([fact], { mysql: { readOnly: { on: true, superToo: false } } }, "db1")?.holds).toBe("false");
  });
});
