import type { BoardNumbers, Standing } from './board-numbers.js';

export interface ReceiptsOptions {
  readonly numbers: BoardNumbers;
  /** Tells the board up to where it may forget. */
  acknowledge(boot: string, seq: number): void;
  /** Something could not be kept: the board is to send it again. */
  refused(): void;
}

/** Takes a board's numbered messages once each, and acknowledges those that are on the disk. */
export class Receipts {
  readonly #options: ReceiptsOptions;
  readonly #owed = new Set<string>();

  constructor(options: ReceiptsOptions) {
    this.#options = options;
  }

  /**
   * The board has said hello.
   * @param seq what it says of the highest number that it has given
   * @param oldest what it says of the oldest number that it still has
   * @returns whether the boot's name was used before
   */
  greeted(boot: string, seq: number | undefined, oldest: unknown): boolean {
    const { numbers } = this.#options;
    const isReused = seq !== undefined && numbers.greeted(boot, seq);
    if (isOldest(oldest) && oldest <= (seq ?? oldest) + 1) numbers.oldest(boot, oldest);
    this.#owe(boot);
    return isReused;
  }

  /** A numbered message came. It is acknowledged once `keep` has resolved. @param keep gets the boot's name for the disk */
  take(boot: string, seq: number, keep: (name: string) => Promise<void>): Standing {
    const { numbers } = this.#options;
    const standing = numbers.take(boot, seq);
    if (standing === 'duplicate') this.#owe(boot);
    if (standing === 'duplicate' || standing === 'ahead') return standing;
    const name = numbers.nameOf(boot);
    keep(name).then(
      () => {
        numbers.synced(name, seq);
        this.#owe(boot);
      },
      () => {
        numbers.giveBack(name, seq);
        this.#options.refused();
      },
    );
    return standing;
  }

  /** Nothing more is to be done about this message, which is none. */
  giveUp(boot: string, seq: number): void {
    const { numbers } = this.#options;
    const standing = numbers.take(boot, seq);
    if (standing === 'new' || standing === 'late') numbers.synced(numbers.nameOf(boot), seq);
    if (standing !== 'ahead') this.#owe(boot);
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
}

function isOldest(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1;
}
