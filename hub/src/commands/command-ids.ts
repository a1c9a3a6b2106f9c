import { decodeTime, monotonicFactory } from 'ulid';

/** Ids of commands: ULIDs that ascend, also where the clock is set back, and over restarts. */
export class CommandIds {
  readonly #newId = monotonicFactory();
  #fromMs = 0;

  /** @param newest the last one that was given out; null for none */
  startAfter(newest: string | null): void {
    if (newest !== null) this.#fromMs = decodeTime(newest) + 1;
  }

  next(nowMs: number): string {
    return this.#newId(Math.max(nowMs, this.#fromMs));
  }
}
