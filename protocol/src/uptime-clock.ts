const HALF_WINDOW_MS = 1_800_000;
const WRAP_MS = 2 ** 32;
/** How much longer than the hub saw pass a wrap may have taken: messages are late, crystals are slow. */
const SLACK_MS = 86_400_000;

/**
 * Maps one boot's uptime to the wall clock (protocol §1.2 "Time").
 *
 * Every message says: at uptime u I was received at r. Delay only ever adds to r, so the smallest (r − u) is
 * the best estimate of when the device booted. It is taken over the last hour (two windows of half an hour),
 * so that a slow crystal is followed.
 */
export class UptimeClock {
  private current = Number.POSITIVE_INFINITY;
  private previous = Number.POSITIVE_INFINITY;
  private windowStart = 0;
  private wraps = 0;
  /** The highest uptime since the last wrap, and when it came. */
  private lastUptime = 0;
  private lastReceived = 0;

  /** Takes note of an uptime that was just received. Both in ms; `uptimeMs` as the device counts it. */
  observe(uptimeMs: number, receivedMs: number): void {
    const uptime = this.follow(uptimeMs, receivedMs);
    if (receivedMs - this.windowStart >= HALF_WINDOW_MS) {
      const isRecent = receivedMs - this.windowStart < 2 * HALF_WINDOW_MS;
      this.previous = isRecent ? this.current : Number.POSITIVE_INFINITY;
      this.current = Number.POSITIVE_INFINITY;
      this.windowStart = receivedMs;
    }
    this.current = Math.min(this.current, receivedMs - uptime);
  }

  /** The wall clock, ms since 1970, at an uptime of this boot. `observe` must have been called before. */
  toWallClock(uptimeMs: number): number {
    return Math.min(this.current, this.previous) + this.unwrap(uptimeMs);
  }

  /**
   * A 32-bit counter of milliseconds starts anew after 49.7 days: a fall by about 2^32 is that. It is only
   * where as much time has passed; otherwise the message is an old one.
   */
  private follow(uptimeMs: number, receivedMs: number): number {
    const hasFallen = uptimeMs < this.lastUptime - WRAP_MS / 2;
    const sinceLast = uptimeMs + WRAP_MS - this.lastUptime;
    if (hasFallen && sinceLast > receivedMs - this.lastReceived + SLACK_MS) return this.unwrap(uptimeMs);
    if (hasFallen) this.wraps++;
    const unwrapped = this.unwrap(uptimeMs);
    if (hasFallen || (uptimeMs > this.lastUptime && !this.isFromBeforeWrap(uptimeMs))) {
      this.lastUptime = uptimeMs;
      this.lastReceived = receivedMs;
    }
    return unwrapped;
  }

  private unwrap(uptimeMs: number): number {
    return uptimeMs + (this.isFromBeforeWrap(uptimeMs) ? this.wraps - 1 : this.wraps) * WRAP_MS;
  }

  /** An old row that arrives after the wrap still carries a large uptime. */
  private isFromBeforeWrap(uptimeMs: number): boolean {
    return this.wraps > 0 && uptimeMs > this.lastUptime + WRAP_MS / 2;
  }
}
