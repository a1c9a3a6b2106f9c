import type { Row } from './select.js';

/** A heading is this high at any width; a device's row follows the `--row` token. */
export const GROUP_PX = 36;

/** Where each row of a long list stands, so that only those in view are made. All in CSS pixels. */
export class RowsLayout {
  readonly #groups: readonly number[];
  readonly #count: number;
  readonly #rowPx: number;

  constructor(rows: readonly Row[], rowPx: number) {
    this.#groups = rows.flatMap((row, index) => (row.kind === 'group' ? [index] : []));
    this.#count = rows.length;
    this.#rowPx = rowPx;
  }

  get height(): number {
    return this.top(this.#count);
  }

  /** Where the row begins. */
  top(index: number): number {
    let groups = 0;
    for (const at of this.#groups) if (at < index) groups++;
    return index * this.#rowPx - groups * (this.#rowPx - GROUP_PX);
  }

  /** The rows that a window of the list needs: from inclusive, to exclusive, with a few to spare on each side. */
  window(top: number, height: number, spare = 5): { from: number; to: number } {
    // The few headings are lower than rows: together they shift what follows by less than the spare rows.
    const from = Math.max(0, Math.floor(top / this.#rowPx) - spare);
    const to = Math.max(0, Math.min(this.#count, Math.ceil((top + height) / this.#rowPx) + spare));
    return { from: Math.min(from, to), to };
  }
}
