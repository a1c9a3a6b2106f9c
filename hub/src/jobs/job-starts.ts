import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import type { Idempotency } from '../commands/ledger.js';
import { FieldlineError } from '../errors.js';
import type { JobStore } from '../state/jobs.js';
import type { StateFile } from '../state/state-file.js';
import type { Job, JobEntry } from './job.js';

/** Devices that are written or removed in one transaction: some milliseconds, in which the hub does nothing else. */
const AT_ONCE = 500;

interface Start {
  readonly request: Idempotency | null;
  readonly done: Promise<unknown>;
}

export interface JobStartsOptions {
  readonly state: Pick<StateFile, 'transaction'>;
  readonly store: Pick<JobStore, 'insert' | 'insertDevices' | 'removeDevices' | 'removeStray'>;
  readonly log: Pick<FastifyBaseLogger, 'error'>;
}

/**
 * Writes new jobs, which may have ten thousand devices, some devices at a time. The job itself comes last: until then
 * there is none, and a hub that is killed meanwhile leaves devices of no job, which {@link open} removes.
 */
export class JobStarts {
  readonly #options: JobStartsOptions;
  readonly #starts = new Set<Start>();
  #isStopping = false;

  constructor(options: JobStartsOptions) {
    this.#options = options;
  }

  /** Removes what an interrupted start, or an interrupted {@link #remove}, has left. */
  open(): void {
    this.#options.store.removeStray();
  }

  /** How many are being written. */
  get size(): number {
    return this.#starts.size;
  }

  /** Settles with the request that has the same key and is being carried out; undefined where there is none. */
  underWay({ scope, key }: Idempotency): Promise<unknown> | undefined {
    for (const { request, done } of this.#starts) {
      if (request?.scope === scope && request.key === key) return done.catch(() => undefined);
    }
    return undefined;
  }

  /**
   * Makes a job durable.
   * @param also runs in the transaction that makes the job
   * @throws FieldlineError 503 where it cannot be written; then nothing of it is left, at the latest after a restart
   */
  async write(
    job: Job,
    entries: readonly JobEntry[],
    request: Idempotency | null,
    also: () => void,
  ): Promise<void> {
    const start = { request, done: this.#write(job, entries, also) };
    this.#starts.add(start);
    try {
      await start.done;
    } catch (error) {
      void this.#remove(job.id);
      throw error;
    } finally {
      this.#starts.delete(start);
    }
  }

  /** Removes the devices of a job that is not there, in its turns: those that cannot be now are at the next start. */
  async #remove(job: string): Promise<void> {
    try {
      while (!this.#isStopping && this.#options.store.removeDevices(job, AT_ONCE) > 0) await nextTurn();
    } catch (error) {
      this.#options.log.error({ err: error, job }, 'devices of a job that is gone could not be removed yet');
    }
  }

  stop(): void {
    this.#isStopping = true;
  }

  async #write(job: Job, entries: readonly JobEntry[], also: () => void): Promise<void> {
    const { state, store } = this.#options;
    for (let from = 0; from < entries.length; from += AT_ONCE) {
      store.insertDevices(job.id, from, entries.slice(from, from + AT_ONCE));
      if (from + AT_ONCE >= entries.length) break;
      await nextTurn();
      if (this.#isStopping) throw new FieldlineError('stopping', 'the hub is stopping', { status: 503 });
    }
    const forgotten = state.transaction(() => {
      also();
      return store.insert(job);
    });
    for (const old of forgotten) void this.#remove(old);
  }
}
