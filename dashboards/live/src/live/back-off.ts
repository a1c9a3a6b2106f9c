const FIRST_MS = 500;
const MOST_MS = 15_000;

/**
 * How long to wait before the next try: doubling from half a second to 15 s, with a quarter of jitter, so that
 * a restarted hub is not met by all its viewers in one second.
 * @param tries failed tries so far, 0 for the first
 * @param random in [0, 1)
 */
export function backOffMs(tries: number, random: number): number {
  const base = Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(tries, 10));
  return Math.round(base * (0.75 + random * 0.5));
}
