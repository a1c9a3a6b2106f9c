import { FieldlineError } from '../errors.js';
import type { Change } from '../state/connection.js';
import type { StateFile } from '../state/state-file.js';

/** A time of last use is written at most this often for each record. */
const WRITE_EVERY_MS = 60_000;
/** Of so many at a time: thousands of devices may come back in the same second. */
const AT_ONCE = 500;

/**
 * Writes times of last use in groups: a sync for every use would cost more than the use itself. What is lost in
 * a crash is about a minute.
 */
export class LastUsed {
  /** Groups that could not be written; they are tried again. */
  failures = 0;
  readonly #state: StateFile;
  readonly #update: Change;
  readonly #waiting = new Map<string, number>();
  readonly #writtenAt = new Map<string, number>();

  /** @param update takes the time and the id */
  constructor(state: StateFile, update: Change) {
    this.#state = state;
    this.#update = update;
  }

  /** The record with this id was used just now. */
  note(id: string, nowMs: number): void {
    this.#waiting.set(id, nowMs);
  }

  /** Writes the times of some records that were not written within the last minute; of all when `force` is set. */
  flush(nowMs: number, force = false): void {
    const isDue = (id: string) => nowMs - (this.#writtenAt.get(id) ?? 0) >= WRITE_EVERY_MS;
    const due = force ? [...this.#waiting] : [...this.#waiting].filter(([id]) => isDue(id)).slice(0, AT_ONCE);
    if (due.length === 0) return;
    try {
      this.#state.unsynced(() => {
        for (const [id, usedAt] of due) this.#update.run(usedAt, id);
      });
    } catch (error) {
      if (!(error instanceof FieldlineError)) throw error;
      // Nobody is waiting for this, and what keeps the file from being written shows where somebody is.
      this.failures += 1;
      return;
    }
    for (const [id] of due) {
      this.#waiting.delete(id);
      this.#writtenAt.set(id, nowMs);
    }
  }

  /** The record is gone. */
  forget(id: string): void {
    this.#waiting.delete(id);
    this.#writtenAt.delete(id);
  }
}
