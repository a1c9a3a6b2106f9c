/** So many intervals are learned from; fewer than that, less one, tell nothing yet. */
const KEPT = 10;
/** Readings that come closer together are rows of one message, or of a backlog. */
const TOGETHER_MS = 100;
/** No interval shorter than this is told: a pause of three of them would be no news. */
const SHORTEST_MS = 1_000;
/** Pauses that are so much longer than the usual interval are part of the rhythm, when they come more than once. */
const PAUSE_FACTOR = 3;
/** The device's time may run so much ahead of the hub's between two readings that were held up unequally. */
const HELD_UP_MS = 1_000;
/** So many readings in a row from before the newest one are no backlog: the device's clock was set back. */
const SET_BACK = 30;

/**
 * Learns how often a device sends, from its last ten intervals. Jitter does not matter, nor does one outage or one
 * burst. A device that sends several messages and then pauses is expected once a pause. A backlog does not count: its
 * readings come faster than they were measured, or are older than what has come.
 */
export class Arrivals {
  readonly #intervals: number[] = [];
  /** When the last reading that counts was received, and its own time; ms. 0 before the first. */
  #receivedMs = 0;
  #timeMs = 0;
  #late = 0;
  #learned: number | null = null;

  /** ms between readings; null while unknown. */
  get intervalMs(): number | null {
    return this.#learned;
  }

  /** What an earlier run has learned: it holds until enough has come. */
  restore(intervalMs: number | null): void {
    this.#learned = intervalMs;
  }

  /** Takes in a reading: when it was received, and what its own time is; ms. */
  note(receivedMs: number, timeMs: number): void {
    const received = receivedMs - this.#receivedMs;
    if (received < TOGETHER_MS && received > -TOGETHER_MS) return;
    const measured = timeMs - this.#timeMs;
    const isFirst = this.#receivedMs === 0;
    if (measured < 0 && ++this.#late < SET_BACK) return;
    const isBacklog = measured < 0 || measured > 2 * received + HELD_UP_MS;
    this.#late = 0;
    this.#receivedMs = receivedMs;
    this.#timeMs = timeMs;
    if (isFirst || isBacklog) return;
    this.#intervals.push(received);
    if (this.#intervals.length > KEPT) this.#intervals.shift();
    if (this.#intervals.length >= KEPT - 1) this.#learned = usual(this.#intervals);
  }
}

function usual(intervals: readonly number[]): number {
  const sorted = [...intervals].sort((a, b) => a - b);
  const median = sorted[sorted.length >> 1] ?? 0;
  // The longest may have been an outage.
  const pause = sorted.at(-2) ?? 0;
  return Math.max(SHORTEST_MS, Math.round(pause > PAUSE_FACTOR * median ? pause : median));
}
