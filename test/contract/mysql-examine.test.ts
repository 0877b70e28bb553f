/** What only the doctor asks of a node, on real servers: its clock, and whether its read_only outlives a restart. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { examineNode } from "../../src/drivers/mysql/examine/examine.ts";
import type { MysqlTarget } from "../../src/drivers/mysql/target.ts";
import { describeEngine } from "../lab/describe-engine.ts";
import { type Lab, labAccounts, startLab } from "../lab/index.ts";

const ENGINES = [
  { engine: "mariadb-10.11", haproxy: "haproxy-2.6", origins: ["file", "run-time"] },
  { engine: "mysql-9.7", haproxy: "haproxy-3.2", origins: ["file", "run-time"] },
  { engine: "mysql-5.6", haproxy: "haproxy-2.6", origins: [null, null] },
] as const;

for (const { engine, haproxy, origins } of ENGINES) {
  describeEngine([engine, haproxy], `an examination of ${engine}`, () => {
    let lab: Lab;
    let target: MysqlTarget;

    beforeAll(async () => {
      lab = await startLab({ topology: "single", engine, haproxyEngine: haproxy });
      const { user, password } = labAccounts.ops;
      target = {
        name: "db1",
        host: "127.0.0.1",
        port: lab.node("db1").port,
        access: {
          user,
          password: { secret: password },
          tls: { mode: "preferred", caFile: null, certFile: null, keyFile: null },
          connectTimeoutMs: 3000,
        },
        heartbeatTable: null,
      };
    });
    afterAll(() => lab?.stop());

    const bounds = () => ({ signal: new AbortController().signal, timeoutMs: 5000 });

    it("tells the difference of the clocks, in our time and not in the server's time zone", async () => {
      await lab.node("db1").query("SET GLOBAL time_zone = '+11:00'");
      const { clockOffsetMs } = await examineNode(target, bounds());
      expect(Math.abs(clockOffsetMs ?? Number.NaN)).toBeLessThan(1000);
      const ahead = await examineNode(target, bounds(), () => Date.now() - 60_000);
      expect(Math.abs((ahead.clockOffsetMs ?? 0) - 60_000)).toBeLessThan(1000);
    });

    it("tells a read_only of the configuration file from one that was set at run time", async () => {
      const before = await examineNode(target, bounds());
      await lab.node("db1").setReadOnly(true);
      const after = await examineNode(target, bounds());
      expect([before.readOnlyOrigin, after.readOnlyOrigin]).toEqual(origins);
      expect(before.account).toBe("'ops'@'%'");
      expect(before.preflight.missingGrants).toEqual([]);
    });
  });
}
