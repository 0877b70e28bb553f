/**
 * GTID sets of MySQL and Percona: `uuid:1-5:7,uuid2:tag:1-3`. Tags exist since 8.3. Transaction numbers reach 2^63-1, so they are
 * BigInt throughout: a number would silently round above 2^53.
 */
import { GtidParseError } from "./gtid-error.ts";

/** First and last transaction number, both included. */
export type Interval = readonly [bigint, bigint];

export interface MysqlGtidSet {
  readonly kind: "mysql";
  /** `uuid` or `uuid:tag`, lower case, to sorted intervals that neither overlap nor touch; no entry is empty. */
  readonly sources: ReadonlyMap<string, readonly Interval[]>;
}

const MAX_NUMBER = 2n ** 63n - 1n;
const INTERVAL = /^(\d{1,19})(?:-(\d{1,19}))?$/;
const TAG = /^[a-z_][a-z0-9_]{0,31}$/;

function parseUuid(text: string): string {
  const digits = text.replace(/^\{(.*)\}$/, "$1").replaceAll("-", "");
  if (!/^[0-9a-f]{32}$/.test(digits)) throw new GtidParseError("mysql", text, "no UUID");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function parseInterval(text: string, match: RegExpMatchArray): Interval {
  const first = BigInt(match[1] ?? "");
  const last = match[2] === undefined ? first : BigInt(match[2]);
  if (first < 1n || last > MAX_NUMBER) throw new GtidParseError("mysql", text, "number out of range");
  if (last < first) throw new GtidParseError("mysql", text, "interval runs backwards");
  return [first, last];
}

/** Sorts intervals and joins those that overlap or touch. */
export function mergeIntervals(intervals: readonly Interval[]): Interval[] {
  const sorted = [...intervals].sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
  const merged: Interval[] = [];
  for (const [first, last] of sorted) {
    const previous = merged.at(-1);
    if (previous !== undefined && first <= previous[1] + 1n) {
      if (last > previous[1]) merged[merged.length - 1] = [previous[0], last];
    } else merged.push([first, last]);
  }
  return merged;
}

/** @throws GtidParseError */
export function parseMysqlSet(text: string): MysqlGtidSet {
  const found = new Map<string, Interval[]>();
  for (const block of text.toLowerCase().replace(/\s+/g, "").split(",")) {
    if (block === "") continue;
    const [uuidText = "", ...items] = block.split(":");
    const uuid = parseUuid(uuidText);
    if (items.length === 0) throw new GtidParseError("mysql", block, "no transaction numbers");
    let key = uuid;
    for (const item of items) {
      const match = INTERVAL.exec(item);
      if (match !== null) {
        const list = found.get(key);
        if (list === undefined) found.set(key, [parseInterval(block, match)]);
        else list.push(parseInterval(block, match));
      } else if (TAG.test(item)) key = `${uuid}:${item}`;
      else throw new GtidParseError("mysql", block, `neither interval nor tag "${item.slice(0, 40)}"`);
    }
  }
  const sources = new Map<string, readonly Interval[]>();
  for (const [key, intervals] of found) sources.set(key, mergeIntervals(intervals));
  return { kind: "mysql", sources };
}

function subtractIntervals(from: readonly Interval[], minus: readonly Interval[]): Interval[] {
  const rest: Interval[] = [];
  let next = 0;
  for (const [first, last] of from) {
    let start = first;
    while (next < minus.length && (minus[next]?.[1] ?? 0n) < start) next += 1;
    for (let index = next; index < minus.length; index += 1) {
      const [cutFirst, cutLast] = minus[index] ?? [0n, 0n];
      if (cutFirst > last) break;
      if (cutFirst > start) rest.push([start, cutFirst - 1n]);
      start = cutLast + 1n;
      if (start > last) break;
    }
    if (start <= last) rest.push([start, last]);
  }
  return rest;
}

/** What is in `a` and not in `b`. */
export function subtractMysqlSet(a: MysqlGtidSet, b: MysqlGtidSet): MysqlGtidSet {
  const sources = new Map<string, readonly Interval[]>();
  for (const [key, intervals] of a.sources) {
    const minus = b.sources.get(key);
    const rest = minus === undefined ? intervals : subtractIntervals(intervals, minus);
    if (rest.length > 0) sources.set(key, rest);
  }
  return { kind: "mysql", sources };
}

export function unionMysqlSet(a: MysqlGtidSet, b: MysqlGtidSet): MysqlGtidSet {
  const sources = new Map(a.sources);
  for (const [key, intervals] of b.sources) {
    const own = sources.get(key);
    sources.set(key, own === undefined ? intervals : mergeIntervals([...own, ...intervals]));
  }
  return { kind: "mysql", sources };
}

export function countMysqlSet(set: MysqlGtidSet): bigint {
  let count = 0n;
  for (const intervals of set.sources.values()) for (const [first, last] of intervals) count += last - first + 1n;
  return count;
}

/** Canonical text as the server prints it (without newlines): UUIDs in order, untagged numbers first, then tags in order. */
export function formatMysqlSet(set: MysqlGtidSet): string {
  const blocks = new Map<string, string>();
  for (const key of [...set.sources.keys()].sort()) {
    const [uuid = "", tag] = key.split(":");
    const intervals = (set.sources.get(key) ?? []).map(([a, b]) => (a === b ? `${a}` : `${a}-${b}`)).join(":");
    blocks.set(uuid, `${blocks.get(uuid) ?? uuid}${tag === undefined ? "" : `:${tag}`}:${intervals}`);
  }
  return [...blocks.values()].join(",");
}

/** The part of the set whose origin (server UUID, lower case) passes the test. */
export function filterMysqlSet(set: MysqlGtidSet, keep: (uuid: string) => boolean): MysqlGtidSet {
  const sources = new Map<string, readonly Interval[]>();
  for (const [key, intervals] of set.sources) if (keep(key.slice(0, 36))) sources.set(key, intervals);
  return { kind: "mysql", sources };
}
