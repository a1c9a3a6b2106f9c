/** A tile is this high, and this far from the next; the style sheet says so, too. In CSS pixels. */
export const TILE_PX = 104;
export const GAP_PX = 8;
const PITCH_PX = TILE_PX + GAP_PX;
/** Rows beyond the window that are made, too, so that a scroll does not outrun them. */
const SPARE = 3;

/** Which of many tiles a window needs, and how high what is above it and all of it are. */
export interface TilesWindow {
  /** From inclusive, to exclusive. */
  readonly from: number;
  readonly to: number;
  readonly above: number;
  readonly height: number;
}

export function tilesWindow(count: number, columns: number, top: number, height: number): TilesWindow {
  const rows = Math.ceil(count / columns);
  const first = Math.min(Math.max(0, Math.floor(top / PITCH_PX) - SPARE), Math.max(0, rows - 1));
  const last = Math.min(rows, Math.ceil((top + height) / PITCH_PX) + SPARE);
  return {
    from: first * columns,
    to: Math.min(count, Math.max(last, first) * columns),
    above: first * PITCH_PX,
    height: Math.max(0, rows * PITCH_PX - GAP_PX),
  };
}
