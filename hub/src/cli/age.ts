const STEPS = [
  [1_000, 60, 's'],
  [60_000, 60, 'min'],
  [3_600_000, 48, 'h'],
  [86_400_000, Number.POSITIVE_INFINITY, 'd'],
] as const;

/** How long ago `timeMs` was, in the words of the page: `now`, `7 s`, `4 min`, `3 h`, `2 d`; `never` for null. */
export function age(timeMs: number | null, nowMs: number): string {
  if (timeMs === null) return 'never';
  const elapsedMs = nowMs - timeMs;
  if (elapsedMs < 1_000) return 'now';
  for (const [unitMs, limit, unit] of STEPS) {
    const count = Math.floor(elapsedMs / unitMs);
    if (count < limit) return `${count} ${unit}`;
  }
  return 'long ago';
}

/** When something ends, or that it has: `2026-01-01 00:00:00Z`, `expired 4 min ago`; `never` for null. */
export function expiry(timeMs: number | null, nowMs: number): string {
  if (timeMs === null) return 'never';
  if (timeMs > nowMs) return utc(timeMs);
  const elapsed = age(timeMs, nowMs);
  return elapsed === 'now' ? 'expired now' : `expired ${elapsed} ago`;
}

/** A time in UTC, to the second: `2026-01-01 00:00:00Z`; `-` for null. */
export function utc(timeMs: number | null): string {
  if (timeMs === null) return '-';
  return `${new Date(timeMs).toISOString().slice(0, 19).replace('T', ' ')}Z`;
}
