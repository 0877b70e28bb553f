/** Seeded random numbers (mulberry32): the same seed and the same steps give the same cluster, so that a run can be repeated. */
export interface Random {
  /** 0 ≤ n < 1. */
  next(): number;
  /** Whole number, min ≤ n ≤ max. */
  integer(min: number, max: number): number;
  /** Number of events in a time span in which `mean` are expected (Poisson for small means, rounded normal above). */
  count(mean: number): number;
  /** One element; throws on an empty list. */
  pick<T>(items: readonly T[]): T;
}

function drawPoisson(next: () => number, mean: number): number {
  const limit = Math.exp(-mean);
  let product = next();
  let count = 0;
  while (product > limit) {
    count += 1;
    product *= next();
  }
  return count;
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    next,
    integer: (min, max) => min + Math.floor(next() * (max - min + 1)),
    count: (mean) => {
      if (mean <= 0) return 0;
      if (mean < 30) return drawPoisson(next, mean);
      const normal = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
      return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal));
    },
    pick: (items) => {
      const item = items[Math.floor(next() * items.length)];
      if (item === undefined) throw new RangeError("pick from an empty list");
      return item;
    },
  };
}
