const SECOND = 1_000;
const MINUTE = 60 * SECOND;
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

const UNITS = { s: SECOND, m: MINUTE, h: HOUR, d: DAY } as const;

/** Keeps a span within what the recorder can show, in whole seconds, as an address tells it. */
export const fitSpan = (spanMs: number): number =>
  SECOND * Math.round(Math.max(LEAST_SPAN_MS, Math.min(MOST_SPAN_MS, spanMs)) / SECOND);

/** The shortest range that holds readings of this age. */
export function fittingSpan(ageMs: number): number {
  return (
    (RANGES.find(({ spanMs }) => spanMs >= ageMs) ?? RANGES[RANGES.length - 1])?.spanMs ?? DEFAULT_SPAN_MS
  );
}

/** The span that an address names, such as `6h` or `95s`; the default for one that it does not. */
export function spanOf(name: string | null): number {
  const [, count, unit] = /^(\d{1,7})([smhd])$/.exec(name ?? '') ?? [];
  if (count === undefined || unit === undefined) return DEFAULT_SPAN_MS;
  return fitSpan(Number(count) * UNITS[unit as keyof typeof UNITS]);
}

/** The name of a span for the address; null for the default. A span that was zoomed is told in seconds. */
export function rangeName(spanMs: number): string | null {
  if (spanMs === DEFAULT_SPAN_MS) return null;
  return RANGES.find((range) => range.spanMs === spanMs)?.name ?? `${Math.round(spanMs / SECOND)}s`;
}
