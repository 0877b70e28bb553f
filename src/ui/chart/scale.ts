/** The upper end of a chart's scale. */

const STEPS = [1, 2, 5, 10];

/** The next of 1, 2, 5, 10, 20, 50, … that is not below any value and not below `floor`: noise stays low, and the scale changes rarely. */
export function selectHighest(values: readonly (number | null)[], floor: number): number {
  let highest = floor;
  for (const value of values) if (value !== null && value > highest) highest = value;
  const power = 10 ** Math.floor(Math.log10(highest));
  // A power of ten below the value may be a hair off it.
  const step = STEPS.find((each) => each * power >= highest * (1 - Number.EPSILON)) ?? 10;
  return Math.max(step * power, highest);
}
