/** Where things go: pure arithmetic on terminal cells. */

/** Below this no pane can be read; a notice is drawn instead. */
export const MIN_COLUMNS = 60;
export const MIN_ROWS = 15;

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

export interface ScreenLayout {
  readonly tiny: boolean;
  readonly columns: number;
  readonly rows: number;
  readonly headerRows: number;
  /** Rows of the pane, table heading included. */
  readonly bodyRows: number;
  readonly alertRows: number;
  readonly footerRows: number;
}

/** Rows of the tour while it runs: a rule, and two lines of text. */
export const TOUR_ROWS = 3;

/**
 * Splits the terminal. Every part has a fixed height, so nothing jumps when data change; tall terminals give alerts more room.
 * @param barRows of the timeline above the footer
 */
export function layoutScreen(size: ScreenSize, barRows = 0): ScreenLayout {
  const { columns, rows } = size;
  const headerRows = 2;
  const footerRows = 1;
  const alertRows = rows < 20 ? 2 : rows < 36 ? 3 : rows < 60 ? 5 : 9;
  const bodyRows = Math.max(1, rows - headerRows - footerRows - alertRows - barRows);
  return {
    tiny: columns < MIN_COLUMNS || rows < MIN_ROWS,
    columns,
    rows,
    headerRows,
    bodyRows,
    alertRows,
    footerRows,
  };
}

export interface ColumnWish {
  readonly id: string;
  /** 0 is never left out; the higher, the earlier it goes when room is short. */
  readonly priority: number;
  /** Cells it needs to be of use. */
  readonly minWidth: number;
  /** Cells it would like. */
  readonly width: number;
  /** Share of the room that is left over; 0 takes none. */
  readonly grow: number;
}

export interface PlacedColumn {
  readonly id: string;
  readonly width: number;
}

/**
 * Chooses which columns fit into `width` cells (with `gap` cells between two) and how wide each is, in the given order.
 * Columns come in by priority at their wished width; the last that does not fit so may still come at its minimum.
 * Room left over goes to columns that grow.
 */
export function layoutColumns(wishes: readonly ColumnWish[], width: number, gap: number): PlacedColumn[] {
  const byPriority = wishes
    .map((wish, index) => ({ wish, index }))
    .sort((a, b) => a.wish.priority - b.wish.priority || a.index - b.index);
  const widths = new Map<string, number>();
  let room = width;
  for (const { wish } of byPriority) {
    const between = widths.size === 0 ? 0 : gap;
    const wanted = Math.max(wish.width, wish.minWidth);
    const possible = Math.min(wanted, room - between);
    // No less important column slips in where a more important one had no room.
    if (possible < wish.minWidth && wish.priority > 0) break;
    const given = Math.max(1, possible);
    if (given > room - between) break;
    widths.set(wish.id, given);
    room -= given + between;
  }
  return spread(wishes, widths, room);
}

function spread(wishes: readonly ColumnWish[], widths: ReadonlyMap<string, number>, room: number): PlacedColumn[] {
  const chosen = wishes.filter((wish) => widths.has(wish.id));
  let share = chosen.reduce((sum, wish) => sum + wish.grow, 0);
  let left = Math.max(0, room);
  return chosen.map((wish) => {
    const extra = wish.grow > 0 && share > 0 ? Math.floor((left * wish.grow) / share) : 0;
    share -= wish.grow;
    left -= extra;
    return { id: wish.id, width: (widths.get(wish.id) ?? 0) + extra };
  });
}

/** First visible row so that `index` is visible: moves the window as little as possible. */
export function scrollTo(top: number, index: number, visible: number, total: number): number {
  const highest = Math.max(0, total - visible);
  let next = top;
  if (index < next) next = index;
  if (index >= next + visible) next = index - visible + 1;
  return Math.min(highest, Math.max(0, next));
}
