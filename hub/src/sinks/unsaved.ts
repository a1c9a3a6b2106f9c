/**
 * What a far side has confirmed and may forget again, because it confirms what it has in its memory only. The cursor in the
 * journal follows when the far side is known to have had the time to write that to its disk: by what it confirms later, since
 * a connection may seem to be there long after its other end has gone.
 */
export class Unsaved {
  readonly #savedAfterMs: number;
  readonly #now: () => number;
  /** Oldest first. */
  #confirmed: { readonly offset: number; readonly savedAt: number }[] = [];

  /** @param now ms, of a clock that is never set */
  constructor(savedAfterMs: number, now: () => number = () => performance.now()) {
    this.#savedAfterMs = savedAfterMs;
    this.#now = now;
  }

  /** Takes note of what was confirmed just now. @returns up to which offset all is saved; undefined where that is not news */
  confirmed(offset: number): number | undefined {
    const now = this.#now();
    this.#confirmed.push({ offset, savedAt: now + this.#savedAfterMs });
    const left = this.#confirmed.findIndex(({ savedAt }) => savedAt > now);
    return this.#confirmed.splice(0, left < 0 ? this.#confirmed.length : left).at(-1)?.offset;
  }

  /** Forgets what was not saved, as the far side has. */
  forget(): void {
    this.#confirmed = [];
  }
}
