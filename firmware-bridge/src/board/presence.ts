import { type BoardFacts, UNKNOWN_BOARD } from '../hub/board-facts.js';

/** How long after its first words a board is given to say hello. */
const HELLO_MS = 1_500;

export interface PresenceOptions {
  /** It is there, and says this of itself. */
  present(facts: BoardFacts): void;
  absent(): void;
}

/** Tells that a board is there: what it says of itself, or, once it has said something else for a while, nothing. */
export class Presence {
  readonly #options: PresenceOptions;
  #isPresent = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: PresenceOptions) {
    this.#options = options;
  }

  /** It has said who it is. */
  introduced(facts: BoardFacts): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isPresent = true;
    this.#options.present(facts);
  }

  /** It has said something. */
  speaks(): void {
    if (this.#isPresent) return;
    this.#timer ??= setTimeout(() => this.introduced(UNKNOWN_BOARD), HELLO_MS);
  }

  /** Its port is gone. */
  gone(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#isPresent) this.#options.absent();
    this.#isPresent = false;
  }
}
