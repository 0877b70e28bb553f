/** Transactions of nodes compared: who has what nobody else has, who has been handed more, what a log no longer holds. One object per GTID dialect. */
import type { DistanceDialect, TransactionOrigin } from "../../../model/distance/distance-dialect.ts";
import { MARIADB_DISTANCE } from "../../../model/distance/mariadb-distance.ts";
import { MYSQL_DISTANCE } from "../../../model/distance/mysql-distance.ts";
import { readMariadbSet, readMysqlSet } from "../../../model/gtid/gtid-cache.ts";
import {
  countGtid,
  formatGtid,
  type GtidKind,
  type GtidSet,
  gtidKind,
  isEmptyGtid,
  parseGtidSet,
  subtractGtid,
  unionGtid,
} from "../../../model/gtid/gtid-set.ts";
import { selectPositions, transactionsBehind } from "../../../model/gtid/mariadb-set.ts";
import { filterMysqlSet, subtractMysqlSet } from "../../../model/gtid/mysql-set.ts";
import type { MysqlReport, ReplicaChannel } from "../../../model/mysql.ts";
import type { NodePreflight } from "../../../model/preflight.ts";

type Source = { readonly report: MysqlReport; readonly preflight: NodePreflight | null };

interface HistoryDialect {
  readonly distance: DistanceDialect;
  /** Everything the replica has received or executed; null when it cannot be told. */
  readonly received: (replica: MysqlReport, channel: ReplicaChannel | null) => GtidSet | null;
  /** What `ahead` has and `behind` lacks, what `ahead` wrote by itself left out, in words; "" = nothing. */
  readonly lead: (ahead: GtidSet, behind: GtidSet, aheadUuid: string | null) => string;
  /** What the log of the source no longer holds and the replica lacks, in words; "" = nothing, null = cannot be told. */
  readonly purgedFor: (source: Source, replica: MysqlReport) => string | null;
}

function joinKnown(sets: readonly (GtidSet | null)[]): GtidSet | null {
  let joined: GtidSet | null = null;
  for (const set of sets) if (set !== null) joined = joined === null ? set : unionGtid(joined, set);
  return joined;
}

const MYSQL: HistoryDialect = {
  distance: MYSQL_DISTANCE,
  received(replica, channel) {
    const executed = readMysqlSet(replica.gtid.executed);
    const received = channel === null ? executed : readMysqlSet(channel.receivedGtid);
    return executed === null || received === null ? null : unionGtid(executed, received);
  },
  lead(ahead, behind, aheadUuid) {
    if (ahead.kind !== "mysql" || behind.kind !== "mysql") return describeSet(ahead);
    const own = aheadUuid?.toLowerCase() ?? null;
    const extra = filterMysqlSet(subtractMysqlSet(ahead, behind), (uuid) => uuid !== own);
    return isEmptyGtid(extra) ? "" : describeSet(extra);
  },
  purgedFor({ report }, replica) {
    const purged = readMysqlSet(report.gtid.purged);
    const executed = readMysqlSet(replica.gtid.executed);
    if (purged === null || executed === null) return null;
    const lacking = subtractGtid(purged, executed);
    return isEmptyGtid(lacking) ? "" : describeSet(lacking);
  },
};

const MARIADB: HistoryDialect = {
  distance: MARIADB_DISTANCE,
  received(replica, channel) {
    const position = readMariadbSet(replica.gtid.replicaPos);
    const received = channel === null ? position : readMariadbSet(channel.receivedGtid);
    return position === null || received === null ? null : unionGtid(position, received);
  },
  lead(ahead, behind) {
    if (ahead.kind !== "mariadb" || behind.kind !== "mariadb") return describeSet(ahead);
    const count = transactionsBehind(ahead, behind);
    return count === 0n
      ? ""
      : `${count} ${count === 1n ? "transaction" : "transactions"} up to ${shorten(formatGtid(ahead))}`;
  },
  purgedFor({ preflight }, replica) {
    const oldest = readMariadbSet(preflight?.oldestBinlogGtid ?? null);
    const reached = joinKnown([readMariadbSet(replica.gtid.replicaPos), readMariadbSet(replica.gtid.executed)]);
    if (oldest === null || reached?.kind !== "mariadb") return null;
    const at = selectPositions(reached);
    const gaps = [...selectPositions(oldest).values()].flatMap(({ domain, server, sequence }) => {
      const own = at.get(domain)?.sequence ?? 0n;
      return own >= sequence ? [] : [`domain ${domain} from ${own + 1n} to ${domain}-${server}-${sequence}`];
    });
    return gaps.join(", ");
  },
};

