import type { BoardNumbers } from './board-numbers.js';

/** A board that has lost something on the line is asked no more often. */
const ASK_AGAIN_MS = 1_000;

export interface ReceiptsOptions {
  readonly numbers: BoardNumbers;
  /** Tells the board up to where it may forget. */
  acknowledge(boot: string, seq: number): void;
  /** Asks the board for its hello: with it, it says what it still has, and sends it. */
  ask(): void;
}

/** Takes a board's numbered messages once each, and acknowledges those that are on the disk. */
export class Receipts {
  readonly #options: ReceiptsOptions;
  readonly #owed = new Set<string>();
  #boot: string | undefined;
  #askTimer: NodeJS.Timeout | undefined;

  constructor(options: ReceiptsOptions) {
    this.#options = options;
  }

  /** The board has said hello. @param oldest what it says of the oldest number that it still has */
  greeted(boot: string, oldest: unknown): void {
    this.#boot = boot;
    if (typeof oldest === 'number' && Number.isSafeInteger(oldest) && oldest >= 1) {
      this.#options.numbers.oldest(boot, oldest);
    }
    this.#owe(boot);
  }

  /**
   * A numbered message came. It is acknowledged once `keep` has resolved.
   * @returns false for one that came before, of which nothing is kept
   */
  take(boot: string, seq: number, keep: () => Promise<void>): boolean {
    const { numbers } = this.#options;
    const isNew = numbers.take(boot, seq) !== 'duplicate';
    if (!isNew) this.#owe(boot);
    else {
      keep().then(
        () => this.settled(boot, seq),
        () => {
          numbers.giveBack(boot, seq);
          this.#askAgain(boot);
        },
      );
    }
    if (numbers.hasGap(boot)) this.#askAgain(boot);
    return isNew;
  }

  /** Nothing more is to be done about this message. */
  settled(boot: string, seq: number): void {
    this.#options.numbers.synced(boot, seq);
    this.#owe(boot);
  }

  /** The port is gone. */
  stop(): void {
    clearTimeout(this.#askTimer);
    this.#askTimer = undefined;
    this.#boot = undefined;
  }

  /** Acknowledgements of one turn go as one. */
  #owe(boot: string): void {
    if (this.#owed.size === 0) setImmediate(() => this.#pay());
    this.#owed.add(boot);
  }

  #pay(): void {
    for (const boot of this.#owed) {
      const seq = this.#options.numbers.acknowledged(boot);
      if (seq > 0) this.#options.acknowledge(boot, seq);
    }
    this.#owed.clear();
  }

  /** Something was lost on the line, or could not be kept: the board is asked until nothing of this boot is missing. */
  #askAgain(boot: string): void {
    this.#askTimer ??= setTimeout(() => {
      this.#askTimer = undefined;
      if (boot !== this.#boot || !this.#options.numbers.hasGap(boot)) return;
      this.#options.ask();
      this.#askAgain(boot);
    }, ASK_AGAIN_MS);
  }
}
