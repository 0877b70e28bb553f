/** MySQL GTID sets: `uuid:1-7:9,uuid:3`, in order of the uuids. */
import { uuidOf } from "./gtid.ts";
import type { GtidPosition } from "./state.ts";

/** uuid → intervals in order, apart from each other. */
export type GtidSet = ReadonlyMap<string, readonly (readonly [from: number, to: number])[]>;

const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

function parseIntervals(parts: readonly string[]): [number, number][] | null {
  const found: [number, number][] = [];
  for (const part of parts) {
    const [, from, to = from] = /^(\d+)(?:-(\d+))?$/.exec(part.trim()) ?? [];
    if (from === undefined || Number(from) < 1) return null;
    if (Number(to) >= Number(from)) found.push([Number(from), Number(to)]);
  }
  return found;
}

function merge(intervals: readonly (readonly [number, number])[]): [number, number][] {
  const merged: [number, number][] = [];
  for (const [from, to] of [...intervals].sort(([left], [right]) => left - right)) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}

/** Null for a text that is none. */
export function parseGtidSet(text: string): GtidSet | null {
  const set = new Map<string, (readonly [number, number])[]>();
  for (const part of text.split(",").map((word) => word.trim().toLowerCase())) {
    if (part === "") continue;
    const [name = "", ...numbers] = part.split(":").map((word) => word.trim());
    const intervals = parseIntervals(numbers);
    if (!uuid.test(name) || numbers.length === 0 || intervals === null) return null;
    set.set(name, merge([...(set.get(name) ?? []), ...intervals]));
  }
  return set;
}

/** What is in the first and not in the second. */
export function subtractGtidSet(left: GtidSet, right: GtidSet): GtidSet {
  const rest = new Map<string, (readonly [number, number])[]>();
  for (const [name, intervals] of left) {
    let remaining = [...intervals];
    for (const [from, to] of right.get(name) ?? [])
      remaining = remaining.flatMap(([start, end]): (readonly [number, number])[] => [
        ...(start < from ? [[start, Math.min(end, from - 1)] as const] : []),
        ...(end > to ? [[Math.max(start, to + 1), end] as const] : []),
      ]);
    if (remaining.length > 0) rest.set(name, remaining);
  }
  return rest;
}

/** One line per server, as the server prints it. */
export function formatGtidSet(set: GtidSet): string {
  return [...set]
    .filter(([, intervals]) => intervals.length > 0)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, all]) => `${name}:${all.map(([from, to]) => (from === to ? from : `${from}-${to}`)).join(":")}`)
    .join(",\n");
}

/** @param from first sequence of each domain; 1 where nothing is said */
export function toGtidSet(position: GtidPosition, from?: ReadonlyMap<number, number>): GtidSet {
  return new Map(
    [...position].map(([domain, { sequence }]) => [uuidOf(domain), [[from?.get(domain) ?? 1, sequence] as const]]),
  );
}
