/** So many frames that cannot be parsed, within a minute, cost the connection (protocol §1.2). */
const TOLERATED = 10;
const WINDOW_MS = 60_000;

/** Counts the frames of one connection that could not be parsed. */
export class MalformedLimit {
  private readonly times: number[] = [];

  /** Counts one. Returns whether the device has sent too many by now. */
  count(nowMs: number): boolean {
    this.times.push(nowMs);
    if (this.times.length > TOLERATED) this.times.shift();
    const first = this.times[0] ?? nowMs;
    return this.times.length === TOLERATED && nowMs - first < WINDOW_MS;
  }
}
