import { HistoryFailure } from './failure.js';

/** How many may wait for a slot; the next one is refused. */
const MAX_WAITING = 64;

/**
 * Lets few pieces of work run at a time, first come, first served. DuckDB works on Node's thread pool, four
 * threads that the journal's fdatasync needs as well: one for commits, two slots, one that stays free.
 */
export class Slots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** @throws HistoryFailure `busy` when too many wait already */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else if (this.#waiting.length >= MAX_WAITING)
      throw new HistoryFailure('busy', 'too many queries are waiting');
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }
}
