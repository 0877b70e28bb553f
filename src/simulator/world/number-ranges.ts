/** A set of whole numbers that mostly come in order: a few intervals however many they are. */
export interface NumberRanges {
  add(value: number): void;
  has(value: number): boolean;
  /** How many numbers from 1 to `last` are missing. */
  countMissing(last: number): number;
}

export function createNumberRanges(): NumberRanges {
  /** Pairs [first, last] in order, apart from each other. */
  const ranges: [number, number][] = [];
  /** Index of the last range that begins at or before `value`; -1 when there is none. */
  const find = (value: number): number => {
    let low = 0;
    let high = ranges.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      if ((ranges[middle]?.[0] ?? 0) <= value) low = middle + 1;
      else high = middle - 1;
    }
    return high;
  };
  const has = (value: number): boolean => value <= (ranges[find(value)]?.[1] ?? Number.NEGATIVE_INFINITY);
  return {
    has,
    add: (value) => {
      if (has(value)) return;
      const at = find(value);
      const before = ranges[at];
      const after = ranges[at + 1];
      if (before !== undefined && before[1] === value - 1) {
        before[1] = value;
        if (after !== undefined && after[0] === value + 1) {
          before[1] = after[1];
          ranges.splice(at + 1, 1);
        }
      } else if (after !== undefined && after[0] === value + 1) after[0] = value;
      else ranges.splice(at + 1, 0, [value, value]);
    },
    countMissing: (last) =>
      ranges.reduce((missing, [from, to]) => missing - Math.max(0, Math.min(to, last) - from + 1), last),
  };
}
