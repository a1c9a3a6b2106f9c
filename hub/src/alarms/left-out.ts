import type { FastifyBaseLogger } from 'fastify';
import { SparseLog } from '../ops/sparse-log.js';

/** What alarms could not use and have left out, so that the rest goes on: counted, and logged at most once a minute. */
export class LeftOut {
  /** Stored rows that are damaged. */
  rows = 0;
  /** Readings that could not be judged. */
  readings = 0;
  readonly #rowLog: SparseLog;
  readonly #readingLog: SparseLog;

  constructor(log: Pick<FastifyBaseLogger, 'warn'>, now: () => number) {
    this.#rowLog = new SparseLog(log, now);
    this.#readingLog = new SparseLog(log, now);
  }

  readonly row = (error: unknown): void => {
    this.rows++;
    this.#rowLog.warn({ err: error }, 'what is stored of alarms is damaged in part; that part begins anew');
  };

  reading(error: unknown, device: string, offset: number): void {
    this.readings++;
    this.#readingLog.warn({ err: error, device, offset }, 'a reading cannot be judged for alarms');
  }
}
