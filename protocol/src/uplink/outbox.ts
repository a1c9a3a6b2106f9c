import type { Tail } from './frames.js';

/** A numbered message that the hub has not answered yet. */
export interface Pending {
  seq: number;
  readonly tail: Tail;
  /** When it was first written to a socket, on the monotonic clock; -1 while it never was. */
  writtenAt: number;
  /** An `error` answered it; an ack need not come. */
  answered: boolean;
}

/** Popped messages leave holes at the front; they are cut off when they are many, and at least half. */
const COMPACT_AFTER = 1_024;

/**
 * The unacked messages in the order of their numbers: those in flight first, then those that still have to
 * be written. Every operation is O(1) per message.
 */
export class Outbox {
  #items: Pending[] = [];
  #head = 0;
  #next = 0;
  #inFlight = 0;

  /** Messages that are not acked. */
  get size(): number {
    return this.#items.length - this.#head;
  }

  /** Messages written to the present connection that are not answered. */
  get inFlight(): number {
    return this.#inFlight;
  }

  push(seq: number, tail: string): void {
    this.#items.push({ seq, tail, writtenAt: -1, answered: false });
  }

  /** The next message to write, which then counts as in flight; undefined when all are. */
  take(): Pending | undefined {
    while (this.#next < this.#items.length) {
      const item = this.#items[this.#next++];
      if (item === undefined || item.answered) continue;
      this.#inFlight++;
      return item;
    }
    return undefined;
  }

  /** Removes every message up to `seq`, telling of each that an error had not answered before. */
  ack(seq: number, acked: (item: Pending) => void): void {
    for (let item = this.#items[this.#head]; item !== undefined && item.seq <= seq; ) {
      this.#shift(item);
      if (!item.answered) acked(item);
      item = this.#items[this.#head];
    }
    this.#compact();
  }

  /** An error answered `seq`: it is never written again. False when no such message waits for an answer. */
  answer(seq: number): boolean {
    const index = this.#indexOf(seq);
    const item = this.#items[index];
    if (item === undefined || item.answered) return false;
    item.answered = true;
    if (index < this.#next) this.#inFlight--;
    this.#dropAnswered();
    return true;
  }

  /** Removes and returns the oldest message, acked or not. */
  dropOldest(): Pending | undefined {
    const item = this.#items[this.#head];
    if (item !== undefined) this.#shift(item);
    this.#dropAnswered();
    return item;
  }

  /** The connection is gone: everything has to be written again. */
  rewind(): void {
    this.#next = this.#head;
    this.#inFlight = 0;
  }

  /** Gives up the messages that `test` picks, and returns them. Everything else has to be written again. */
  removeWhere(test: (item: Pending) => boolean): Pending[] {
    const removed: Pending[] = [];
    this.#items = this.#items.slice(this.#head).filter((item) => {
      const isPicked = test(item);
      if (isPicked) removed.push(item);
      return !isPicked;
    });
    this.#head = 0;
    this.rewind();
    return removed;
  }

  /** Numbers all messages anew, from 1; returns the highest number. They have to be written again. */
  renumber(): number {
    this.removeWhere((item) => item.answered);
    this.#items.forEach((item, index) => {
      item.seq = index + 1;
    });
    return this.#items.length;
  }

  #shift(item: Pending): void {
    if (this.#head < this.#next) {
      if (!item.answered) this.#inFlight--;
    } else {
      this.#next++;
    }
    this.#head++;
  }

  #dropAnswered(): void {
    for (let item = this.#items[this.#head]; item?.answered === true; item = this.#items[this.#head]) {
      this.#shift(item);
    }
    this.#compact();
  }

  #compact(): void {
    if (this.#head === this.#items.length) {
      this.#items.length = 0;
      this.#head = 0;
      this.#next = 0;
    } else if (this.#head >= COMPACT_AFTER && this.#head * 2 >= this.#items.length) {
      this.#items.splice(0, this.#head);
      this.#next -= this.#head;
      this.#head = 0;
    }
  }

  /** Numbers ascend, with holes where messages were dropped: a binary search. */
  #indexOf(seq: number): number {
    let low = this.#head;
    let high = this.#items.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const found = this.#items[middle]?.seq ?? 0;
      if (found === seq) return middle;
      if (found < seq) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }
}
