import type { Load } from '../ingest/load.js';

/** Somebody who has acks to send. */
export interface AckSender {
  sendAcks(): void;
}

/**
 * When acks are written: as soon as the sync returned while the hub is idle; under load gathered, per
 * connection, for at most `delayMs` (protocol §1.2 "Ack").
 */
export class AckQueue {
  private readonly load: Load;
  private readonly delayMs: number;
  private due = new Set<AckSender>();
  private isScheduled = false;

  constructor(load: Load, delayMs: number) {
    this.load = load;
    this.delayMs = delayMs;
  }

  schedule(sender: AckSender): void {
    this.due.add(sender);
    if (this.isScheduled) return;
    this.isScheduled = true;
    // A little less than allowed: the timer may be late.
    if (this.load.isHigh) setTimeout(() => this.flush(), Math.max(0, this.delayMs - 5));
    else setImmediate(() => this.flush());
  }

  flush(): void {
    this.isScheduled = false;
    const due = this.due;
    this.due = new Set();
    for (const sender of due) sender.sendAcks();
  }
}
