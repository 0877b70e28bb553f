/**
 * Checks of values that come from a file. A shape is bound to its type in both directions: a field that the model gets has to be told here, and
 * what is told has to be in the model.
 */

export interface Shape<T> {
  (value: unknown): boolean;
  /** Only for the compiler. */
  readonly type?: ((value: T) => T) | undefined;
}

const MAX_ITEMS = 100_000;

/** Values found right before: parts that did not change from one picture to the next are the same objects. */
function remember<T extends object>(check: (value: T) => boolean): (value: T) => boolean {
  const good = new WeakSet<T>();
  return (value) => {
    if (good.has(value)) return true;
    if (!check(value)) return false;
    good.add(value);
    return true;
  };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Longer ones would only slow the screen down; GTID sets and errors of servers are shorter. */
const MAX_TEXT = 1_000_000;
/** What a Date can hold, milliseconds. */
const MAX_TIME = 8_640_000_000_000_000;

export const text: Shape<string> = (value) => typeof value === "string" && value.length <= MAX_TEXT;
export const number: Shape<number> = (value) => typeof value === "number" && Number.isFinite(value);
export const time: Shape<number> = (value) => typeof value === "number" && Math.abs(value) <= MAX_TIME;
/** For what is drawn as that many cells. */
export const depth: Shape<number> = (value) => typeof value === "number" && value >= 0 && value <= 1_000;
export const flag: Shape<boolean> = (value) => typeof value === "boolean";

/** For parts that nothing shows: any object. */
export function unread<T extends object>(): Shape<T> {
  return isObject;
}

/** For words that are only shown, so that one of a later version is as good. */
export function anyWord<T extends string>(): Shape<T> {
  return (value) => typeof value === "string";
}

export function oneOf<const T extends string | boolean>(...values: readonly T[]): Shape<T> {
  return (value) => values.some((each) => each === value);
}

export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  return (value) => value === null || shape(value);
}

/** A field that may be absent; the compiler sees to it that only such fields are told so. */
export function optional<T>(shape: Shape<T>): Shape<T | undefined> {
  return (value) => value === undefined || shape(value);
}

/** For what is never recorded. */
export function absent<T>(): Shape<T> {
  return (value) => value === undefined;
}

export function either<A, B>(a: Shape<A>, b: Shape<B>): Shape<A | B> {
  return (value) => a(value) || b(value);
}

export function list<T>(shape: Shape<T>): Shape<readonly T[]> {
  const isGood = remember((value: readonly unknown[]) => value.length <= MAX_ITEMS && Array.from(value).every(shape));
  return (value) => Array.isArray(value) && isGood(value);
}

export function record<T extends object>(fields: { readonly [K in keyof T]-?: Shape<T[K]> }): Shape<T> {
  const entries = Object.entries(fields) as [string, Shape<unknown>][];
  const isGood = remember((value: Readonly<Record<string, unknown>>) =>
    entries.every(([key, shape]) => shape(Object.hasOwn(value, key) ? value[key] : undefined)),
  );
  return (value) => isObject(value) && isGood(value);
}

/** For a type that contains itself. */
export function lazy<T>(get: () => Shape<T>): Shape<T> {
  return (value) => get()(value);
}
