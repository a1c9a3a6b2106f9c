const WINDOW_MS = 60_000;
const IN_WINDOW = 10;

/** Bounds how often the sessions of one device may replace each other: ten times a minute. */
export class TakeoverLimit {
  private readonly times = new WeakMap<object, number[]>();

  count(device: object, nowMs: number): void {
    const times = this.recent(device, nowMs);
    times.push(nowMs);
    this.times.set(device, times);
  }

  /** How long to wait until the next takeover is allowed, ms; 0 for not at all. */
  waitMs(device: object, nowMs: number): number {
    const times = this.recent(device, nowMs);
    if (times.length < IN_WINDOW) return 0;
    return Math.max(1, (times[0] as number) + WINDOW_MS - nowMs);
  }

  private recent(device: object, nowMs: number): number[] {
    return (this.times.get(device) ?? []).filter((at) => nowMs - at < WINDOW_MS);
  }
}
