/** A hub that asks for a longer wait than this is not believed: a slip must not silence a device for good. */
const LONGEST_RETRY_AFTER_MS = 3_600_000;

/** How long a device waits before it connects again. */
export interface ReconnectRange {
  readonly minMs: number;
  readonly maxMs: number;
}

/**
 * Exponential back-off with full jitter (M. Brooker, "Exponential Backoff And Jitter", AWS 2015), within the
 * range that the hub gave: attempt 0 waits `min` to 2 × `min`, each further one up to twice as long, up to
 * `max`. A `retryAfter` of the hub comes first; a little jitter on top keeps a fleet apart.
 */
export function reconnectDelay(
  attempt: number,
  range: ReconnectRange,
  random: () => number,
  retryAfterMs?: number,
): number {
  if (retryAfterMs !== undefined) {
    return Math.min(retryAfterMs, LONGEST_RETRY_AFTER_MS) + random() * range.minMs;
  }
  const ceiling = Math.min(range.maxMs, range.minMs * 2 ** Math.min(attempt + 1, 30));
  return range.minMs + random() * Math.max(0, ceiling - range.minMs);
}

/** The wait after a refusal that trying again does not mend: the longest, spread over its last tenth. */
export function longestDelay(range: ReconnectRange, random: () => number): number {
  return range.maxMs * (0.9 + 0.1 * random());
}

/** `Retry-After` in ms (RFC 9110 §10.2.3: seconds, or a date); undefined when it is neither. */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000;
  const date = /^[A-Z][a-z]{2}, /.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}
