/** So many boots are known in one opening, and so many wait for a hello, as many as the journal remembers. */
const BOOTS = 4;
/** After so long without an answer a board is taken for one that numbers its messages and says no hello. */
const PATIENCE_MS = 15_000;

/**
 * Under which boots a board's numbers are taken. A number that comes before the hello of its opening tells neither what
 * the board still keeps nor how old the reading is: it waits, not being acknowledged, and the board sends it again. So
 * does one of a boot that the hello did not name: either the board has started anew and its hello was lost, or it sends
 * what an earlier start has left, which the next hello settles.
 */
export class KnownBoots {
  #hasGreeted = false;
  #current: string | undefined;
  #known: string[] = [];
  #waiting = new Set<string>();
  #waitsSinceMs: number | undefined;
  /** Until the next hello. */
  #isPatienceOver = false;

  /** The port was opened: whatever is plugged in now may be another board. */
  opened(): void {
    this.#hasGreeted = false;
    this.#current = undefined;
    this.#known = [];
    this.#answered();
  }

  /** @param boot undefined when the board names none */
  greeted(boot: string | undefined): void {
    this.#hasGreeted = true;
    this.#current = boot;
    const named = boot === undefined ? [] : [boot];
    this.#known = [...new Set([...named, ...this.#waiting, ...this.#known])].slice(0, BOOTS);
    this.#answered();
  }

  /** Whether a hello came since the opening. */
  get hasGreeted(): boolean {
    return this.#hasGreeted;
  }

  /** The boot that the hello named. */
  get current(): string | undefined {
    return this.#current;
  }

  /** Whether a number waits for a hello. */
  get isAwaited(): boolean {
    return this.#waitsSinceMs !== undefined && !this.#isPatienceOver;
  }

  /** Whether a numbered message has to wait for a hello. @param boot that it names itself */
  mustWait(boot: string | undefined, nowMs: number): boolean {
    if (boot === undefined ? this.#hasGreeted : this.#known.includes(boot)) return false;
    this.#waitsSinceMs ??= nowMs;
    this.#isPatienceOver ||= nowMs - this.#waitsSinceMs >= PATIENCE_MS;
    if (this.#isPatienceOver) return false;
    if (boot !== undefined && this.#waiting.size < BOOTS) this.#waiting.add(boot);
    return true;
  }

  #answered(): void {
    this.#waiting = new Set();
    this.#waitsSinceMs = undefined;
    this.#isPatienceOver = false;
  }
}
