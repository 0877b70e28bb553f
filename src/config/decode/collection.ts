import { isAlias, isMap, isScalar, isSeq, type Pair, type YAMLMap } from "yaml";
import { findNearMatch } from "../../model/near-match.ts";
import type { Place } from "../config-error.ts";
import { quoteValue } from "./scalar.ts";
import { createValue, type Decoder, describeKind, type Located, placeAt, reject, type Value } from "./value.ts";

export type Fields = Readonly<Record<string, Decoder<unknown>>>;

/** A decoded map: every key of the table, absent or wrong ones undefined. */
export type RecordOf<F extends Fields> = {
  readonly [K in keyof F]: Located<NonNullable<ReturnType<F[K]>>> | undefined;
};

interface Entry {
  readonly key: string;
  readonly keyPlace: Place;
  readonly node: unknown;
}

/** Keys that must be there. A key with a wrong value counts as there: its value is reported, once. */
export interface Needs<F extends Fields> {
  readonly all?: readonly (keyof F & string)[];
  /** At least one of these. */
  readonly oneOf?: readonly (keyof F & string)[];
}

/** A map whose keys are exactly those of the table; unknown keys and missing needed ones are problems. */
export function record<F extends Fields>(fields: F, needs: Needs<F> = {}): Decoder<RecordOf<F>> {
  const known = Object.keys(fields);
  return (value) => {
    if (!isMap(value.node))
      return reject(value, `must be a map, not ${describeKind(value)}`, `keys: ${known.join(", ")}`);
    const decoded: Record<string, Located<unknown>> = {};
    const seen = new Set<string>();
    for (const entry of listEntries(value, value.node)) {
      const decode = Object.hasOwn(fields, entry.key) ? fields[entry.key] : undefined;
      if (decode === undefined) {
        rejectKey(value, entry, known);
        continue;
      }
      // A key of the map itself stands before the same key of a merged map.
      if (seen.has(entry.key)) continue;
      seen.add(entry.key);
      const field = decodeEntry(value, entry, decode);
      if (field !== undefined) decoded[entry.key] = field;
    }
    rejectMissing(value, seen, needs);
    return decoded as RecordOf<F>;
  };
}

function decodeEntry(value: Value, entry: Entry, decode: Decoder<unknown>): Located<unknown> | undefined {
  const path = value.path === "" ? entry.key : `${value.path}.${entry.key}`;
  const field = createValue(value.source, entry.node, path, entry.keyPlace);
  const result = isLostAlias(entry.node, field) ? undefined : decode(field);
  return result === undefined ? undefined : { value: result, place: field.place, path };
}

function rejectMissing<F extends Fields>(
  value: Value,
  seen: ReadonlySet<string>,
  { all = [], oneOf = [] }: Needs<F>,
): void {
  for (const key of all) if (!seen.has(key)) reject(value, `needs the key "${key}"`);
  if (oneOf.length === 0 || oneOf.some((key) => seen.has(key))) return;
  reject(value, `needs the key ${oneOf.map((key) => `"${key}"`).join(" or ")}`);
}

/** A list of one kind of thing; `least` items at least. */
export function list<T>(decode: Decoder<T>, least = 0): Decoder<readonly Located<T>[]> {
  return (value) => {
    if (!isSeq(value.node))
      return reject(value, `must be a list, not ${describeKind(value)}`, 'begin each item with "- "');
    if (value.node.items.length < least) return reject(value, `needs at least ${least} item${least === 1 ? "" : "s"}`);
    const items: Located<T>[] = [];
    value.node.items.forEach((node, index) => {
      const item = createValue(value.source, node, `${value.path}[${index}]`, value.place);
      const result = isLostAlias(node, item) ? undefined : decode(item);
      if (result !== undefined) items.push({ value: result, place: item.place, path: item.path });
    });
    return items;
  };
}

/** A map or a plain text, e.g. `writer: write_nodes`; the text becomes the field `key` of the map. */
export function recordOrText<F extends Fields>(fields: F, key: keyof F & string): Decoder<RecordOf<F>> {
  const asRecord = record(fields, { all: [key] });
  return (value) => {
    if (!isScalar(value.node)) return asRecord(value);
    const result = fields[key]?.(value);
    if (result === undefined) return undefined;
    return { [key]: { value: result, place: value.place, path: value.path } } as unknown as RecordOf<F>;
  };
}

/** An alias without anchor was reported already: decoding its nothing would report it twice. */
function isLostAlias(written: unknown, value: Value): boolean {
  return isAlias(written) && value.node === null;
}

/** Keys of a map in order, those of maps merged with `<<` after them. */
function listEntries(value: Value, map: YAMLMap): Entry[] {
  const own: Entry[] = [];
  const merged: Entry[] = [];
  for (const pair of map.items) {
    const entry = readEntry(value, pair);
    if (entry === null) continue;
    if (entry.key !== "<<") own.push(entry);
    else merged.push(...listMerged(value, entry));
  }
  return [...own, ...merged];
}

function listMerged(value: Value, entry: Entry): Entry[] {
  const target = createValue(value.source, entry.node, "<<", entry.keyPlace);
  const maps = isSeq(target.node)
    ? target.node.items.map((item) => createValue(value.source, item, "<<", target.place).node)
    : [target.node];
  return maps.flatMap((node) => {
    if (!isMap(node)) {
      reject(target, "must name a map, or a list of maps");
      return [];
    }
    return node.items.flatMap((pair) => {
      const merged = readEntry(value, pair);
      return merged === null || merged.key === "<<" ? [] : [merged];
    });
  });
}

function readEntry(value: Value, pair: Pair<unknown, unknown>): Entry | null {
  if (!isScalar(pair.key)) {
    reject(value, "has a key that is not a plain word");
    return null;
  }
  const keyPlace = pair.key.range ? placeAt(value.source, pair.key.range[0]) : value.place;
  return { key: String(pair.key.value), keyPlace, node: pair.value };
}

function rejectKey(value: Value, entry: Entry, known: readonly string[]): void {
  const near = findNearMatch(entry.key, known);
  const where = value.path === "" ? "" : ` in ${value.path}`;
  const meant = near === null ? "" : ` (did you mean "${near}"?)`;
  value.source.problems.add(
    entry.keyPlace,
    `unknown key ${quoteValue(entry.key)}${where}${meant}`,
    `allowed: ${known.join(", ")}`,
  );
}
