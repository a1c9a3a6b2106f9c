import { FLAG } from './flags.js';

/** Before this no device of ours was running: 2020-01-01, ms since 1970. */
export const EARLIEST_MS = Date.UTC(2020, 0, 1);
/** How far ahead of the hub a device's clock may be, ms. */
export const AHEAD_MS = 600_000;

/** Whether a device's time can be believed (protocol §1.2 "Time"). Both in ms since 1970. */
export function isPlausible(timeMs: number, nowMs: number): boolean {
  return timeMs >= EARLIEST_MS && timeMs <= nowMs + AHEAD_MS;
}

/**
 * Makes the times of one message believable, in place, and says how, row by row.
 *
 * Times in seconds are multiplied. If any other time is off, the whole message keeps its spacing and its last
 * row is set to now; a row that would still be off after that is set to now as well.
 *
 * @param times non-negative integers, ms since 1970 as the device believes
 * @returns flags by row, or null when nothing was wrong
 */
export function repairTimes(times: number[], nowMs: number): Uint8Array | null {
  if (times.every((time) => isPlausible(time, nowMs))) return null;
  const flags = new Uint8Array(times.length);
  const isSeconds = (time: number) => !isPlausible(time, nowMs) && isPlausible(time * 1000, nowMs);
  if (times.every((time) => isPlausible(time, nowMs) || isSeconds(time))) {
    for (const [row, time] of times.entries()) {
      if (!isSeconds(time)) continue;
      times[row] = time * 1000;
      flags[row] = FLAG.seconds;
    }
    return flags;
  }
  const shift = nowMs - (times[times.length - 1] ?? nowMs);
  for (const [row, time] of times.entries()) {
    const moved = time + shift;
    times[row] = isPlausible(moved, nowMs) ? moved : nowMs;
    flags[row] = FLAG.clock;
  }
  return flags;
}
