/** One door to the two GTID algebras. Sets are immutable; numbers are BigInt (ids go beyond 2^53). */
import type { Flavor } from "../mysql.ts";
import { GtidKindError } from "./gtid-error.ts";
import {
  countMariadbSet,
  formatMariadbSet,
  type MariadbGtidSet,
  parseMariadbSet,
  subtractMariadbSet,
  unionMariadbSet,
} from "./mariadb-set.ts";
import {
  countMysqlSet,
  formatMysqlSet,
  type MysqlGtidSet,
  parseMysqlSet,
  subtractMysqlSet,
  unionMysqlSet,
} from "./mysql-set.ts";

export type GtidSet = MysqlGtidSet | MariadbGtidSet;
export type GtidKind = GtidSet["kind"];

const KINDS: Readonly<Record<Flavor, GtidKind>> = { mysql: "mysql", percona: "mysql", mariadb: "mariadb" };

/** Which algebra a server of this flavour speaks; only sets of one kind can be compared. */
export function gtidKind(flavor: Flavor): GtidKind {
  return KINDS[flavor];
}

/** @throws GtidParseError when the text is no GTID set of that flavour. "" is the empty set. */
export function parseGtidSet(text: string, flavor: Flavor): GtidSet {
  return gtidKind(flavor) === "mysql" ? parseMysqlSet(text) : parseMariadbSet(text);
}

function mixed(a: GtidSet, b: GtidSet): never {
  throw new GtidKindError(`cannot combine a ${a.kind} GTID set with a ${b.kind} one`);
}

/** What is in `a` and not in `b`. MariaDB: the newest id of each (domain, server) pair that is further in `a`. @throws GtidKindError */
export function subtractGtid(a: GtidSet, b: GtidSet): GtidSet {
  if (a.kind === "mysql" && b.kind === "mysql") return subtractMysqlSet(a, b);
  if (a.kind === "mariadb" && b.kind === "mariadb") return subtractMariadbSet(a, b);
  return mixed(a, b);
}

/** What is in `a` or in `b`. @throws GtidKindError */
export function unionGtid(a: GtidSet, b: GtidSet): GtidSet {
  if (a.kind === "mysql" && b.kind === "mysql") return unionMysqlSet(a, b);
  if (a.kind === "mariadb" && b.kind === "mariadb") return unionMariadbSet(a, b);
  return mixed(a, b);
}

export function isEmptyGtid(set: GtidSet): boolean {
  return set.kind === "mysql" ? set.sources.size === 0 : set.pairs.size === 0;
}

/** True when `a` holds everything of `b`. @throws GtidKindError */
export function containsGtid(a: GtidSet, b: GtidSet): boolean {
  return isEmptyGtid(subtractGtid(b, a));
}

/** True when both hold the same. @throws GtidKindError */
export function equalGtid(a: GtidSet, b: GtidSet): boolean {
  return containsGtid(a, b) && containsGtid(b, a);
}

/** Number of transactions; for MariaDB the sum of the newest sequence number per domain. */
export function countGtid(set: GtidSet): bigint {
  return set.kind === "mysql" ? countMysqlSet(set) : countMariadbSet(set);
}

/** Canonical text, without newlines. */
export function formatGtid(set: GtidSet): string {
  return set.kind === "mysql" ? formatMysqlSet(set) : formatMariadbSet(set);
}
