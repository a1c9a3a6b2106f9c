import type { Commands } from '../commands/commands.js';
import { FieldlineError } from '../errors.js';
import type { JobStore, WaitingDevice } from '../state/jobs.js';
import type { Job, JobEntry } from './job.js';
import { Pace } from './pace.js';
import { Progress } from './progress.js';

export interface JobRunOptions {
  readonly store: JobStore;
  readonly commands: Pick<Commands, 'give' | 'reaches'>;
  /** Told after each device, and when a device's command has changed. */
  readonly onProgress: (run: JobRun) => void;
  /** Told of each command that was given. */
  readonly onGiven: (run: JobRun, command: string) => void;
}

/**
 * A job that is under way: gives its devices their commands, one after the other, at its pace. A device's command and
 * that it has got it become durable together, so that none gets it twice however often the hub is killed.
 */
export class JobRun {
  job: Job;
  readonly progress: Progress;
  /** Devices that are not connected keep their turn: after a start of the hub, which has cut them off itself. */
  isPatient: boolean;
  readonly #options: JobRunOptions;
  readonly #pace: Pace;
  #waiting: WaitingDevice[];

  /** @param refused devices that could not be given their command */
  private constructor(
    options: JobRunOptions,
    job: Job,
    waiting: WaitingDevice[],
    refused: number,
    isPatient: boolean,
  ) {
    this.#options = options;
    this.job = job;
    this.isPatient = isPatient;
    this.#waiting = waiting;
    this.progress = new Progress(refused);
    this.#pace = new Pace(job.request.perSecond, () => this.#next());
  }

  /** A job that is durable since just now. What was written is not read again: it may be ten thousand devices. */
  static ofNew(options: JobRunOptions, job: Job, entries: readonly JobEntry[]): JobRun {
    const waiting = entries.flatMap(({ device, state }, position) => {
      return state === 'waiting' ? [{ position, device }] : [];
    });
    return new JobRun(options, job, waiting, 0, false);
  }

  /** A job that was under way when the hub stopped. */
  static resumed(options: JobRunOptions, job: Job): JobRun {
    const { store, onGiven } = options;
    const run = new JobRun(options, job, store.waiting(job.id), store.counts(job.id).states.refused, true);
    for (const { command, ...known } of store.given(job.id)) {
      run.progress.note(command, known);
      onGiven(run, command);
    }
    return run;
  }

  /** Whether all its devices are done. */
  get isOver(): boolean {
    return this.#waiting.length === 0 && this.progress.isQuiet;
  }

  start(): void {
    if (this.#waiting.length > 0) this.#pace.start();
  }

  /** Gives no more commands. */
  stop(): void {
    this.#pace.stop();
  }

  /** The rest of its devices was left out. */
  dropWaiting(): void {
    this.#waiting = [];
  }

  #next(): void {
    const { queue } = this.job.request;
    const isReady = ({ device }: { device: string }) =>
      queue || !this.isPatient || this.#options.commands.reaches(device);
    const at = this.#waiting.findIndex(isReady);
    const next = this.#waiting[at];
    if (next === undefined) return;
    if (!this.#give(next)) return;
    this.#waiting.splice(at, 1);
    if (this.#waiting.length === 0) this.stop();
    this.#options.onProgress(this);
  }

  /** @returns false where it cannot be written now: its turn comes again */
  #give({ position, device }: { position: number; device: string }): boolean {
    const { store, commands, onGiven } = this.#options;
    const { id, name, actor, request } = this.job;
    const { params, queue, ttl } = request;
    const wanted = { name, params, queue, ...(ttl === null ? {} : { ttl }) };
    try {
      const taken = ({ id: command }: { id: string }) => store.take(id, position, command);
      const command = commands.give(device, wanted, actor, null, { job: id, taken });
      this.progress.note(command.id, command);
      onGiven(this, command.id);
      return true;
    } catch (error) {
      if (!(error instanceof FieldlineError)) throw error;
      return error.status < 500 && this.#refuse(position, error);
    }
  }

  #refuse(position: number, { code, message }: FieldlineError): boolean {
    try {
      this.#options.store.refuse(this.job.id, position, { code, message });
    } catch (error) {
      if (error instanceof FieldlineError) return false;
      throw error;
    }
    this.progress.refused();
    return true;
  }
}
