import type { Watermark } from './types.js';

/** So many missing ranges are remembered for a boot. The oldest beyond are given up: taken as received. */
export const MAX_GAPS = 64;

type Gap = readonly [first: number, last: number];

/** The watermark of a boot of which nothing was received yet. */
export function emptyWatermark(boot: string): Watermark {
  return { boot, high: 0, gaps: [] };
}

/**
 * What a message number is to a boot: `new` above everything received, `late` when it falls into a gap (it is
 * stored), `duplicate` when it was received before.
 */
export function classify(mark: Watermark | undefined, seq: number): 'new' | 'late' | 'duplicate' {
  if (mark === undefined || seq > mark.high) return 'new';
  for (const [first, last] of mark.gaps) {
    if (seq < first) return 'duplicate';
    if (seq <= last) return 'late';
  }
  return 'duplicate';
}

/**
 * The watermark after messages `first` to `last` (both included, 1 ≤ first ≤ last) were received too. Numbers
 * that are skipped become a gap, also those below the first message ever seen. Pure: the hub's admission and
 * the journal's recovery share it.
 */
export function applyRange(mark: Watermark, first: number, last: number): Watermark {
  assertRange(first, last);
  const { boot, high } = mark;
  if (first === high + 1) return { boot, high: last, gaps: mark.gaps };
  const gaps: Gap[] = first <= high ? without(mark.gaps, first, last) : [...mark.gaps, [high + 1, first - 1]];
  return {
    boot,
    high: Math.max(high, last),
    gaps: gaps.length > MAX_GAPS ? gaps.slice(gaps.length - MAX_GAPS) : gaps,
  };
}

/** @throws RangeError unless 1 ≤ first ≤ last, both whole numbers that a float64 holds exactly */
export function assertRange(first: number, last: number): void {
  if (first >= 1 && first <= last && Number.isSafeInteger(first) && Number.isSafeInteger(last)) return;
  throw new RangeError(`not a range of message numbers: ${first} to ${last}`);
}

function without(gaps: readonly Gap[], first: number, last: number): Gap[] {
  const left: Gap[] = [];
  for (const gap of gaps) {
    if (gap[1] < first || gap[0] > last) {
      left.push(gap);
      continue;
    }
    if (gap[0] < first) left.push([gap[0], first - 1]);
    if (gap[1] > last) left.push([last + 1, gap[1]]);
  }
  return left;
}
