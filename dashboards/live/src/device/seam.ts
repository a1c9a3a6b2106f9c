import type { Value } from '@fieldline/protocol/browser';

/** A live value as it reached the page. Times in ms by the hub's clock. */
export interface Arrival {
  readonly time: number;
  readonly value: Value;
  readonly arrivedAt: number;
}

/** Live values may reach a viewer this much after the hub took them: they are conflated on the way. */
const CONFLATED_MS = 250;
/** How many values wait for the history at the most; the oldest go first, since the history has those. */
const MOST_WAITING = 10_000;

/**
 * Joins the history of a metric and its live values, so that each reading is counted once. While the history
 * is on its way live values wait; then those are taken that it cannot hold: stamped after it was asked for, or,
 * for late ones of any stamp, arrived well after it answered.
 */
export class Seam {
  readonly #take: (time: number, value: Value) => void;
  #askedAt = Number.NEGATIVE_INFINITY;
  #answeredAt: number | undefined;
  #waiting: Arrival[] = [];

  constructor(take: (time: number, value: Value) => void) {
    this.#take = take;
  }

  /** The history is being asked for at this moment. */
  asked(at: number): void {
    this.#askedAt = at;
  }

  /** The history has been taken in; what waited follows it. Without a history (`failed`) all of it does. */
  answered(at: number, failed = false): void {
    this.#answeredAt = at;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const arrival of waiting)
      if (failed || this.#isNew(arrival)) this.#take(arrival.time, arrival.value);
  }

  live(arrival: Arrival): void {
    if (this.#answeredAt === undefined) {
      this.#waiting.push(arrival);
      if (this.#waiting.length > MOST_WAITING) this.#waiting.shift();
    } else if (this.#isNew(arrival)) this.#take(arrival.time, arrival.value);
  }

  #isNew({ time, arrivedAt }: Arrival): boolean {
    return time >= this.#askedAt || arrivedAt > (this.#answeredAt ?? Number.POSITIVE_INFINITY) + CONFLATED_MS;
  }
}
