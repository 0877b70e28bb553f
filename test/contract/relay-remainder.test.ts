/** A source that dies in the middle of a large transaction: the beginning of it was received, the end never comes. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { createMysqlWriter } from "../../src/drivers/mysql/writer.ts";
import { describeEngine } from "../lab/describe-engine.ts";
import { type Lab, type LabNode, labAccounts, startLab, waitFor } from "../lab/index.ts";
import { waitUntilReplicating } from "../lab/replication.ts";

const ROW_BYTES = 1_000_000;
const ROWS = 40;

describeEngine(["mariadb-10.11", "haproxy-2.6"], "the relay log of a transaction that was cut off", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab({ topology: "r1", positioning: "file" });
  });
  afterAll(() => lab?.stop());

  const received = async (node: LabNode): Promise<number> =>
    Number((await node.replicaStatus())?.Read_Master_Log_Pos ?? 0);

  test("counts as applied once nothing more comes and the applier has read everything that is whole", async () => {
    const [source, replica] = [lab.node("db1"), lab.node("db2")];
    await source.query("CREATE TABLE shop.large (id BIGINT AUTO_INCREMENT PRIMARY KEY, text LONGTEXT) ENGINE=InnoDB");
    await waitFor("the table", async () => (await replica.query("SHOW TABLES FROM shop LIKE 'large'")).length > 0);
    await replica.query("STOP SLAVE");
    // Slow enough that most of it is under way still, whatever else the machine does meanwhile.
    await replica.query("SET GLOBAL read_binlog_speed_limit=500");
    await replica.query("START SLAVE");
    await waitUntilReplicating(replica);
    const start = await received(replica);
    await source.withAdmin(async (session) => {
      await session.query("BEGIN");
      for (let row = 0; row < ROWS; row += 1)
        await session.query(`INSERT INTO shop.large (text) VALUES (REPEAT('x', ${ROW_BYTES}))`);
      await session.query("COMMIT");
    });
    await waitFor("a part of it", async () => (await received(replica)) > start + ROW_BYTES);
    await source.kill();

    const { name, host, port } = replica;
    const { user, password } = labAccounts.ops;
    const writer = createMysqlWriter({
      name,
      host,
      port,
      heartbeatTable: null,
      access: {
        user,
        password: { secret: password },
        tls: { mode: "off", caFile: null, certFile: null, keyFile: null },
        connectTimeoutMs: 3_000,
      },
    });
    const bounds = (timeoutMs: number) => ({ signal: new AbortController().signal, timeoutMs });
    const drain = { kind: "drain-relay", node: name, channel: "", by: "file" } as const;
    try {
      // As long as its receiver runs, the rest may still come.
      await expect(writer.execute({ ...drain, timeoutSeconds: 3 }, bounds(10_000))).rejects.toMatchObject({
        kind: "timeout",
      });
      await writer.execute(
        { kind: "replication", node: name, action: "stop", thread: "io", channel: "" },
        bounds(10_000),
      );
      // Half of it is there: neither all of what was sent, nor nothing.
      expect(await received(replica)).toBeLessThan(start + ROWS * ROW_BYTES);
      const { notices } = await writer.execute({ ...drain, timeoutSeconds: 20 }, bounds(30_000));
      expect(notices.join(" ")).toMatch(/received .*, applied .*: what lies between is a transaction/);
    } finally {
      await writer.close();
    }
    await replica.query("STOP SLAVE");
    expect(await replica.query("SELECT COUNT(*) AS n FROM shop.large")).toEqual([{ n: 0 }]);
  });
});
