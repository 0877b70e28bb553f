import { describe, expect, it } from "vitest";
import type { Dialect } from "../../../../src/drivers/mysql/dialects/dialect.ts";
import { allDialects, selectDialect } from "../../../../src/drivers/mysql/dialects/select.ts";
import { addApplierTimes } from "../../../../src/drivers/mysql/parts/applier-times.ts";
import { parseChannel } from "../../../../src/drivers/mysql/parts/channels.ts";
import { byHand } from "../../../fixtures/mysql/by-hand.ts";
import { readRecording, recordedEngines, rowsOf, toRow } from "./recordings.ts";

function dialectNamed(name: string): Dialect {
  const found = allDialects.find((dialect) => dialect.name === name);
  if (found === undefined) throw new Error(`no dialect ${name}`);
  return found;
}

describe.each(recordedEngines)("replica status recorded from %s", (engine) => {
  const recording = readRecording(engine);
  const dialect = dialectNamed(recording.dialect);
  const [form] = dialect.replicaStatus;
  if (form === undefined) throw new Error("a dialect without replica status");
  const parse = (part: "running" | "applierBroken" | "receiverStopped") =>
    rowsOf(recording[part], form.sql).map((row) => parseChannel(row, form.columns));

  it("shows a healthy channel with both threads, positions and sets that are equal", () => {
    const [channel] = parse("running");
    expect(channel).toMatchObject({ name: "", sourceHost: "127.0.0.1", sourceUser: "repl", sourceServerId: 1 });
    expect(channel).toMatchObject({
      io: "yes",
      sql: "yes",
      ioError: null,
      sqlError: null,
      secondsBehind: 0,
      usesGtid: true,
    });
    expect(channel?.readFile).toBe("mysql-bin.000001");
    expect(channel?.readPos).toBeGreaterThan(100);
    // MySQL 9 applies with several workers and moves the executed position only at checkpoints.
    if (engine !== "mysql-9.7") expect(channel?.executedPos).toBe(channel?.readPos);
    expect(channel?.receivedGtid).toMatch(/^(0-1-1|[0-9a-f-]{36}:1)$/);
    expect(channel?.executedGtid).toBe(channel?.receivedGtid);
    expect(channel?.filters).toEqual([]);
  });

  it("shows the error of a stopped applier and no lag", () => {
    const [channel] = parse("applierBroken");
    expect(channel).toMatchObject({ io: "yes", sql: "no", ioError: null, secondsBehind: null });
    expect(channel?.sqlError?.code).toBe(1062);
    expect(channel?.sqlError?.message).toMatch(/failed|Could not execute|Duplicate/);
    expect(channel?.receivedGtid).not.toBe(channel?.executedGtid);
  });

  it("shows a stopped receiver as no, and no lag", () => {
    if (engine === "mysql-9.7") {
      expect(rowsOf(recording.receiverStopped, form.sql)[0]?.get("Seconds_Behind_Source")).toBe("0");
    }
    expect(parse("receiverStopped")[0]).toMatchObject({ io: "no", sql: "yes", secondsBehind: null });
  });

  it("reads the version to the dialect it was recorded with", () => {
    const flavor = engine.startsWith("mariadb") ? "mariadb" : "mysql";
    expect(selectDialect(flavor, recording.version).name).toBe(recording.dialect);
  });
});

describe("replica status of versions known from manuals", () => {
  it.each(Object.entries(byHand))("reads every figure of %s by its own column names", (name, columns) => {
    const form = dialectNamed(name).replicaStatus[0];
    if (form === undefined) throw new Error("a dialect without replica status");
    const channel = parseChannel(toRow(columns), form.columns);
    expect(channel).toMatchObject({
      sourceHost: "10.0.0.11",
      sourcePort: 3306,
      sourceServerId: 11,
      io: "yes",
      sql: "yes",
    });
    expect(channel).toMatchObject({ readFile: "mysql-bin.000007", readPos: 4123, executedPos: 4001, secondsBehind: 2 });
    expect(channel.filters).toEqual(["Replicate_Do_DB=shop"]);
    if (name !== "mysql-5.5") expect(channel).toMatchObject({ name: "east", usesGtid: true, delaySeconds: 0 });
    expect(channel.receivedGtid ?? "").not.toMatch(/\s/);
  });

  it("takes MariaDB's Preparing for connecting", () => {
    const form = dialectNamed("mariadb-10.2").replicaStatus[0];
    if (form === undefined) throw new Error("a dialect without replica status");
    const row = toRow({ ...byHand["mariadb-10.2"], Slave_IO_Running: "Preparing", Seconds_Behind_Master: null });
    expect(parseChannel(row, form.columns)).toMatchObject({ io: "connecting", secondsBehind: null });
  });
});

describe("commit times of MySQL 9.7", () => {
  const recording = readRecording("mysql-9.7");
  const { applierTimes, replicaStatus } = dialectNamed("mysql-9");
  const form = replicaStatus[0];
  if (form === undefined || applierTimes === null) throw new Error("MySQL 9 has both");
  const channels = (part: "running" | "applierBroken") =>
    rowsOf(recording[part], form.sql).map((row) => parseChannel(row, form.columns));

  it("are 0 when the last queued transaction is the last applied", () => {
    const [channel] = addApplierTimes(channels("running"), rowsOf(recording.running, applierTimes));
    expect(channel?.transactionLagSeconds).toBe(0);
    expect(channel?.secondsSinceHeartbeat).toBeGreaterThanOrEqual(0);
    expect(channel?.heartbeatPeriodSeconds).toBe(1);
  });

  it("are unknown while the applier is stopped", () => {
    const [channel] = addApplierTimes(channels("applierBroken"), rowsOf(recording.applierBroken, applierTimes));
    expect(channel?.transactionLagSeconds).toBeNull();
  });

  const worker = (extra: Record<string, string | null>) =>
    toRow({
      channel: "",
      queued: "u:9",
      heartbeat_age: null,
      queued_age: "7.5",
      heartbeat_period: "1.000",
      applying: "",
      applied: "",
      applying_age: null,
      ...extra,
    });

  it.each([
    [
      "the oldest transaction being applied",
      [worker({ applying: "u:8", applying_age: "3.5" }), worker({ applying: "u:9", applying_age: "1.5" })],
      3.5,
    ],
    ["nothing when a transaction is queued but nobody applies it", [worker({ applied: "u:8" })], null],
    [
      "nothing without GTIDs, where every transaction has the same name",
      [worker({ queued: "ANONYMOUS", applied: "ANONYMOUS" })],
      null,
    ],
    ["nothing when nothing came since the start", [worker({ queued: "" })], null],
    ["0 rather than a negative age when the clocks differ", [worker({ applying: "u:9", applying_age: "-0.2" })], 0],
  ])("give %s", (_, rows, expected) => {
    expect(addApplierTimes(channels("running"), rows)[0]?.transactionLagSeconds).toBe(expected);
  });
});
