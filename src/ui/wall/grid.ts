/** How many tiles fit, and how large they are: no smaller than can be read across a room. */
export interface Grid {
  readonly across: number;
  readonly down: number;
  readonly columns: number;
  readonly rows: number;
}

export interface Area {
  readonly columns: number;
  readonly rows: number;
}

export const TILE_GAP = 3;
const LEAST_COLUMNS = 34;
const LEAST_ROWS = 7;
/** Letters made of whole cells are twice as high. */
const LEAST_ASCII_ROWS = 13;

/** A cell is about twice as high as wide; a tile that is this much wider than high, counted so, uses its room best. */
const GOOD_SHAPE = 4;

/** The grid for `count` tiles; where not all fit, the one that holds most. Null when the area is too small for any. */
export function planGrid(count: number, area: Area, unicode: boolean): Grid | null {
  const leastColumns = Math.max(LEAST_COLUMNS, Math.floor(area.columns / 5));
  const leastRows = Math.max(unicode ? LEAST_ROWS : LEAST_ASCII_ROWS, Math.floor(area.rows / 4.5));
  const mostAcross = Math.floor((area.columns + TILE_GAP) / (leastColumns + TILE_GAP));
  const mostDown = Math.floor((area.rows + 1) / (leastRows + 1));
  if (mostAcross < 1 || mostDown < 1) return null;
  const grids = Array.from({ length: mostAcross }, (_, index) => {
    const across = index + 1;
    const down = Math.min(mostDown, Math.ceil(Math.max(1, count) / across));
    return {
      across,
      down,
      columns: Math.floor((area.columns - TILE_GAP * (across - 1)) / across),
      rows: Math.floor((area.rows - (down - 1)) / down),
    };
  });
  const most = Math.min(count, Math.max(...grids.map(({ across, down }) => across * down)));
  const fitting = grids.filter(({ across, down }) => across * down >= most);
  const badness = ({ columns, rows }: Grid) => Math.abs(Math.log(columns / rows / GOOD_SHAPE));
  return fitting.sort((a, b) => badness(a) - badness(b))[0] ?? null;
}
