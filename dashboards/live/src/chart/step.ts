const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const STEPS_MS: readonly number[] = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  DAY,
];

/** No bucket is narrower on screen: a line through more would show noise, not the signal. */
const LEAST_PX = 3;

/** Width of a bucket for a view: the smallest step that keeps a bucket at 3 px or more. */
export function stepFor(spanMs: number, widthPx: number): number {
  const most = Math.max(1, widthPx / LEAST_PX);
  return STEPS_MS.find((step) => spanMs / step <= most) ?? DAY;
}

const TICKS_MS: readonly number[] = [
  ...[5, 15, 30].map((n) => n * SECOND),
  ...[1, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 5].map((n) => n * DAY),
];
const LEAST_LABEL_PX = 90;

/** Time between labels of the axis: enough room for each, and three at the least. */
export function tickFor(spanMs: number, widthPx: number): number {
  const most = Math.max(3, widthPx / LEAST_LABEL_PX);
  return TICKS_MS.find((tick) => spanMs / tick <= most) ?? 5 * DAY;
}
