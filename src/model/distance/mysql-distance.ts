import { readMysqlSet } from "../gtid/gtid-cache.ts";
import {
  countMysqlSet,
  filterMysqlSet,
  formatMysqlSet,
  type MysqlGtidSet,
  subtractMysqlSet,
} from "../gtid/mysql-set.ts";
import type { MysqlReport } from "../mysql.ts";
import type { DistanceDialect } from "./distance-dialect.ts";

/** gtid_executed; null with gtid_mode OFF, when the set is empty or old and says nothing about what was executed. */
function readExecuted(report: MysqlReport): MysqlGtidSet | null {
  if (report.gtid.mode?.toUpperCase().startsWith("OFF")) return null;
  return readMysqlSet(report.gtid.executed);
}

function subtract(a: MysqlGtidSet | null, b: MysqlGtidSet | null): MysqlGtidSet | null {
  return a === null || b === null ? null : subtractMysqlSet(a, b);
}

/** MySQL and Percona: plain sets of (uuid[:tag], number). */
export const MYSQL_DISTANCE: DistanceDialect = {
  behind(source, replica) {
    const missing = subtract(readExecuted(source), readExecuted(replica));
    return missing === null ? null : countMysqlSet(missing);
  },
  backlog(replica, channel) {
    const waiting = subtract(readMysqlSet(channel.receivedGtid), readExecuted(replica));
    return waiting === null ? null : countMysqlSet(waiting);
  },
  errant(source, replica, mayArrive) {
    const extra = subtract(readExecuted(replica), readExecuted(source));
    if (extra === null) return null;
    return formatMysqlSet(filterMysqlSet(extra, (uuid) => !mayArrive({ uuid, serverId: null })));
  },
};
