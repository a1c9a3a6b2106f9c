const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The ranges of the recorder, in the order of the keys 1 to 6. `name` stands in the address. */
export const RANGES = [
  { name: '5m', title: '5 min', spanMs: 5 * MINUTE },
  { name: '1h', title: '1 h', spanMs: HOUR },
  { name: '6h', title: '6 h', spanMs: 6 * HOUR },
  { name: '24h', title: '24 h', spanMs: DAY },
  { name: '7d', title: '7 d', spanMs: 7 * DAY },
  { name: '30d', title: '30 d', spanMs: 30 * DAY },
] as const;

export const DEFAULT_SPAN_MS = HOUR;
/** Zooming goes no further in, nor out. */
export const LEAST_SPAN_MS = 10_000;
export const MOST_SPAN_MS = 30 * DAY;

/** The shortest range that holds readings of this age. */
export function fittingSpan(ageMs: number): number {
  return (
    (RANGES.find(({ spanMs }) => spanMs >= ageMs) ?? RANGES[RANGES.length - 1])?.spanMs ?? DEFAULT_SPAN_MS
  );
}

/** The span that an address names; the default for one that it does not. */
export function spanOf(name: string | null): number {
  return RANGES.find((range) => range.name === name)?.spanMs ?? DEFAULT_SPAN_MS;
}

/** The name of a span for the address; null for the default, and for a span that was zoomed. */
export function rangeName(spanMs: number): string | null {
  if (spanMs === DEFAULT_SPAN_MS) return null;
  return RANGES.find((range) => range.spanMs === spanMs)?.name ?? null;
}
