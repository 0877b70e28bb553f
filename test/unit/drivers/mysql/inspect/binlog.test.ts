import { describe, expect, it } from "vitest";
import { selectInspection } from "../../../../../src/drivers/mysql/dialects/inspecting.ts";
import { parseFilters, parseGtidList } from "../../../../../src/drivers/mysql/inspect/binlog.ts";
import { summarize } from "../../../../../src/drivers/mysql/inspect/binlog-tail.ts";
import { parseEvent } from "../../../../../src/drivers/mysql/inspect/events.ts";
import { buildBinlogEvents, inspectingSession } from "../../../../../src/drivers/mysql/inspect/inspecting-session.ts";
import { parsePersisted } from "../../../../../src/drivers/mysql/inspect/surroundings.ts";
import { buildWorkStatement } from "../../../../../src/drivers/mysql/inspect/work.ts";
import { describeXid } from "../../../../../src/drivers/mysql/inspect/xa.ts";
import { toRow } from "../recordings.ts";

const event = (type: string, info = "") => toRow({ Event_type: type, Info: info });

describe("The binary log", () => {
  it("begins at the GTID list of its oldest file; an empty list is the very beginning, none is unknown", () => {
    expect(parseGtidList([event("Format_desc"), event("Gtid_list", "[0-1-7,\n0-2-8]")])).toBe("0-1-7,0-2-8");
    expect(parseGtidList([event("Format_desc"), event("Gtid_list", "[]")])).toBe("");
    expect(parseGtidList([event("Format_desc")])).toBeNull();
  });

  it("tells its filters by option", () => {
    const row = toRow({ File: "b.1", Binlog_Do_DB: "shop,crm", Binlog_Ignore_DB: "tmp" });
    expect(parseFilters(row)).toEqual(["binlog_do_db=shop", "binlog_do_db=crm", "binlog_ignore_db=tmp"]);
    expect(parseFilters(toRow({ Binlog_Do_DB: "", Binlog_Ignore_DB: "" }))).toEqual([]);
  });

  it("changes data unless every event to the end is known to be harmless", () => {
    expect(summarize(["Stop", "Rotate", "Format_desc", "Gtid_list", "Binlog_checkpoint"]).changesData).toBe(false);
    expect(summarize(["Stop", "Query"]).changesData).toBe(true);
    expect(summarize(["Something_new"]).changesData).toBe(true);
    const many = summarize(Array<string>(201).fill("Heartbeat"));
    expect([many.changesData, many.eventTypes.length]).toEqual([true, 200]);
  });
});

describe("The session of an inspector", () => {
  it.each([
    ["mysql", "5.5.62"],
    ["mysql", "5.6.51"],
    ["mysql", "5.7.44"],
    ["mysql", "9.7.4"],
    ["mariadb", "10.3.39-MariaDB"],
    ["mariadb", "10.6.16-MariaDB"],
    ["mariadb", "11.8.3-MariaDB"],
  ] as const)("may send every form of %s %s", (flavor, version) => {
    const { tableLocks, roles, storedPasswords, persisted, groupMember } = selectInspection(flavor, version);
    const forms = [tableLocks.plugin?.sql, tableLocks.schema?.sql, roles, storedPasswords, persisted, groupMember];
    for (const sql of [...forms, buildWorkStatement("information_schema.processlist", [1, 2])])
      if (sql !== null && sql !== undefined) expect(() => inspectingSession.assertMaySend(sql)).not.toThrow();
  });

  it("never asks for a password itself", () => {
    const { storedPasswords } = selectInspection("mysql", "9.7.4");
    expect(storedPasswords).toMatch(/^SELECT COUNT\(\*\) AS n FROM /);
  });

  it("sends XA RECOVER and events of a log of any name, and still nothing that changes", () => {
    expect(() => inspectingSession.assertMaySend("XA RECOVER")).not.toThrow();
    expect(() => inspectingSession.assertMaySend(buildBinlogEvents("into.000001", 4, 5) ?? "")).not.toThrow();
    for (const sql of ["XA ROLLBACK 'x'", "SHOW BINLOG EVENTS IN 'x' LIMIT 1; DROP TABLE t", "SET GLOBAL read_only=1"])
      expect(() => inspectingSession.assertMaySend(sql), sql).toThrow("must not send");
    expect(buildBinlogEvents("x' LIMIT 1; DROP TABLE t -- ", 4, 5)).toBeNull();
  });
});

describe("Small facts", () => {
  it("an event is enabled, disabled, or disabled because this is a replica; an unknown word counts as enabled", () => {
    const statusOf = (status: string) => parseEvent(toRow({ status })).status;
    expect(["ENABLED", "DISABLED", "SLAVESIDE_DISABLED", "REPLICA_SIDE_DISABLED", "?"].map(statusOf)).toEqual([
      "enabled",
      "disabled",
      "replica-disabled",
      "replica-disabled",
      "enabled",
    ]);
  });

  it("a prepared XA transaction is named by its ids", () => {
    const xid = (gtrid: number, bqual: number, data: string) =>
      describeXid(toRow({ gtrid_length: String(gtrid), bqual_length: String(bqual), data }));
    expect([xid(5, 0, "night"), xid(5, 2, "nightb1"), xid(1, 0, "\u0001")]).toEqual(["night", "night,b1", "0x01"]);
  });

  it("read_only is persisted when one of its two variables is; nothing persisted is not told", () => {
    const row = (value: string) => toRow({ name: "read_only", value });
    expect([parsePersisted([]), parsePersisted([row("OFF")]), parsePersisted([row("OFF"), row("ON")])]).toEqual([
      null,
      false,
      true,
    ]);
  });
});
