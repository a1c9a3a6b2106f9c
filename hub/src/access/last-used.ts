import { FieldlineError } from '../errors.js';
import type { Change } from '../state/connection.js';
import type { StateFile } from '../state/state-file.js';

/** A time of last use is written at most this often for each record. */
const WRITE_EVERY_MS = 60_000;

/**
 * Writes times of last use in groups: a sync for every use would cost more than the use itself. What is lost in
 * a crash is at most a minute.
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

  /** Writes the times of records that were not written within the last minute; all of them when `force` is set. */
  flush(nowMs: number, force = false): void {
    const due = [...this.#waiting].filter(
      ([id]) => force || nowMs - (this.#writtenAt.get(id) ?? 0) >= WRITE_EVERY_MS,
    );
    if (due.length === 0) return;
    try {
      this.#state.transaction(() => {
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
