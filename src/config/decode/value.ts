/** A YAML node together with where it stands: what every decoder takes. */
import { type Document, isAlias, isMap, isScalar, isSeq, type LineCounter, type Node } from "yaml";
import type { Place, ProblemList } from "../config-error.ts";

/** One parsed file. */
export interface YamlSource {
  readonly file: string;
  readonly document: Document;
  readonly lineCounter: LineCounter;
  readonly problems: ProblemList;
}

export interface Value {
  readonly source: YamlSource;
  /** Alias already followed; null for a key without value. */
  readonly node: Node | null;
  readonly place: Place;
  /** Dotted path such as `clusters[0].lag.warning`; empty for the whole file. */
  readonly path: string;
}

/** A decoded value that still knows where it was written, for checks that come later. */
export interface Located<T> {
  readonly value: T;
  readonly place: Place;
  readonly path: string;
}

/** Turns a value into T, or reports a problem and returns undefined. Never throws. */
export type Decoder<T> = (value: Value) => T | undefined;

export function placeAt(source: YamlSource, offset: number): Place {
  const { line, col } = source.lineCounter.linePos(offset);
  return { file: source.file, line, column: col };
}

/** The value of a node; `fallback` is the place of a node that has none of its own (a key without value). */
export function createValue(source: YamlSource, node: unknown, path: string, fallback: Place): Value {
  const written = isAlias(node) || isScalar(node) || isMap(node) || isSeq(node) ? node : null;
  const empty = written === null || (isScalar(written) && written.value === null && (written.source ?? "") === "");
  const place = empty || !written.range ? fallback : placeAt(source, written.range[0]);
  if (!isAlias(written)) return { source, node: written, place, path };
  const target = written.resolve(source.document) ?? null;
  if (target === null) {
    source.problems.add(
      place,
      `${path} begins with * but no anchor of that name stands before it`,
      "quote the text if no alias is meant",
    );
  }
  return { source, node: target, place, path };
}

/** What a value is, in words, for messages that must not repeat the value itself. */
export function describeKind(value: Value): string {
  const { node } = value;
  if (isMap(node)) return "a map";
  if (isSeq(node)) return "a list";
  if (isScalar(node))
    return node.value === null ? "nothing" : typeof node.value === "string" ? "a text" : `a ${typeof node.value}`;
  return "nothing";
}

/** Reports a problem of the value as a whole; the message follows the path of the value. */
export function reject(value: Value, message: string, hint: string | null = null): undefined {
  // An alias without anchor was reported when the value was made.
  value.source.problems.add(value.place, value.path === "" ? message : `${value.path} ${message}`, hint);
  return undefined;
}
