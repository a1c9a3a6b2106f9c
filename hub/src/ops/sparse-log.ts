import type { FastifyBaseLogger } from 'fastify';

const EVERY_MS = 60_000;

/** Warnings about what others do wrong, at most one a minute, with how many there were: they cannot fill the log. */
export class SparseLog {
  readonly #log: Pick<FastifyBaseLogger, 'warn'>;
  readonly #now: () => number;
  #loggedAtMs = Number.NEGATIVE_INFINITY;
  #unlogged = 0;

  constructor(log: Pick<FastifyBaseLogger, 'warn'>, now: () => number) {
    this.#log = log;
    this.#now = now;
  }

  warn(fields: object, text: string): void {
    this.#unlogged++;
    const nowMs = this.#now();
    if (nowMs - this.#loggedAtMs < EVERY_MS) return;
    this.#log.warn({ ...fields, messages: this.#unlogged }, text);
    this.#loggedAtMs = nowMs;
    this.#unlogged = 0;
  }
}
