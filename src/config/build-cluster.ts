import { dirname } from "node:path";
import type { ClusterSettings, NodeSettings, ReaderAddress, WriterSettings } from "../model/settings.ts";
import { type BuildContext, buildAccess, buildAccount } from "./build-access.ts";
import { buildHaproxy } from "./build-haproxy.ts";
import type { Located } from "./decode/value.ts";
import { expandPath } from "./paths.ts";
import type { ClusterRecord, MysqlRecord, NodeRecord } from "./schema.ts";

export const LAG_SECONDS = { warningSeconds: 5, criticalSeconds: 30 };
export const PROMOTION_SECONDS = { maxLagSeconds: 10, writeStopBudgetSeconds: 30, lockWaitSeconds: 5 };

/** One cluster with every default applied. Wrong values were reported by the decoders: what is missing here is never used. */
export async function buildCluster(
  cluster: ClusterRecord,
  fileMysql: Partial<MysqlRecord>,
  context: BuildContext,
): Promise<ClusterSettings> {
  const levels = [fileMysql, cluster.mysql?.value ?? {}];
  const [access, haproxies, nodes, replication] = await Promise.all([
    buildAccess(levels, context),
    Promise.all((cluster.haproxy?.value ?? []).map((haproxy) => buildHaproxy(haproxy.value, context))),
    Promise.all((cluster.nodes?.value ?? []).map((node) => buildNode(node.value, levels, context))),
    cluster.replication === undefined ? null : buildAccount(cluster.replication.value, context),
  ]);
  return {
    name: cluster.name?.value ?? "",
    haproxies: haproxies.flat(),
    nodes,
    access,
    writer: buildWriter(cluster),
    readers: cluster.readers?.value.map(({ value }) => value.backend?.value ?? "") ?? null,
    ...buildReaderAddresses(cluster),
    replication,
    heartbeatTable: cluster.heartbeat?.value.table?.value ?? null,
    heartbeatClock: cluster.heartbeat?.value.utc?.value === true ? "utc" : "local",
    floatingIp: cluster.floating_ip?.value.address?.value ?? null,
    lag: buildLag(cluster),
    promotion: buildPromotion(cluster),
    alertHook: buildHook(cluster.hooks?.value.alert, context),
  };
}

async function buildNode(
  node: NodeRecord,
  levels: readonly Partial<MysqlRecord>[],
  context: BuildContext,
): Promise<NodeSettings> {
  return {
    name: node.name?.value ?? "",
    host: node.address?.value.host ?? "",
    port: node.address?.value.port ?? 3306,
    access: await buildAccess(node.mysql === undefined ? levels : [...levels, node.mysql.value], context),
    servers: node.servers?.value.map((server) => server.value) ?? [],
    ssh: node.ssh?.value ?? null,
    priority: node.priority?.value ?? "neutral",
  };
}

function buildWriter({ writer, multi_writer }: ClusterRecord): WriterSettings | null {
  const backend = writer?.value.backend;
  if (writer === undefined || backend === undefined) return null;
  return {
    backend: backend.value,
    address: writer.value.address?.value ?? null,
    multiWriter: writer.value.multi_writer?.value ?? multi_writer?.value ?? false,
  };
}

function buildReaderAddresses({ readers }: ClusterRecord): Pick<ClusterSettings, "readerAddresses"> {
  const readerAddresses = (readers?.value ?? []).flatMap(({ value: { backend, address } }): ReaderAddress[] =>
    backend === undefined || address === undefined ? [] : [{ backend: backend.value, ...address.value }],
  );
  return readerAddresses.length === 0 ? {} : { readerAddresses };
}

function buildLag({ lag }: ClusterRecord): ClusterSettings["lag"] {
  return {
    warningSeconds: toSeconds(lag?.value.warning, LAG_SECONDS.warningSeconds),
    criticalSeconds: toSeconds(lag?.value.critical, LAG_SECONDS.criticalSeconds),
  };
}

function buildPromotion({ promotion }: ClusterRecord): ClusterSettings["promotion"] {
  return {
    maxLagSeconds: toSeconds(promotion?.value.max_lag, PROMOTION_SECONDS.maxLagSeconds),
    writeStopBudgetSeconds: toSeconds(promotion?.value.write_stop_budget, PROMOTION_SECONDS.writeStopBudgetSeconds),
    lockWaitSeconds: toSeconds(promotion?.value.lock_wait, PROMOTION_SECONDS.lockWaitSeconds),
  };
}

function toSeconds(durationMs: Located<number> | undefined, defaultSeconds: number): number {
  return durationMs === undefined ? defaultSeconds : durationMs.value / 1000;
}

/** A hook is a command line; only a leading `~/` or `./` is a path to expand. */
function buildHook(hook: Located<string> | undefined, { around }: BuildContext): string | null {
  if (hook === undefined) return null;
  if (!/^(~|\.{1,2})\//.test(hook.value)) return hook.value;
  const [program = "", ...rest] = hook.value.split(" ");
  return [expandPath(program, dirname(hook.place.file), around.homeDir), ...rest].join(" ");
}
