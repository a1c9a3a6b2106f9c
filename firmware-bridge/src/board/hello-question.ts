/** What a hello is needed for: numbers that wait for it, numbers that are missing, or who the board is. */
export type Need = 'numbers' | 'missing' | 'name';

const FIRST_MS = 1_000;
/** A board that says no hello, and need not, is not pestered; one that sends much again is left time for it. */
const LONGEST_MS: Readonly<Record<Need, number>> = { numbers: 1_000, missing: 8_000, name: 60_000 };
const DOUBT_MS = 10_000;

export interface HelloQuestionOptions {
  /** Writes the question. */
  ask(): void;
  /** What a hello is needed for just now; undefined: for nothing. */
  need(): Need | undefined;
}

/** Asks a board for its hello, again and again while one is needed: a line loses questions, and answers. */
export class HelloQuestion {
  readonly #options: HelloQuestionOptions;
  #need: Need | undefined;
  /** Questions since this need began. */
  #asked = 0;
  #timer: NodeJS.Timeout | undefined;
  #doubtTimer: NodeJS.Timeout | undefined;

  constructor(options: HelloQuestionOptions) {
    this.#options = options;
  }

  /** Asks at once. */
  now(): void {
    this.#options.ask();
    this.look();
  }

  /** The need may have changed. */
  look(): void {
    const need = this.#options.need();
    if (need === this.#need) return;
    this.#need = need;
    this.#asked = 0;
    this.#wait();
  }

  /** Something may mean that the board has started anew. It is asked once, unless a hello comes before. */
  doubt(): void {
    this.#doubtTimer ??= setTimeout(() => {
      this.#doubtTimer = undefined;
      this.#options.ask();
    }, DOUBT_MS);
  }

  /** A hello came. */
  answered(): void {
    clearTimeout(this.#doubtTimer);
    this.#doubtTimer = undefined;
    this.look();
  }

  /** The port is gone. */
  stop(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#doubtTimer);
    this.#doubtTimer = undefined;
    this.#need = undefined;
  }

  #wait(): void {
    clearTimeout(this.#timer);
    const need = this.#need;
    if (need === undefined) return;
    const waitMs = Math.min(FIRST_MS * 2 ** this.#asked, LONGEST_MS[need]);
    this.#timer = setTimeout(() => this.#again(need), waitMs);
  }

  #again(before: Need): void {
    this.look();
    if (this.#need !== before) return;
    this.#options.ask();
    this.#asked++;
    this.#wait();
  }
}
