/** Below this the two clocks count as equal: the `Date` header has whole seconds. */
const NOTICEABLE_MS = 2_000;

/**
 * How far the hub's clock is from this machine's, from the `Date` header (RFC 9110 §6.6.1) of its answers.
 * A viewer's clock that is minutes off would otherwise show every device as stale, or fresh for ever.
 */
export class ClockOffset {
  #offsetMs = 0;

  /** Takes one answer's `Date`, between the local times of asking and of the answer. */
  learn(date: string | null, askedAt: number, answeredAt: number): void {
    const stamped = date === null ? Number.NaN : Date.parse(date);
    if (Number.isNaN(stamped)) return;
    // The header is cut to the second: on average it is half a second behind.
    const offset = stamped + 500 - (askedAt + answeredAt) / 2;
    this.#offsetMs = Math.abs(offset) < NOTICEABLE_MS ? 0 : offset;
  }

  /** Now, by the hub's clock, in ms since 1970. */
  now(): number {
    return Date.now() + this.#offsetMs;
  }
}
