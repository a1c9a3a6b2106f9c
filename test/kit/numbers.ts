/** How numbers that were read back differ from what they should be. Nothing but empty lists: not at all. */
export interface Difference {
  readonly missing: readonly number[];
  readonly twice: readonly number[];
  /** Numbers that nobody sent. */
  readonly strange: readonly number[];
}

export const NO_DIFFERENCE: Difference = { missing: [], twice: [], strange: [] };

/** A failure shows a few, not a hundred thousand. */
const SHOWN = 10;

/** Compares numbers in any order with 1 … `last`, each of which should be there once. */
export function compareNumbers(stored: Iterable<number>, last: number): Difference {
  const seen = new Set<number>();
  const twice: number[] = [];
  const strange: number[] = [];
  for (const n of stored) {
    if (seen.has(n)) twice.push(n);
    else if (!Number.isInteger(n) || n < 1 || n > last) strange.push(n);
    seen.add(n);
  }
  const missing: number[] = [];
  for (let n = 1; n <= last && missing.length < SHOWN; n++) if (!seen.has(n)) missing.push(n);
  return { missing, twice: twice.slice(0, SHOWN), strange: strange.slice(0, SHOWN) };
}
