/** What nodes hold of the history of a primary, compared: sets by GTID, coordinates by file and position. Null: not comparable. */
import { readMariadbSet, readMysqlSet } from "../../../model/gtid/gtid-cache.ts";
import type { GtidSet } from "../../../model/gtid/gtid-set.ts";
import { countGtid, formatGtid, subtractGtid, unionGtid } from "../../../model/gtid/gtid-set.ts";
import { transactionsBehind } from "../../../model/gtid/mariadb-set.ts";
import type { Flavor, MysqlReport, ReplicaChannel } from "../../../model/mysql.ts";

export function readSet(text: string | null, flavor: Flavor): GtidSet | null {
  return flavor === "mariadb" ? readMariadbSet(text) : readMysqlSet(text);
}

function join(sets: readonly (GtidSet | null)[]): GtidSet | null {
  return sets.reduce(
    (joined, set) => (joined === null || set === null ? (joined ?? set) : unionGtid(joined, set)),
    null,
  );
}

/** All that was executed: by the log, and on MariaDB also what was replicated without being logged. */
export function executedBy(report: MysqlReport): GtidSet | null {
  const { executed, replicaPos } = report.gtid;
  return join([readSet(executed, report.flavor), readSet(replicaPos, report.flavor)]);
}

/** All that will be executed once the relay logs of the channel are applied. */
export function receivedBy(report: MysqlReport, channel: ReplicaChannel): GtidSet | null {
  return join([executedBy(report), readSet(channel.receivedGtid, report.flavor)]);
}

export function joinSets(sets: readonly (GtidSet | null)[]): GtidSet | null {
  return join(sets);
}

/** Transactions of `held` that `by` lacks. MariaDB counts per domain: within one, numbers rise whoever wrote. */
export function countMissing(held: GtidSet, by: GtidSet): bigint {
  if (held.kind === "mariadb" && by.kind === "mariadb") return transactionsBehind(held, by);
  return countGtid(subtractGtid(held, by));
}

export function describeMissing(held: GtidSet, by: GtidSet): string {
  return formatGtid(subtractGtid(held, by));
}

export interface Coordinates {
  readonly file: string;
  readonly pos: number;
}

export function coordinates(file: string | null, pos: number | null): Coordinates | null {
  return file === null || file === "" || pos === null ? null : { file, pos };
}

/** Above 0: `a` is further. Null: logs of different names cannot be compared. */
export function compareCoordinates(a: Coordinates, b: Coordinates): number | null {
  const parse = (file: string) => /^(.*\.)(\d+)$/.exec(file);
  const [left, right] = [parse(a.file), parse(b.file)];
  if (left === null || right === null) return a.file === b.file ? a.pos - b.pos : null;
  if (left[1] !== right[1]) return null;
  return Number(left[2]) - Number(right[2]) || a.pos - b.pos;
}
