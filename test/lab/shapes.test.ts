import { expect, it } from "vitest";
import { describeEngine } from "./describe-engine.ts";
import { type Lab, type LabOptions, startLab, waitFor } from "./index.ts";
import { queryPort } from "./probe.ts";

async function withLab(options: LabOptions, work: (lab: Lab) => Promise<void>): Promise<void> {
  const lab = await startLab(options);
  try {
    await work(lab);
  } finally {
    await lab.stop();
  }
}

async function expectWrittenRowOn(lab: Lab, ...names: string[]): Promise<void> {
  await queryPort(lab.writePort, "INSERT INTO shop.orders (writer, seq, at) VALUES (5, 5, NOW(6))");
  for (const name of names) {
    await waitFor(
      `the row on ${name}`,
      async () => (await lab.node(name).query("SELECT 1 FROM shop.orders WHERE writer=5")).length === 1,
    );
  }
}

describeEngine(["mariadb-10.11", "haproxy-2.6"], "the published shapes on MariaDB 10.11", () => {
  it("R2 feeds the leaves through a relay", () =>
    withLab({ topology: "r2" }, async (lab) => {
      expect((await lab.node("db4").source())?.name).toBe("db2");
      expect((await lab.node("db2").source())?.name).toBe("db1");
      await expectWrittenRowOn(lab, "db3", "db4");
    }));

  it("R3 is a pair that follows each other, one active and one backup", () =>
    withLab({ topology: "r3" }, async (lab) => {
      expect((await lab.node("db1").source())?.name).toBe("db2");
      expect((await lab.node("db2").source())?.name).toBe("db1");
      await expectWrittenRowOn(lab, "db2");
      await lab.haproxy().command("disable server MySQL/Primary");
      expect(await queryPort(lab.writePort, "SELECT @@server_id AS id")).toEqual([{ id: 2 }]);
    }));

  it("R4 writes to both primaries in turn, with keys that never meet, behind two HAProxies", () =>
    withLab({ topology: "r4" }, async (lab) => {
      expect(lab.haproxies.map(({ name }) => name)).toEqual(["lb1", "lb2"]);
      for (let i = 0; i < 6; i++)
        await queryPort(lab.writePort, "INSERT INTO shop.orders (writer, seq, at) VALUES (@@server_id, 1, NOW(6))");
      for (const node of lab.nodes) {
        await waitFor(
          `six rows on ${node.name}`,
          async () => (await node.query("SELECT id FROM shop.orders")).length === 6,
        );
      }
      const rows = await lab
        .node("db1")
        .query("SELECT writer, id % 2 AS odd, COUNT(*) AS n FROM shop.orders GROUP BY 1, 2 ORDER BY 1");
      expect(rows).toEqual(
        [
          { writer: 1, odd: 1, n: 3 },
          { writer: 2, odd: 0, n: 3 },
        ].map((row) => expect.objectContaining(row)),
      );
    }));

  it("R1 by file and position, with a writable backup", () =>
    withLab({ topology: "r1", positioning: "file", backupWritable: true }, async (lab) => {
      expect(await lab.node("db3").replicaStatus()).toMatchObject({ Using_Gtid: "No", Slave_IO_Running: "Yes" });
      expect(await lab.node("db2").query("SELECT @@read_only AS ro")).toEqual([{ ro: 0 }]);
      await expectWrittenRowOn(lab, "db3");
    }));
});

describeEngine(["mysql-9.7", "haproxy-3.2"], "R1 on MySQL 9.7 behind HAProxy 3.2", () => {
  it("replicates by GTID, and the faults do what they say", () =>
    withLab({ topology: "r1", engine: "mysql-9.7" }, async (lab) => {
      await expectWrittenRowOn(lab, "db2", "db3", "db4");
      const replica = lab.node("db3");
      expect(await replica.replicaStatus()).toMatchObject({ Auto_Position: 1, Replica_SQL_Running: "Yes" });
      expect(await replica.query("SELECT @@super_read_only AS fenced")).toEqual([{ fenced: 1 }]);
      const uuids = await Promise.all(
        lab.nodes.map(async (node) => (await node.query("SELECT @@server_uuid AS id"))[0]?.id),
      );
      expect(new Set(uuids).size).toBe(4);
      await replica.breakApplier();
      await replica.repairApplier();
      expect(await replica.query("SELECT @@super_read_only AS fenced")).toEqual([{ fenced: 1 }]);
      await replica.delayReplication(20);
      await replica.delayReplication(0);
      const before = lab.haproxy().pid;
      await lab.haproxy().reload();
      expect(lab.haproxy().pid).not.toBe(before);
      await replica.restart();
      await waitFor(
        "replication after the restart",
        async () => (await replica.replicaStatus())?.Replica_IO_Running === "Yes",
      );
    }));
});

describeEngine(["mariadb-11.8", "haproxy-3.0"], "R1 on MariaDB 11.8 behind HAProxy 3.0", () => {
  it("replicates by GTID", () =>
    withLab({ topology: "r1", engine: "mariadb-11.8" }, async (lab) => {
      await expectWrittenRowOn(lab, "db2", "db4");
      expect(await lab.node("db2").replicaStatus()).toMatchObject({ Using_Gtid: "Slave_Pos" });
    }));
});

describeEngine(["mysql-5.6", "haproxy-2.6"], "R1 on MySQL 5.6", () => {
  it("replicates by file and position, and the applier breaks and is repaired", () =>
    withLab({ topology: "r1", engine: "mysql-5.6", positioning: "file" }, async (lab) => {
      await expectWrittenRowOn(lab, "db2", "db4");
      await lab.node("db2").breakApplier();
      await lab.node("db2").repairApplier();
    }));
});
