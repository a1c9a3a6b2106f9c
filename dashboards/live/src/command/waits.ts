const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** How long a command may wait for a device that is offline, ms. */
export const WAITS_MS: readonly number[] = [10 * MINUTE, HOUR, 6 * HOUR, 24 * HOUR, 7 * 24 * HOUR];
/** What is proposed of these. */
export const WAIT_MS = HOUR;
