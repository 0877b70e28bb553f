import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createMysqlReader, type MysqlTarget } from "../../src/drivers/mysql/reader.ts";
import type { MysqlReport } from "../../src/model/mysql.ts";
import type { TlsSettings } from "../../src/model/settings.ts";
import { connectByPort } from "../lab/connection.ts";
import { type Lab, type LabNode, labAccounts, startLab } from "../lab/index.ts";
import { boundsOf } from "./mysql-reader.suite.ts";

let lab: Lab;
let node: LabNode;

const tlsOff: TlsSettings = { mode: "off", caFile: null, certFile: null, keyFile: null };

async function poll(extra: Partial<MysqlTarget> = {}, tls: TlsSettings = tlsOff): Promise<MysqlReport> {
  const { user, password } = labAccounts.ops;
  const access = { user, password: { secret: password }, tls, connectTimeoutMs: 2_000 };
  const reader = createMysqlReader({
    name: "db1",
    host: node.host,
    port: node.port,
    access,
    heartbeatTable: null,
    ...extra,
  });
  try {
    return await reader.poll(boundsOf());
  } finally {
    await reader.close();
  }
}

beforeAll(async () => {
  lab = await startLab({ topology: "single" });
  node = lab.node("db1");
});

afterAll(async () => {
  await lab?.stop();
});

describe("The reader", () => {
  test("reads the age of heartbeats as pt-heartbeat writes them", async () => {
    await node.query("CREATE DATABASE IF NOT EXISTS percona");
    await node.query("CREATE TABLE percona.heartbeat (ts VARCHAR(26) NOT NULL, server_id INT UNSIGNED PRIMARY KEY)");
    await node.query(
      "INSERT INTO percona.heartbeat VALUES (DATE_FORMAT(NOW(6) - INTERVAL 7 SECOND, '%Y-%m-%dT%H:%i:%s.%f'), 1)," +
        " (DATE_FORMAT(UTC_TIMESTAMP(6) + INTERVAL 1 HOUR, '%Y-%m-%dT%H:%i:%s.%f'), 2)",
    );
    const report = await poll({ heartbeatTable: "percona.heartbeat" });
    expect(report.heartbeats?.map((each) => each.serverId)).toEqual([1]);
    expect(report.heartbeats?.[0]?.ageSeconds).toBeGreaterThanOrEqual(7);
    expect(report.heartbeats?.[0]?.ageSeconds).toBeLessThan(60);
    expect(report.problems.map((problem) => problem.part)).toEqual(["heartbeat"]);
  });

  test("names the statement that hangs among those it sends together, and keeps the others when one is refused", async () => {
    await node.query("CREATE DATABASE IF NOT EXISTS percona");
    await node.query("CREATE TABLE percona.beats (ts VARCHAR(26) NOT NULL, server_id INT UNSIGNED PRIMARY KEY)");
    const { user, password } = labAccounts.ops;
    const access = { user, password: { secret: password }, tls: tlsOff, connectTimeoutMs: 2_000 };
    const target = { name: "db1", host: node.host, port: node.port, access, heartbeatTable: "percona.beats" };
    const reader = createMysqlReader(target);
    try {
      expect(await reader.poll(boundsOf())).toMatchObject({ heartbeats: [], problems: [] });
      expect(await reader.poll(boundsOf())).toMatchObject({ heartbeats: [], problems: [] });
      const writer = await connectByPort(node.port, labAccounts.admin);
      await writer.query("LOCK TABLES percona.beats WRITE");
      await expect(reader.poll(boundsOf(400))).rejects.toMatchObject({ kind: "timeout", operation: "heartbeat" });
      await writer.end();
      for (let poll = 0; poll < 2; poll++) expect((await reader.poll(boundsOf())).problems).toEqual([]);
      await node.query("DROP TABLE percona.beats");
      const report = await reader.poll(boundsOf());
      expect(report).toMatchObject({ heartbeats: null, channels: [], serverId: node.serverId });
      expect(report.position).not.toBeNull();
      expect(report.uptimeSeconds).not.toBeNull();
      expect(report.problems).toMatchObject([{ part: "heartbeat", failure: { serverCode: 1146 } }]);
    } finally {
      await reader.close();
    }
  });

  test.each([
    ["keeps settings for a few seconds", {}, 151],
    ["reads settings anew for those who judge changes by them", { settingsMaxAgeMs: 0 }, 152],
  ])("%s", async (_, options, second) => {
    const { user, password } = labAccounts.ops;
    const access = { user, password: { secret: password }, tls: tlsOff, connectTimeoutMs: 2_000 };
    const target = { name: "db1", host: node.host, port: node.port, access, heartbeatTable: null };
    await node.query("SET GLOBAL max_connections=151");
    const reader = createMysqlReader(target, options);
    try {
      expect((await reader.poll(boundsOf())).maxConnections).toBe(151);
      await node.query("SET GLOBAL max_connections=152");
      for (let poll = 0; poll < 2; poll++) expect((await reader.poll(boundsOf())).maxConnections).toBe(second);
    } finally {
      await reader.close();
    }
  });

  test("says which part is unknown when the heartbeat table is missing", async () => {
    const report = await poll({ heartbeatTable: "percona.nothing" });
    expect(report.heartbeats).toBeNull();
    expect(report.problems).toMatchObject([{ part: "heartbeat", failure: { serverCode: 1146 } }]);
    expect(report.readOnly).toBe(false);
  });

  test("shows every named connection of MariaDB, also those that never connected", async () => {
    await node.query(
      "CHANGE MASTER 'east' TO MASTER_HOST='127.0.0.1', MASTER_PORT=1, MASTER_USER='x', MASTER_USE_GTID=slave_pos",
    );
    await node.query(
      "CHANGE MASTER 'west' TO MASTER_HOST='127.0.0.1', MASTER_PORT=2, MASTER_USER='x', MASTER_USE_GTID=no",
    );
    const { channels } = await poll();
    expect(
      channels?.map(({ name, sourcePort, io, sql, usesGtid, sourceServerId }) => ({
        name,
        sourcePort,
        io,
        sql,
        usesGtid,
        sourceServerId,
      })),
    ).toEqual([
      { name: "east", sourcePort: 1, io: "no", sql: "no", usesGtid: true, sourceServerId: null },
      { name: "west", sourcePort: 2, io: "no", sql: "no", usesGtid: false, sourceServerId: null },
    ]);
  });

  test("reaches the server through any stream it is given", async () => {
    const openStream = () => connect({ host: node.host, port: node.port });
    const report = await poll({ host: "behind-a-tunnel.example", openStream });
    expect(report.serverId).toBe(node.serverId);
  });
});
