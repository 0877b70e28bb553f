import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createMysqlReader, type MysqlTarget } from "../../src/drivers/mysql/reader.ts";
import type { MysqlReport } from "../../src/model/mysql.ts";
import type { TlsSettings } from "../../src/model/settings.ts";
import { connectByPort } from "../lab/connection.ts";
import { type Lab, type LabNode, labAccounts, startLab } from "../lab/index.ts";
import { boundsOf } from "./mysql-reader.suite.ts";

let lab: Lab;
let node: LabNode;
let dir: string;

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

function openssl(...args: string[]): void {
  execFileSync("openssl", args, { cwd: dir, stdio: "pipe" });
}

/** A certificate authority, and a certificate of it for the name `localhost` and the address 127.0.0.2 only. */
function makeCertificates(): void {
  openssl(
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-keyout",
    "ca.key",
    "-out",
    "ca.pem",
    "-days",
    "2",
    "-subj",
    "/CN=lab",
  );
  openssl(
    "req",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-keyout",
    "s.key",
    "-out",
    "s.csr",
    "-subj",
    "/CN=localhost",
    "-addext",
    "subjectAltName=DNS:localhost,IP:127.0.0.2",
  );
  openssl(
    "x509",
    "-req",
    "-in",
    "s.csr",
    "-CA",
    "ca.pem",
    "-CAkey",
    "ca.key",
    "-CAcreateserial",
    "-out",
    "s.pem",
    "-days",
    "2",
    "-copy_extensions",
    "copy",
  );
  openssl(
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-keyout",
    "other.key",
    "-out",
    "other.pem",
    "-days",
    "2",
    "-subj",
    "/CN=other",
  );
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "sbx-tls-"));
  makeCertificates();
  lab = await startLab({ topology: "single" });
  node = lab.node("db1");
});

afterAll(async () => {
  await lab?.stop();
  rmSync(dir, { recursive: true, force: true });
});

describe("Encryption", () => {
  test("that is required fails clearly where the server offers none, and is done without where it is only preferred", async () => {
    await expect(poll({}, { ...tlsOff, mode: "required" })).rejects.toMatchObject({
      kind: "tls",
      serverCode: "HANDSHAKE_NO_SSL_SUPPORT",
    });
    expect((await poll({}, { ...tlsOff, mode: "preferred" })).problems).toEqual([]);
  });

  describe("of a server with a certificate for localhost", () => {
    beforeAll(() =>
      node.restart([
        `--ssl-cert=${join(dir, "s.pem")}`,
        `--ssl-key=${join(dir, "s.key")}`,
        `--ssl-ca=${join(dir, "ca.pem")}`,
      ]),
    );
    const caFile = () => join(dir, "ca.pem");

    test("is used when preferred", async () => {
      const before = await node.query("SHOW GLOBAL STATUS LIKE 'Ssl_finished_accepts'");
      await poll({}, { ...tlsOff, mode: "preferred" });
      const after = await node.query("SHOW GLOBAL STATUS LIKE 'Ssl_finished_accepts'");
      expect(Number(after[0]?.Value)).toBe(Number(before[0]?.Value) + 1);
    });

    test("passes with the right authority, and with the right name", async () => {
      expect((await poll({}, { ...tlsOff, mode: "required" })).problems).toEqual([]);
      expect((await poll({}, { ...tlsOff, mode: "verify-ca", caFile: caFile() })).problems).toEqual([]);
      expect(
        (await poll({ host: "localhost" }, { ...tlsOff, mode: "verify-identity", caFile: caFile() })).problems,
      ).toEqual([]);
    });

    test("passes with an address that the certificate names", async () => {
      const openStream = () => connect({ host: node.host, port: node.port });
      const tls = { ...tlsOff, mode: "verify-identity" as const, caFile: caFile() };
      expect((await poll({ host: "127.0.0.2", openStream }, tls)).problems).toEqual([]);
    });

    test("is refused with another authority", async () => {
      const tls = { ...tlsOff, mode: "verify-ca" as const, caFile: join(dir, "other.pem") };
      await expect(poll({}, tls)).rejects.toMatchObject({ kind: "tls", operation: "connect" });
    });

    test("is refused when the certificate is for another name or address", async () => {
      const tls = { ...tlsOff, mode: "verify-identity" as const, caFile: caFile() };
      await expect(poll({}, tls)).rejects.toMatchObject({ kind: "tls" });
    });

    test("names the file that cannot be read", async () => {
      const tls = { ...tlsOff, mode: "verify-ca" as const, caFile: join(dir, "missing.pem") };
      const error = await poll({}, tls).catch((thrown: Error) => thrown);
      expect(error).toMatchObject({ kind: "tls", serverCode: "ENOENT" });
      expect((error as Error).message).toContain("missing.pem");
    });
  });
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
