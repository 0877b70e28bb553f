/** Wires operations to the real drivers: the only place that knows both. */
import { buildHaproxyCommand } from "../drivers/haproxy/change-command.ts";
import { buildMoveArgv, formatArgv } from "../drivers/host/move-argv.ts";
import { createHostWriter } from "../drivers/host/writer.ts";
import { commandTextFor } from "../drivers/mysql/command.ts";
import { createMysqlInspector } from "../drivers/mysql/inspector.ts";
import { createMysqlProbes } from "../drivers/mysql/probes/probes.ts";
import { createMysqlReader } from "../drivers/mysql/reader.ts";
import { createMysqlWriter } from "../drivers/mysql/writer.ts";
import { describeSqlProxyCommand } from "../drivers/sql-proxy/command.ts";
import type { ClusterInput } from "../model/join.ts";
import type { Settings } from "../model/settings.ts";
import { systemClock } from "../monitor/clock.ts";
import { type ChangingDrivers, createClusterPorts } from "../operations/cluster-ports.ts";
import { createJournal, type Journal } from "../operations/journal/journal.ts";
import {
  type Environment,
  selectHomeDir,
  selectHost,
  selectJournalDir,
  selectOperator,
} from "../operations/journal/place.ts";
import { createOperations, type Operations } from "../operations/operations.ts";
import type { ClusterPorts } from "../operations/ports.ts";
import { openDrivers, type RealDrivers } from "./drivers.ts";
import { createMoveReaderOpener } from "./hosts.ts";

function buildChangingDrivers(drivers: RealDrivers): ChangingDrivers {
  const { reach, openHaproxyWriter, stickTables, runOnHost, findHaproxyConfig } = drivers;
  return {
    openHaproxyWriter,
    openMysqlWriter: (target) => createMysqlWriter(reach(target)),
    openHostWriter(host) {
      const run = runOnHost(host);
      return run === null ? null : createHostWriter(host.name, run);
    },
    hostCommand: (change) => formatArgv(buildMoveArgv(change)),
    openInspector: (target) => createMysqlInspector(reach(target)),
    createProbes: (cluster, nodeTarget) =>
      createMysqlProbes({
        cluster,
        nodeTarget: (name) => {
          const target = nodeTarget(name);
          return target === null ? null : reach(target);
        },
      }),
    haproxyCommand: (change, settings, server) =>
      settings.location.kind === "sql-admin"
        ? describeSqlProxyCommand(change, settings, server)
        : buildHaproxyCommand(change),
    mysqlCommand: commandTextFor,
    stickTables: (settings, bounds) => stickTables(settings, bounds),
    async writtenServers(settings, pid, bounds) {
      const { found } = await findHaproxyConfig(settings, pid, bounds);
      // Which of its lines count is known to HAProxy alone.
      return found === null || found.config.hasConditions ? null : found.serverLines;
    },
  };
}

export interface RealOperationsOptions {
  readonly env?: Environment;
  /** What a running monitor knows of a cluster; left out, operations look for themselves. */
  readonly base?: (cluster: string) => ClusterInput | null;
  /** Drivers of a running monitor, so that both go through the same SSH sessions; left out, operations have their own and end them. */
  readonly drivers?: RealDrivers;
  /** Puts something between operations and the servers, e.g. a cut at a given change. */
  readonly wrapPorts?: (ports: ClusterPorts) => ClusterPorts;
}

/** The journal of this machine; reading it needs no right to change anything. */
export function openJournal(env: Environment = process.env): Journal {
  return createJournal({ dir: selectJournalDir(env, selectHomeDir(env)), host: selectHost() });
}

/** Null when started read-only: then no object exists that could change a server. Connects to nothing before the first plan. */
export function openOperations(settings: Settings, options: RealOperationsOptions = {}): Operations | null {
  if (settings.readOnly) return null;
  const env = options.env ?? process.env;
  const { base, wrapPorts = (ports) => ports, drivers = openDrivers(settings) } = options;
  const clusters = new Map(
    settings.clusters.map((cluster) => {
      const ports = createClusterPorts({
        settings: cluster,
        clock: systemClock,
        openHaproxy: drivers.parts.openHaproxy,
        openMysql: (target) => createMysqlReader(drivers.reach(target), { settingsMaxAgeMs: 0 }),
        openHost: createMoveReaderOpener(drivers.runOnHost),
        base: base === undefined ? null : () => base(cluster.name),
        drivers: buildChangingDrivers(drivers),
      });
      return [cluster.name, wrapPorts(ports)];
    }),
  );
  const operations = createOperations({
    clusters,
    journal: openJournal(env),
    operator: selectOperator(env),
    host: selectHost(),
  });
  return options.drivers === undefined ? closingBoth(operations, drivers) : operations;
}

function closingBoth(operations: Operations, drivers: RealDrivers): Operations {
  const close = operations.close.bind(operations);
  return Object.assign(operations, { close: () => close().finally(() => drivers.close()) });
}
