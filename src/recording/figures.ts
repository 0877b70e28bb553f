/** The figures of all servers of a HAProxy from picture to picture: ages grow by one and counters hardly move, so differences are nearly all 0 or 1. */

/** `0`: as before. `[0, values]`: whole, null where unknown. `[1, differences]`: null where it became unknown, `[value]` where no difference tells it. */
export type FiguresPatch = 0 | readonly [0 | 1, readonly unknown[]];

/** Values that stand for the same figure of each server lie together: figures of a kind change in the same way. */
const COLUMNS = 12;

export function buildFigures(before: Float64Array | null, after: Float64Array): FiguresPatch {
  if (before === null || before.length !== after.length) return [0, inColumns(after, (value) => toJson(value))];
  let isSame = true;
  const differences = inColumns(after, (value, index) => {
    const old = before[index] ?? Number.NaN;
    if (Object.is(value, old)) return 0;
    isSame = false;
    if (Number.isNaN(value)) return null;
    const difference = value - old;
    const isExact = [value, old, difference].every(Number.isSafeInteger);
    return isExact ? difference : [value];
  });
  return isSame ? 0 : [1, differences];
}

/** @throws Error when the patch was not made for `before` */
export function applyFigures(before: Float64Array | null, patch: unknown): Float64Array {
  if (patch === 0 && before !== null) return before;
  if (!Array.isArray(patch) || !Array.isArray(patch[1])) throw new Error("figures: not understood");
  const [how, values] = patch as [unknown, readonly unknown[]];
  if (how === 0) return fromColumns(values, (value) => toFigure(value));
  if (how !== 1 || before === null || before.length !== values.length)
    throw new Error("figures: not for these servers");
  return fromColumns(values, (value, index) => {
    if (value === null) return Number.NaN;
    if (Array.isArray(value)) return toFigure(value[0]);
    const old = before[index] ?? Number.NaN;
    return value === 0 ? old : old + toFigure(value);
  });
}

function inColumns(figures: Float64Array, map: (value: number, index: number) => unknown): unknown[] {
  const out: unknown[] = [];
  for (let column = 0; column < COLUMNS; column += 1) {
    for (let index = column; index < figures.length; index += COLUMNS)
      out.push(map(figures[index] ?? Number.NaN, index));
  }
  return out;
}

function fromColumns(values: readonly unknown[], map: (value: unknown, index: number) => number): Float64Array {
  const figures = new Float64Array(values.length);
  let next = 0;
  for (let column = 0; column < COLUMNS; column += 1) {
    for (let index = column; index < figures.length; index += COLUMNS) {
      figures[index] = map(values[next], index);
      next += 1;
    }
  }
  return figures;
}

const toJson = (value: number): number | null => (Number.isNaN(value) ? null : value);

function toFigure(value: unknown): number {
  if (value === null) return Number.NaN;
  if (typeof value !== "number" || !Number.isFinite(value)) throw new Error("figures: no number");
  return value;
}
