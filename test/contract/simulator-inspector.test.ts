/** What a promotion asks of a node before it begins, through the ordinary inspector: the simulated servers know every question. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { MysqlInspector } from "../../src/drivers/contract.ts";
import { createMysqlInspector } from "../../src/drivers/mysql/inspector.ts";
import { type Simulator, startSimulator } from "../../src/simulator/index.ts";
import { rotateBinlog } from "../../src/simulator/world/binlog.ts";
import { type ProductName, productNames } from "../../src/simulator/world/state.ts";
import { waitFor } from "../lab/wait.ts";

/** What the servers answer differently. */
const answers: Readonly<Record<ProductName, { preflight: object; hidden: string[]; grant: string }>> = {
  mariadb: {
    preflight: {
      settings: { binlogFormat: "MIXED", binlogChecksum: "CRC32", gtidStrict: "OFF" },
      privilegedAccounts: [{ account: "'admin'@'%'", privilege: "READ_ONLY ADMIN" }],
      oldestBinlogGtid: "",
      canPersist: false,
    },
    hidden: ["privileged accounts", "events"],
    grant: "REPLICATION SLAVE ADMIN",
  },
  mysql: {
    preflight: {
      settings: { binlogFormat: "ROW", binlogChecksum: "CRC32", gtidMode: "ON", enforceGtidConsistency: "ON" },
      // Nobody passes super_read_only.
      privilegedAccounts: [],
      canPersist: true,
      persistedReadOnly: null,
    },
    hidden: ["events"],
    grant: "REPLICATION_SLAVE_ADMIN",
  },
};

describe.each(productNames)("inspecting the simulator, %s", (product) => {
  const expected = answers[product];
  let simulator: Simulator;
  const inspectors: MysqlInspector[] = [];

  function inspect(name: string, user = "ops", password = "demo-ops"): MysqlInspector {
    const node = simulator.nodes.find((candidate) => candidate.name === name);
    if (node === undefined) throw new Error(`no node ${name}`);
    const tls = { mode: "off", caFile: null, certFile: null, keyFile: null } as const;
    const access = { user, password: { secret: password }, tls, connectTimeoutMs: 2_000 };
    const inspector = createMysqlInspector({ name, host: node.host, port: node.port, access, heartbeatTable: null });
    inspectors.push(inspector);
    return inspector;
  }

  const bounds = () => ({ signal: new AbortController().signal, timeoutMs: 5_000 });

  beforeAll(async () => {
    simulator = await startSimulator({ product, incidents: false });
  });
  afterAll(async () => {
    for (const inspector of inspectors.splice(0)) inspector.close();
    await simulator.stop();
  });

  it("answers a whole preflight without a problem", async () => {
    const preflight = await inspect("db1").preflight(bounds());
    expect(preflight.problems).toEqual([]);
    expect(preflight).toMatchObject({
      ...expected.preflight,
      preparedXa: [],
      eventScheduler: "on",
      events: [{ schema: "shop", name: "purge_carts", status: "enabled" }],
      binlogFilters: [],
      missingGrants: [],
      rivals: [],
      refusedKinds: [],
    });
    // Clients commit at once: whoever is seen at it is seen for less than a second.
    expect(preflight.work?.every(({ kind, seconds }) => kind === "statement" && seconds === 0)).toBe(true);
    expect(preflight.freeConnections).toBeGreaterThan(100);
  });

  it("shows an account without rights only what it may see, and that is said", async () => {
    const preflight = await inspect("db1", "viewer", "demo-viewer").preflight(bounds());
    expect(preflight.problems.map(({ part }) => part)).toEqual(expect.arrayContaining(expected.hidden));
    expect(preflight.events).toBeNull();
    expect(preflight.missingGrants?.map(({ grant }) => grant).join()).toContain(expected.grant);
  });

  it("tells whether anything was written after a position", async () => {
    const node = simulator.world.nodes.find(({ name }) => name === "db1");
    if (node === undefined) throw new Error("no db1");
    simulator.world.transactionsPerSecond = 0;
    const { file, pos } = node.binlog;
    const name = `mysql-bin.${String(file).padStart(6, "0")}`;
    expect(await inspect("db1").binlogTail({ file: name, pos }, bounds())).toMatchObject({ changesData: false });
    simulator.world.transactionsPerSecond = 40;
    await waitFor("a write", async () => node.binlog.pos > pos);
    rotateBinlog(node.binlog);
    expect(await inspect("db1").binlogTail({ file: name, pos }, bounds())).toMatchObject({ changesData: true });
  });
});
