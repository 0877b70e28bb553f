/**
 * The difference between two plain values (objects, arrays, texts, numbers, booleans, null) as one flat list, which crosses to another
 * thread several times faster than the values themselves: of a large cluster little more than ages and counters changes per tick.
 */

/** `[op, …]`, written by buildPatch and read by applyPatch, both depth first. */
export type Patch = readonly unknown[];

/** What follows: nothing, the value stays. Only as the whole of a patch. */
export const KEEP = 0;
/** The new value. */
export const SET = 1;
/** Pairs of key position and patch of that value, then END. */
export const OBJECT = 2;
/** The new length, pairs of index and patch, then END. */
export const ARRAY = 3;
/** How many go from the front, how many come at the end, and these. */
export const SHIFT = 4;
export const END = -1;

type Plain = Readonly<Record<string, unknown>>;

/** What makes `after` of `before`. Parts that are the same object are not looked into, so neither value may be changed in place. */
export function buildPatch(before: unknown, after: unknown): Patch {
  const out: unknown[] = [];
  if (Object.is(before, after) || !writeValue(before, after, out)) out.push(KEEP);
  return out;
}

/** Appends the patch and returns true, or appends nothing when the values are equal. */
function writeValue(before: unknown, after: unknown, out: unknown[]): boolean {
  if (typeof before === "object" && before !== null && typeof after === "object" && after !== null) {
    if (Array.isArray(after)) {
      if (Array.isArray(before)) return writeArray(before, after, out);
    } else if (!Array.isArray(before) && !ArrayBuffer.isView(after)) {
      return writeObject(before as Plain, after as Plain, out);
    }
  }
  out.push(SET, after);
  return true;
}

/**
 * Keys are told by their position among those of `before`; an object with other keys, or with the same in another order, is sent whole: what the
 * other side makes of a patch keeps the order of `before`, and the next patch counts by that of `after`.
 */
function writeObject(before: Plain, after: Plain, out: unknown[]): boolean {
  const start = out.push(OBJECT);
  const keys = Object.keys(after);
  let position = 0;
  for (const key in before) {
    if (keys[position] !== key) return rewrite(after, start, out);
    const [old, now] = [before[key], after[key]];
    if (!Object.is(old, now)) {
      out.push(position);
      if (!writeValue(old, now, out)) out.pop();
    }
    position += 1;
  }
  return position === keys.length ? close(start, out) : rewrite(after, start, out);
}

/** Takes back what was written since `start`, with its op, and sets the whole value. */
function rewrite(after: unknown, start: number, out: unknown[]): boolean {
  out.length = start - 1;
  out.push(SET, after);
  return true;
}

function writeArray(before: readonly unknown[], after: readonly unknown[], out: unknown[]): boolean {
  if (typeof after[0] !== "object" && !after.some((item) => typeof item === "object" && item !== null)) {
    return writeSamples(before, after, out);
  }
  if (writeMoved(before, after, out)) return true;
  out.push(ARRAY);
  const start = out.push(after.length);
  for (let index = 0; index < after.length; index += 1) {
    const [old, now] = [before[index], after[index]];
    if (index >= before.length) out.push(index, SET, now);
    else if (!Object.is(old, now)) {
      out.push(index);
      if (!writeValue(old, now, out)) out.pop();
    }
  }
  if (before.length !== after.length) return out.push(END) > 0;
  if (close(start, out)) return true;
  out.pop();
  return false;
}

/** A list of objects that lost some at its front or gained some at its end, and is made of the very same ones otherwise. */
function writeMoved(before: readonly unknown[], after: readonly unknown[], out: unknown[]): boolean {
  const dropped = before.indexOf(after[0]);
  const kept = before.length - dropped;
  if (dropped < 0 || kept > after.length || (dropped === 0 && kept === after.length)) return false;
  if (typeof after[0] !== "object" || !isTail(before, dropped, after)) return false;
  out.push(SHIFT, dropped, after.length - kept, ...after.slice(kept));
  return true;
}

/** Ends what began at `start`, or takes its op back when nothing was written since. */
function close(start: number, out: unknown[]): boolean {
  if (out.length > start) return out.push(END) > 0;
  out.pop();
  return false;
}

/** Lists without objects. Histories move on by one sample per tick. */
function writeSamples(before: readonly unknown[], after: readonly unknown[], out: unknown[]): boolean {
  if (before.length === after.length && isTail(before, 0, after)) return false;
  for (const dropped of [0, 1]) {
    const kept = before.length - dropped;
    if (kept > 0 && kept < after.length && isTail(before, dropped, after)) {
      out.push(SHIFT, dropped, after.length - kept, ...after.slice(kept));
      return true;
    }
  }
  out.push(SET, after);
  return true;
}

/** True when `after` begins with what `before` has from `from` on. */
function isTail(before: readonly unknown[], from: number, after: readonly unknown[]): boolean {
  for (let index = from; index < before.length; index += 1) {
    if (!Object.is(before[index], after[index - from])) return false;
  }
  return true;
}
