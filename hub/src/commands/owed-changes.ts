import type { FastifyBaseLogger } from 'fastify';
import { FieldlineError } from '../errors.js';

/** What could not be written is tried again after this. */
const RETRY_MS = 1_000;

/**
 * Changes that the hub itself owes: an answer that came, a time that has passed. Where one cannot be written now (the
 * disk is full), it is made later; until then nothing follows from it. One is owed for each key, so that no
 * device can make this grow. What fails for another reason will not succeed later: it is logged and given up.
 */
export class OwedChanges {
  readonly #log: Pick<FastifyBaseLogger, 'info' | 'error'>;
  readonly #owed = new Map<string, () => void>();
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;

  constructor(log: Pick<FastifyBaseLogger, 'info' | 'error'>) {
    this.#log = log;
  }

  has(key: string): boolean {
    return this.#owed.has(key);
  }

  /** Makes a change now, or else later. `make` looks at what is there when it runs. @returns whether it was made */
  make(key: string, make: () => void): boolean {
    try {
      make();
      this.#owed.delete(key);
      return true;
    } catch (error) {
      const canWait = error instanceof FieldlineError && !this.#stopped;
      // Once for a trouble, however much is owed in it.
      if (this.#owed.size === 0 || !canWait) {
        this.#log.error({ err: error }, 'changes of commands cannot be written');
      }
      if (canWait) this.#owe(key, make);
      else this.#owed.delete(key);
      return false;
    }
  }

  close(): void {
    this.#stopped = true;
    clearTimeout(this.#timer ?? undefined);
    this.#owed.clear();
  }

  #owe(key: string, make: () => void): void {
    // At the end: one that can never be written keeps no other waiting.
    this.#owed.delete(key);
    this.#owed.set(key, make);
    this.#timer ??= setTimeout(() => this.#retry(), RETRY_MS).unref();
  }

  #retry(): void {
    this.#timer = null;
    for (const [key, make] of [...this.#owed]) {
      this.make(key, make);
      // It waits on: so will those behind it.
      if (this.#owed.has(key)) break;
    }
    if (this.#owed.size === 0) this.#log.info('changes of commands can be written again');
    else this.#timer ??= setTimeout(() => this.#retry(), RETRY_MS).unref();
  }
}
