/** A token bucket: `perSecond` in the long run, `burst` at once. `perSecond` 0 means no limit. */
export class RateLimit {
  private readonly perMs: number;
  private readonly burst: number;
  private tokens: number;
  private at: number;

  constructor(perSecond: number, burst: number, nowMs: number) {
    this.perMs = perSecond / 1000;
    this.burst = burst;
    this.tokens = burst;
    this.at = nowMs;
  }

  /** Takes a message that must not be lost. Returns for how long, ms, nothing more should be read; 0 for go on. */
  take(nowMs: number): number {
    if (this.perMs === 0) return 0;
    this.refill(nowMs);
    this.tokens--;
    return this.tokens >= 0 ? 0 : Math.ceil(-this.tokens / this.perMs);
  }

  /** Takes a message that may be dropped. Returns whether there was room for it. */
  tryTake(nowMs: number): boolean {
    if (this.perMs === 0) return true;
    this.refill(nowMs);
    if (this.tokens < 1) return false;
    this.tokens--;
    return true;
  }

  /**
   * Takes `count` messages that came together, all or none. More than the burst need a full bucket, and leave it
   * in debt: what follows waits the longer.
   * @returns after how long, ms, there will be room for them; 0 when they were taken
   */
  takeTogether(count: number, nowMs: number): number {
    if (this.perMs === 0) return 0;
    this.refill(nowMs);
    const missing = Math.min(count, this.burst) - this.tokens;
    if (missing > 0) return Math.ceil(missing / this.perMs);
    this.tokens -= count;
    return 0;
  }

  private refill(nowMs: number): void {
    // A clock that was set back gives nothing, and must not hold up what follows.
    const elapsedMs = Math.max(0, nowMs - this.at);
    this.tokens = Math.min(this.burst, this.tokens + elapsedMs * this.perMs);
    this.at = nowMs;
  }
}
