import type { Logger } from 'pino';

const EVERY_MS = 60_000;
/** Beyond so many kinds the oldest is forgotten. */
const KINDS = 64;

/** Warnings that may come with each line of a board: one of a kind in a minute, with how many there were. */
export class SparseLog {
  readonly #log: Pick<Logger, 'warn'>;
  readonly #now: () => number;
  readonly #kinds = new Map<string, { loggedAtMs: number; unlogged: number }>();

  constructor(log: Pick<Logger, 'warn'>, now: () => number = () => performance.now()) {
    this.#log = log;
    this.#now = now;
  }

  readonly warn = (kind: string, message: string): void => {
    const nowMs = this.#now();
    const known = this.#kinds.get(kind);
    if (known !== undefined && nowMs - known.loggedAtMs < EVERY_MS) {
      known.unlogged++;
      return;
    }
    const since = known?.unlogged ?? 0;
    this.#log.warn(since === 0 ? {} : { unlogged: since }, message);
    this.#kinds.delete(kind);
    this.#kinds.set(kind, { loggedAtMs: nowMs, unlogged: 0 });
    for (const oldest of this.#kinds.keys()) {
      if (this.#kinds.size <= KINDS) break;
      this.#kinds.delete(oldest);
    }
  };
}
