/** Whether one node has everything that another has: pure, from their reports. What cannot be compared is unknown, never contained. */
import { readMariadbSet, readMysqlSet } from "../../model/gtid/gtid-cache.ts";
import { containsGtid, formatGtid, type GtidSet, gtidKind, subtractGtid } from "../../model/gtid/gtid-set.ts";
import { type MariadbGtidSet, selectPositions } from "../../model/gtid/mariadb-set.ts";
import type { MysqlReport } from "../../model/mysql.ts";

export type Containment =
  | { readonly kind: "contained" }
  /** Transactions, or coordinates, that the other lacks. */
  | { readonly kind: "missing"; readonly what: string }
  | { readonly kind: "unknown"; readonly why: string };

const unknown = (why: string): Containment => ({ kind: "unknown", why });

function judgeSets(inner: GtidSet | null, outer: GtidSet | null): Containment {
  if (inner === null || outer === null) return unknown("one of them does not tell its transactions");
  if (inner.kind !== outer.kind) return unknown("they are servers of different kinds");
  if (containsGtid(outer, inner)) return { kind: "contained" };
  return { kind: "missing", what: formatGtid(subtractGtid(inner, outer)) };
}

const readSet = (report: MysqlReport, text: string | null): GtidSet | null =>
  gtidKind(report.flavor) === "mysql" ? readMysqlSet(text) : readMariadbSet(text);

/** Every transaction of `inner` by its origin. MariaDB: per (domain, server), since the position of a domain says nothing about a second writer in it. */
export function compareHistories(inner: MysqlReport, outer: MysqlReport): Containment {
  const text = ({ flavor, gtid }: MysqlReport) => (gtidKind(flavor) === "mysql" ? gtid.executed : gtid.binlogState);
  return judgeSets(readSet(inner, text(inner)), readSet(outer, text(outer)));
}

/** What replicas of one source have applied. MariaDB without a binary log of what is applied: the position of each domain. */
export function compareApplied(inner: MysqlReport, outer: MysqlReport): Containment {
  if (gtidKind(inner.flavor) === "mysql" || gtidKind(outer.flavor) === "mysql") return compareHistories(inner, outer);
  const logs = (report: MysqlReport) => report.logReplicaUpdates === true && report.gtid.binlogState !== null;
  if (logs(inner) && logs(outer)) return compareHistories(inner, outer);
  const has = readMariadbSet(inner.gtid.replicaPos);
  const other = readMariadbSet(outer.gtid.replicaPos);
  if (has === null || other === null) return unknown("one of them does not tell its position");
  const ahead = selectAhead(has, other);
  return ahead.length === 0 ? { kind: "contained" } : { kind: "missing", what: ahead.join(",") };
}

function selectAhead(inner: MariadbGtidSet, outer: MariadbGtidSet): string[] {
  const reached = selectPositions(outer);
  return [...selectPositions(inner).values()].flatMap(({ domain, server, sequence }) =>
    sequence > (reached.get(domain)?.sequence ?? 0n) ? [`${domain}-${server}-${sequence}`] : [],
  );
}

interface Coordinates {
  readonly file: string;
  readonly pos: number;
}

/** By executed coordinates of the same source. */
export function compareCoordinates(inner: MysqlReport, outer: MysqlReport, channel: string): Containment {
  const at = (report: MysqlReport): Coordinates | null => {
    const found = report.channels?.find(({ name }) => name === channel);
    if (found === undefined || found.executedFile === null || found.executedPos === null) return null;
    return { file: found.executedFile, pos: found.executedPos };
  };
  const one = at(inner);
  const other = at(outer);
  if (one === null || other === null) return unknown("one of them does not tell up to where it has applied");
  const order = compareFiles(one.file, other.file);
  if (order === null) return unknown(`${one.file} and ${other.file} are not of one source`);
  const isAhead = order > 0 || (order === 0 && one.pos > other.pos);
  return isAhead ? { kind: "missing", what: `up to ${one.file}:${one.pos}` } : { kind: "contained" };
}

/** By the number of the binary log; null for logs of different names. */
function compareFiles(one: string, other: string): number | null {
  const parse = (file: string) => /^(.*)\.(\d+)$/.exec(file);
  const [, base, number] = parse(one) ?? [];
  const [, otherBase, otherNumber] = parse(other) ?? [];
  if (base === undefined || base !== otherBase) return null;
  return Number(number) - Number(otherNumber);
}
