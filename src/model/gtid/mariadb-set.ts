/**
 * GTID lists of MariaDB: `domain-server-sequence`. A position (gtid_binlog_pos, gtid_slave_pos) has one entry per domain and means
 * "everything of this domain up to here"; a binlog state has one per (domain, server). Both are kept as the highest sequence number per
 * (domain, server) pair. Sequence numbers are unsigned 64-bit, hence BigInt.
 */
import { GtidParseError } from "./gtid-error.ts";

export interface MariadbGtid {
  readonly domain: number;
  readonly server: number;
  readonly sequence: bigint;
}

export interface MariadbGtidSet {
  readonly kind: "mariadb";
  /** `domain-server` to the newest id of the pair. */
  readonly pairs: ReadonlyMap<string, MariadbGtid>;
}

const GTID = /^(\d{1,10})-(\d{1,10})-(\d{1,20})$/;
const MAX_UINT32 = 2 ** 32 - 1;
const MAX_UINT64 = 2n ** 64n - 1n;

function parseMariadbGtid(text: string): MariadbGtid {
  const match = GTID.exec(text);
  if (match === null) throw new GtidParseError("mariadb", text, "no domain-server-sequence");
  const gtid = { domain: Number(match[1]), server: Number(match[2]), sequence: BigInt(match[3] ?? "") };
  if (gtid.domain > MAX_UINT32 || gtid.server > MAX_UINT32 || gtid.sequence > MAX_UINT64) {
    throw new GtidParseError("mariadb", text, "number out of range");
  }
  return gtid;
}

function buildSet(gtids: Iterable<MariadbGtid>): MariadbGtidSet {
  const pairs = new Map<string, MariadbGtid>();
  for (const gtid of gtids) {
    const key = `${gtid.domain}-${gtid.server}`;
    const known = pairs.get(key);
    if (known === undefined || known.sequence < gtid.sequence) pairs.set(key, gtid);
  }
  return { kind: "mariadb", pairs };
}

/** @throws GtidParseError */
export function parseMariadbSet(text: string): MariadbGtidSet {
  const parts = text.replace(/\s+/g, "").split(",");
  return buildSet(parts.filter((part) => part !== "").map(parseMariadbGtid));
}

/** Newest ids of `a` whose pair is further in `a` than in `b`: what `a` has and `b` lacks, named by its newest id. */
export function subtractMariadbSet(a: MariadbGtidSet, b: MariadbGtidSet): MariadbGtidSet {
  const pairs = new Map<string, MariadbGtid>();
  for (const [key, gtid] of a.pairs) {
    const other = b.pairs.get(key);
    if (other === undefined || other.sequence < gtid.sequence) pairs.set(key, gtid);
  }
  return { kind: "mariadb", pairs };
}

/** The further one of each pair. */
export function unionMariadbSet(a: MariadbGtidSet, b: MariadbGtidSet): MariadbGtidSet {
  return buildSet([...a.pairs.values(), ...b.pairs.values()]);
}

/** Newest id per domain; this is what replication progress is measured with, since sequence numbers rise per domain. */
export function selectPositions(set: MariadbGtidSet): ReadonlyMap<number, MariadbGtid> {
  const positions = new Map<number, MariadbGtid>();
  for (const gtid of set.pairs.values()) {
    const known = positions.get(gtid.domain);
    if (known === undefined || known.sequence < gtid.sequence) positions.set(gtid.domain, gtid);
  }
  return positions;
}

/** Sum of the newest sequence number of each domain: transactions since each domain began, when numbering began at 1. */
export function countMariadbSet(set: MariadbGtidSet): bigint {
  let count = 0n;
  for (const gtid of selectPositions(set).values()) count += gtid.sequence;
  return count;
}

/** Entries ordered by domain, then server. */
export function formatMariadbSet(set: MariadbGtidSet): string {
  return [...set.pairs.values()]
    .sort((a, b) => a.domain - b.domain || a.server - b.server)
    .map((gtid) => `${gtid.domain}-${gtid.server}-${gtid.sequence}`)
    .join(",");
}

export function filterMariadbSet(set: MariadbGtidSet, keep: (gtid: MariadbGtid) => boolean): MariadbGtidSet {
  return buildSet([...set.pairs.values()].filter(keep));
}

/**
 * Transactions `ahead` has and `behind` has not, per domain: the sum of the differences of sequence numbers. A domain `behind` lacks
 * counts in full. Exact while every number of a domain was used, which MariaDB does.
 */
export function transactionsBehind(ahead: MariadbGtidSet, behind: MariadbGtidSet): bigint {
  const reached = selectPositions(behind);
  let missing = 0n;
  for (const [domain, gtid] of selectPositions(ahead)) {
    const distance = gtid.sequence - (reached.get(domain)?.sequence ?? 0n);
    if (distance > 0n) missing += distance;
  }
  return missing;
}

/**
 * What `replica` holds of the history of `source`: its own entries, each cut down to what the source knows of the same (domain, server)
 * pair. Errant ids of the replica and ids it got after the source was read so never count as progress.
 */
export function selectCommon(replica: MariadbGtidSet, source: MariadbGtidSet): MariadbGtidSet {
  const common: MariadbGtid[] = [];
  for (const [key, gtid] of replica.pairs) {
    const known = source.pairs.get(key);
    if (known !== undefined) common.push(known.sequence < gtid.sequence ? known : gtid);
  }
  return buildSet(common);
}
