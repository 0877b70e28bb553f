import { describe, test } from "vitest";
import { engineState, type LabNode, labAccounts, type ServerEngineName, startLab } from "../lab/index.ts";
import { describeLiveMysqlReader, type LiveMysqlSubject } from "./mysql-reader.suite.ts";

interface Words {
  readonly flavor: "mariadb" | "mysql";
  readonly version: string;
  readonly sourceStatus: string;
  readonly executedGtid: string;
}

type ReadEngine = Exclude<ServerEngineName, "mariadb-plugins">;

const engines: Readonly<Record<ReadEngine, Words>> = {
  "mariadb-10.11": {
    flavor: "mariadb",
    version: "10.11.",
    sourceStatus: "SHOW MASTER STATUS",
    executedGtid: "@@global.gtid_binlog_pos",
  },
  "mariadb-11.8": {
    flavor: "mariadb",
    version: "11.8.",
    sourceStatus: "SHOW MASTER STATUS",
    executedGtid: "@@global.gtid_binlog_pos",
  },
  "mysql-9.7": {
    flavor: "mysql",
    version: "9.",
    sourceStatus: "SHOW BINARY LOG STATUS",
    executedGtid: "@@global.gtid_executed",
  },
  "mysql-5.6": {
    flavor: "mysql",
    version: "5.6.",
    sourceStatus: "SHOW MASTER STATUS",
    executedGtid: "@@global.gtid_executed",
  },
};

async function startSubject(engine: ReadEngine): Promise<LiveMysqlSubject> {
  const lab = await startLab({ topology: "r1", engine });
  const nodes: Readonly<Record<"source" | "replica", LabNode>> = { source: lab.node("db1"), replica: lab.node("db3") };
  const { flavor, version, sourceStatus, executedGtid } = engines[engine];
  let sequence = 0;
  return {
    flavor,
    version,
    ...nodes,
    attached: 3,
    ops: labAccounts.ops,
    viewer: labAccounts.viewer,
    nopriv: labAccounts.nopriv,
    statements: { sourceStatus, executedGtid },
    stop: () => lab.stop(),
    ask: (node, sql) => nodes[node].query(sql),
    write: async () => {
      await nodes.source.query(`INSERT INTO shop.orders (writer, seq) VALUES (1, ${++sequence})`);
    },
    setApplier: (run) => (run ? nodes.replica.startApplier() : nodes.replica.stopApplier()),
    setReceiver: (run) => (run ? nodes.replica.startReceiver() : nodes.replica.stopReceiver()),
    breakApplier: nodes.replica.breakApplier,
    repairApplier: nodes.replica.repairApplier,
    freeze: (node) => nodes[node].freeze(),
    thaw: (node) => nodes[node].thaw(),
    restart: (node) => nodes[node].restart(),
    setAlive: (node, alive) => (alive ? nodes[node].start() : nodes[node].kill()),
    fillConnections: (node) => nodes[node].fillConnections(),
  };
}

for (const engine of Object.keys(engines) as ReadEngine[]) {
  const { available, reason } = engineState(engine);
  if (available) describeLiveMysqlReader(engine, () => startSubject(engine));
  // Counted as skipped and named: an engine that could not be had must never look as if it had passed.
  else describe(`MySQL reader on ${engine}`, () => test(`is not tested: ${reason}`, (context) => context.skip(reason)));
}
