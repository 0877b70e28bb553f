/** How large the parts of a tile can be: pure arithmetic on cells. */
import { listSizes, type TypeSize } from "./big-type.ts";
import { type Size, sizeHeight, textColumns } from "./block.ts";

export interface TilePlan {
  readonly name: Size;
  readonly health: Size;
  readonly fact: Size;
  readonly label: Size;
  /** Blank lines between the parts. */
  readonly gap: number;
  /** Lines of ordinary type that are left. */
  readonly textRows: number;
}

export interface TileWish {
  readonly columns: number;
  readonly rows: number;
  /** Null where it cannot be written large. */
  readonly name: string | null;
  readonly writer: string | null;
  readonly lag: string | null;
  readonly unicode: boolean;
  /** No other cluster is on the screen. */
  readonly alone: boolean;
  /** Widest pixels: what stays lit must be able to move off itself. */
  readonly mostAcross: number;
}

/** All healths have the size of the longest, so that it does not jump when one gets worse. */
const LONGEST_HEALTH = "CRITICAL";
/** A lag has the room of this at least, for the same reason. */
const USUAL_LAG = "59s";
export const FACT_GAP = 3;
export const NAME_GAP = 3;
/** The widest there is within a minute. */
const USUAL_MARK = "* 59s";
const MOST_SHARE = 0.4;

/** The plan with the largest type; facts are never larger than the health, the name never larger than the facts. */
export function planTile(wish: TileWish): TilePlan {
  const { columns, rows } = wish;
  const sizes: readonly Size[] = [...listSizes(wish.unicode).filter(({ across }) => across <= wish.mostAcross), null];
  const mostRows = Math.max(1, rows * MOST_SHARE);
  const healths = sizes.filter((size) => sizeHeight(size) <= mostRows && fits(LONGEST_HEALTH, size, columns));
  const plans = healths.flatMap((health) =>
    sizes
      .filter((fact) => sizeHeight(fact) <= sizeHeight(health) && fitsFacts(wish, fact))
      .flatMap((fact) =>
        sizes
          .filter((name) => sizeHeight(name) <= sizeHeight(fact) && fitsName(wish, name))
          .map((name) => ({ name, health, fact, label: chooseLabel(fact, sizes) })),
      ),
  );
  const gaps = rows >= 14 ? [1, 0] : [0];
  const leastText = countText(wish);
  const fitting = plans
    .flatMap((plan) => gaps.map((gap) => ({ ...plan, gap, textRows: rows - countRows(plan) - 3 * gap })))
    .filter(({ textRows }) => textRows >= leastText)
    .sort((a, b) => scorePlan(b) - scorePlan(a));
  const least = { name: null, health: null, fact: null, label: null, gap: 0, textRows: Math.max(0, rows - 3) };
  return fitting[0] ?? least;
}

/** Lines of text that are worth more than larger type: alone on the screen, what is wrong and what changed have to be told as well. */
function countText({ rows, alone }: TileWish): number {
  if (rows >= 30) return 6;
  if (rows >= 18 && alone) return 4;
  return rows >= 14 ? 2 : rows >= 4 ? 1 : 0;
}

type Sizes = Pick<TilePlan, "name" | "health" | "fact" | "label">;

/** In ordinary type the facts have their labels beside them. */
function countRows({ name, health, fact, label }: Sizes): number {
  const parts = fact === null ? [name, health, fact] : [name, health, fact, label];
  return parts.reduce((sum, size) => sum + sizeHeight(size), 0);
}

/** Lag and writer count most; then that the name is large at all, and that the parts do not touch. */
function scorePlan({ name, health, fact, gap }: Sizes & { readonly gap: number }): number {
  const parts = 3 * sizeHeight(health) + 4 * sizeHeight(fact) + 2 * sizeHeight(name);
  return parts + 8 * gap + (name === null ? 0 : 6);
}

/**
 * One plan for all tiles of a screen that have large names and facts, so that they look alike: the best of theirs that fits each of them.
 * Null without any.
 */
export function findCommonPlan(wishes: readonly TileWish[], plans: readonly TilePlan[]): TilePlan | null {
  const large = plans.filter(isLarge);
  const fitting = large.filter((plan) =>
    wishes.every((wish, index) => !isLarge(plans[index]) || (fitsName(wish, plan.name) && fitsFacts(wish, plan.fact))),
  );
  return fitting.sort((a, b) => scorePlan(b) - scorePlan(a))[0] ?? null;
}

/** True for a plan with large name and facts. */
export function isLarge(plan: TilePlan | undefined): boolean {
  return plan !== undefined && plan.name !== null && plan.fact !== null;
}

function fits(text: string | null, size: Size, columns: number): boolean {
  if (text === null) return size === null;
  const width = textColumns(text, size);
  return width !== null && (size === null || width <= columns);
}

/** The mark of a change stands beside the name, as large. */
function fitsName({ name, columns }: TileWish, size: Size): boolean {
  return fits(name, size, columns - NAME_GAP - (textColumns(USUAL_MARK, size) ?? 0));
}

function fitsFacts({ writer, lag, columns }: TileWish, size: Size): boolean {
  if (size === null) return true;
  if (writer === null || lag === null) return false;
  const widths = [textColumns(writer, size), Math.max(textColumns(lag, size) ?? 0, textColumns(USUAL_LAG, size) ?? 0)];
  return widths.every((width) => width !== null) && (widths[0] ?? 0) + (widths[1] ?? 0) + FACT_GAP <= columns;
}

/** Labels are read from near, unless everything is large. */
function chooseLabel(fact: Size, sizes: readonly Size[]): Size {
  const smallest = sizes.filter((size): size is TypeSize => size !== null).at(-1) ?? null;
  return smallest !== null && sizeHeight(fact) >= 3 * sizeHeight(smallest) ? smallest : null;
}
