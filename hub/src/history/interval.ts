const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Widths that people read off a time axis without counting, in ms. */
const WIDTHS: readonly number[] = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
  ...[1, 2, 7, 14, 28].map((days) => days * DAY),
];

/**
 * The width of a bucket, in ms: the smallest of a row of round widths with which the buckets that touch the
 * range are at most `points`. Buckets begin at multiples of it since 1970, so a range that moves on
 * keeps its buckets. `from` inclusive, `to` exclusive, ms since 1970.
 */
export function bucketInterval(from: number, to: number, points: number): number {
  const fits = (width: number) => Math.floor((to - 1) / width) - Math.floor(from / width) < points;
  const found = WIDTHS.find(fits);
  if (found !== undefined) return found;
  let width = 28 * DAY;
  while (!fits(width)) width *= 2;
  return width;
}