const DIALECTS: Readonly<Record<GtidKind, HistoryDialect>> = { mysql: MYSQL, mariadb: MARIADB };

const isComparable = (first: MysqlReport, second: MysqlReport): boolean =>
  gtidKind(first.flavor) === gtidKind(second.flavor);

function shorten(text: string): string {
  return text.length <= 160 ? text : `${text.slice(0, 100)}…${text.slice(-50)}`;
}

function describeSet(set: GtidSet): string {
  const ids = shorten(formatGtid(set));
  if (set.kind === "mariadb") return ids;
  const count = countGtid(set);
  return `${count} ${count === 1n ? "transaction" : "transactions"}: ${ids}`;
}

/** Where a node's transactions come from by rights: ids of these servers may be on their way still. */
export function originsOf(reports: readonly (MysqlReport | null)[], channels: readonly ReplicaChannel[] = []) {
  const uuids = new Set<string>();
  const serverIds = new Set<number>();
  for (const report of reports) {
    if (report?.serverUuid != null) uuids.add(report.serverUuid.toLowerCase());
    if (report?.serverId != null) serverIds.add(report.serverId);
  }
  for (const { sourceUuid, sourceServerId } of channels) {
    if (sourceUuid !== null) uuids.add(sourceUuid.toLowerCase());
    if (sourceServerId !== null) serverIds.add(sourceServerId);
  }
  return ({ uuid, serverId }: TransactionOrigin): boolean =>
    (uuid !== null && uuids.has(uuid)) || (serverId !== null && serverIds.has(serverId));
}

/**
 * Transactions of the node that no witness has and that cannot be on their way: in words, "" = none, null = cannot be told. A witness that
 * cannot be compared makes it unknown.
 */
export function describeExtra(
  node: MysqlReport,
  witnesses: readonly MysqlReport[],
  mayArrive: (origin: TransactionOrigin) => boolean,
): string | null {
  let left: GtidSet | null = null;
  for (const witness of witnesses) {
    if (!isComparable(node, witness)) return null;
    const text = DIALECTS[gtidKind(node.flavor)].distance.errant(witness, node, mayArrive);
    if (text === null) return null;
    const extra = parseGtidSet(text, node.flavor);
    // In both: what is left of the first after taking away what the second does not lack.
    left = left === null ? extra : subtractGtid(left, subtractGtid(left, extra));
  }
  if (left === null) return null;
  return isEmptyGtid(left) ? "" : describeSet(left);
}

export interface Received {
  readonly report: MysqlReport;
  readonly channel: ReplicaChannel | null;
}

/** What `ahead` has been handed and `behind` has not: in words, "" = nothing, null = cannot be told. */
export function describeLead(ahead: Received, behind: Received): string | null {
  if (!isComparable(ahead.report, behind.report)) return null;
  const dialect = DIALECTS[gtidKind(ahead.report.flavor)];
  const more = dialect.received(ahead.report, ahead.channel);
  const less = dialect.received(behind.report, behind.channel);
  return more === null || less === null ? null : dialect.lead(more, less, ahead.report.serverUuid);
}

/** What the binary log of the source no longer holds and the replica still needs: in words, "" = nothing, null = cannot be told. */
export function describePurged(source: Source, replica: MysqlReport): string | null {
  if (!isComparable(source.report, replica)) return null;
  return DIALECTS[gtidKind(replica.flavor)].purgedFor(source, replica);
}
