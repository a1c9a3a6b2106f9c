import { FieldlineError } from '../errors.js';

/** Whose turn it is. */
export interface Turn {
  /** Where the request came from. */
  readonly network: string;
  /** Those who have logged in from there before go first, and have a queue of their own. */
  readonly isKnown: boolean;
}

interface Waiting extends Turn {
  readonly begin: () => void;
}

/** Waiting in each queue, and of one network in it. */
const MAX_WAITING = 32;
const MAX_PER_NETWORK = 4;

/**
 * Checks passwords one at a time: each takes 32 MiB, and one of the four threads on which the journal's syncs
 * run as well. However many strangers ask, who has logged in from the same place before waits for one of them.
 */
export class PasswordQueue {
  readonly #known: Waiting[] = [];
  readonly #strangers: Waiting[] = [];
  #isBusy = false;

  /**
   * Does `work` when it is its turn.
   * @throws FieldlineError 429 `too_many_attempts` when too many wait, all told or of this network
   */
  async run<T>(turn: Turn, work: () => Promise<T>): Promise<T> {
    if (this.#isBusy) await this.#wait(turn);
    this.#isBusy = true;
    try {
      return await work();
    } finally {
      const next = this.#known.shift() ?? this.#strangers.shift();
      if (next === undefined) this.#isBusy = false;
      // Still busy: whoever comes meanwhile waits behind this one.
      else next.begin();
    }
  }

  #wait(turn: Turn): Promise<void> {
    const queue = turn.isKnown ? this.#known : this.#strangers;
    const ofNetwork = queue.filter(({ network }) => network === turn.network).length;
    if (queue.length >= MAX_WAITING || ofNetwork >= MAX_PER_NETWORK) {
      const message = 'Too many log-ins are being checked at the moment.';
      throw new FieldlineError('too_many_attempts', message, { status: 429, retryAfterMs: 2_000 });
    }
    return new Promise((begin) => queue.push({ ...turn, begin }));
  }
}
