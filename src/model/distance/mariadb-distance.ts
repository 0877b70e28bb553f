import { readMariadbSet } from "../gtid/gtid-cache.ts";
import {
  filterMariadbSet,
  formatMariadbSet,
  type MariadbGtidSet,
  selectCommon,
  selectPositions,
  subtractMariadbSet,
  transactionsBehind,
  unionMariadbSet,
} from "../gtid/mariadb-set.ts";
import type { MysqlReport } from "../mysql.ts";
import type { DistanceDialect } from "./distance-dialect.ts";

function join(sets: readonly (MariadbGtidSet | null)[]): MariadbGtidSet | null {
  let joined: MariadbGtidSet | null = null;
  for (const set of sets) if (set !== null) joined = joined === null ? set : unionMariadbSet(joined, set);
  return joined;
}

/** Everything a node ever had: its binlog per (domain, server), and what it replicated without logging it. */
function readHistory(report: MysqlReport): MariadbGtidSet | null {
  const { binlogState, executed, replicaPos } = report.gtid;
  return join([readMariadbSet(binlogState), readMariadbSet(executed), readMariadbSet(replicaPos)]);
}

/** What a node offers its replicas: its binlog. Without log_slave_updates it hands on less than it has executed. */
function readOffered(report: MysqlReport): MariadbGtidSet | null {
  return readMariadbSet(report.gtid.executed);
}

/** True when both sets number the same domains, so that a missing domain is a gap and not "never told". */
function knowsDomains(reached: MariadbGtidSet, of: MariadbGtidSet): boolean {
  const domains = selectPositions(reached);
  return [...selectPositions(of).keys()].every((domain) => domains.has(domain));
}

/** MariaDB: progress per domain, errant ids per (domain, server); a domain's newest number alone hides an errant id below it. */
export const MARIADB_DISTANCE: DistanceDialect = {
  behind(source, replica) {
    const offered = readOffered(source);
    const sourceHistory = readHistory(source);
    const replicaHistory = readHistory(replica);
    if (offered === null || sourceHistory === null || replicaHistory === null) return null;
    const common = selectCommon(replicaHistory, sourceHistory);
    const replicated = readMariadbSet(replica.gtid.replicaPos);
    return transactionsBehind(offered, replicated === null ? common : unionMariadbSet(common, replicated));
  },
  backlog(replica, channel) {
    const received = readMariadbSet(channel.receivedGtid);
    const executed = join([readMariadbSet(channel.executedGtid), readMariadbSet(replica.gtid.replicaPos)]);
    if (received === null || executed === null || received.pairs.size === 0) return null;
    return knowsDomains(executed, received) ? transactionsBehind(received, executed) : null;
  },
  errant(source, replica, mayArrive) {
    const own = readMariadbSet(replica.gtid.binlogState);
    const known = readMariadbSet(source.gtid.binlogState);
    const sourceHistory = readHistory(source);
    if (own === null || known === null || sourceHistory === null) return null;
    const extra = subtractMariadbSet(own, sourceHistory);
    return formatMariadbSet(filterMariadbSet(extra, ({ server }) => !mayArrive({ uuid: null, serverId: server })));
  },
};
