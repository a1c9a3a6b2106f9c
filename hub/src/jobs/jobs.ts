import type { JobDeviceState, JobDeviceView, JobView, NewJob, Page, PageQuery } from '@fieldline/protocol';
import type { FastifyBaseLogger } from 'fastify';
import { monotonicFactory } from 'ulid';
import type { Command } from '../commands/command.js';
import type { Commands } from '../commands/commands.js';
import type { Actor, Idempotency, Ledger } from '../commands/ledger.js';
import { OwedChanges } from '../commands/owed-changes.js';
import { FieldlineError } from '../errors.js';
import { type Audit, auditName } from '../state/audit.js';
import type { IdempotencyKeys } from '../state/idempotency-keys.js';
import type { JobStore } from '../state/jobs.js';
import type { StateFile } from '../state/state-file.js';
import { chooseDevices, type KnownDevices } from './choose-devices.js';
import { type Job, type Reason, viewJob } from './job.js';
import { JobRun, type JobRunOptions } from './job-run.js';
import { JobStarts } from './job-starts.js';
import { newJob } from './new-job.js';

export interface JobsOptions {
  readonly state: StateFile;
  readonly store: JobStore;
  readonly keys: IdempotencyKeys;
  readonly audit: Audit;
  readonly ledger: Pick<Ledger, 'onChange'>;
  readonly commands: Pick<Commands, 'give' | 'reaches' | 'cancelAll'>;
  readonly devices: KnownDevices;
  readonly log: Pick<FastifyBaseLogger, 'info' | 'error'>;
  readonly now: () => number;
}

/** Jobs at a time. */
const MAX_RUNNING = 10;
/** How long after a start of the hub its devices may take to come back. */
const RETURN_MS = 60_000;
/** Commands that are taken back in one transaction. */
const CANCEL_AT_ONCE = 200;
const HUB: Actor = { name: 'hub' };

/** Jobs: one command to many devices, at a pace, until it is done, cancelled, or too much of it fails. */
export class Jobs {
  readonly #options: JobsOptions;
  readonly #owed: OwedChanges;
  readonly #starts: JobStarts;
  readonly #runs = new Map<string, JobRun>();
  readonly #byCommand = new Map<string, JobRun>();
  readonly #newId = monotonicFactory();
  #stopListening: () => void = () => undefined;
  #patience: NodeJS.Timeout | null = null;
  #isStopping = false;

  constructor(options: JobsOptions) {
    this.#options = options;
    this.#owed = new OwedChanges(options.log);
    this.#starts = new JobStarts(options);
  }

  /** Goes on with what was under way when the hub stopped. To be called after the commands have been opened. */
  open(): void {
    const { ledger, store } = this.#options;
    this.#stopListening = ledger.onChange((command) => this.#changed(command));
    this.#starts.open();
    for (const job of store.unfinished()) this.#run(JobRun.resumed(this.#runOptions(), job));
    this.#patience = setTimeout(() => {
      for (const run of this.#runs.values()) run.isPatient = false;
    }, RETURN_MS).unref();
  }

  /**
   * Starts a job; it is durable when this resolves.
   * @throws FieldlineError 422 of {@link chooseDevices}, `idempotency_conflict`; 409 `too_many_jobs`, `job_forgotten`; 503 where it
   *   cannot be made durable
   */
  async start(wanted: NewJob, actor: Actor, request: Idempotency | null = null): Promise<JobView> {
    const { keys, devices, now } = this.#options;
    // No turn between this and the start: of those who have waited, the first may have to start it after all.
    let other = request === null ? undefined : this.#starts.underWay(request);
    while (other !== undefined) {
      await other;
      other = request === null ? undefined : this.#starts.underWay(request);
    }
    if (this.#isStopping) throw new FieldlineError('stopping', 'the hub is stopping', { status: 503 });
    const earlier = request === null ? undefined : this.#earlier(request);
    if (earlier !== undefined) return this.#view(earlier);
    const { name, params = {}, skipUnable = false } = wanted;
    const entries = chooseDevices(devices, wanted.devices, { name, params, skipUnable });
    if (this.#runs.size + this.#starts.size >= MAX_RUNNING) {
      const text = `${MAX_RUNNING} jobs are under way already`;
      throw new FieldlineError('too_many_jobs', text, { status: 409 });
    }
    const createdAt = now();
    const job = newJob(this.#newId(createdAt), wanted, entries.length, actor, createdAt);
    await this.#starts.write(job, entries, request, () => {
      if (request !== null) keys.add(request.scope, request.key, request.bodyHash, job.id, createdAt);
      this.#audit(job, actor, 'started', job.request);
    });
    this.#run(JobRun.ofNew(this.#runOptions(), job, entries));
    return this.#view(job);
  }

  /** @throws FieldlineError 404 */
  get(id: string): JobView {
    return this.#view(this.#find(id));
  }

  /** Newest first. */
  list(page: PageQuery): Page<JobView> {
    const { items, next } = this.#options.store.list(page);
    return { items: items.map((job) => this.#view(job)), next };
  }

  /** Its devices, in its order. @throws FieldlineError 404 */
  devices(id: string, state: JobDeviceState | null, page: PageQuery): Page<JobDeviceView> {
    return this.#options.store.devices(this.#find(id).id, state, page);
  }

  /**
   * Ends a job: devices whose turn has not come are left out, and commands that were not sent are taken back.
   * @throws FieldlineError 404; 409 `already_ended`
   */
  cancel(id: string, actor: Actor): JobView {
    const { state } = this.#find(id);
    const run = this.#runs.get(id);
    if (run === undefined || state !== 'running') {
      throw new FieldlineError('already_ended', `this job is ${state}`, { status: 409 });
    }
    this.#end(run, 'cancelled', { code: 'job_cancelled', message: `cancelled by ${actor.name}` }, actor);
    return this.get(id);
  }

  /** The hub is about to stop: no more commands are given. */
  stop(): void {
    this.#isStopping = true;
    this.#starts.stop();
    for (const run of this.#runs.values()) run.stop();
  }

  close(): void {
    this.stop();
    this.#stopListening();
    clearTimeout(this.#patience ?? undefined);
    this.#owed.close();
  }

  #runOptions(): JobRunOptions {
    const { store, commands } = this.#options;
    return {
      ...{ store, commands },
      onGiven: (of, command) => this.#byCommand.set(command, of),
      onProgress: (of) => this.#look(of),
    };
  }

  #run(run: JobRun): void {
    const { job } = run;
    this.#runs.set(job.id, run);
    if (job.state === 'running') run.start();
    // The hub was stopped before it had taken back what was not sent.
    else this.#takeBack(run, job.reason, HUB);
    this.#look(run);
  }

  #changed(command: Command): void {
    const run = this.#byCommand.get(command.id);
    if (run === undefined) return;
    run.progress.note(command.id, command);
    this.#look(run);
  }

  /** Whether a job has to give up, or is over. */
  #look(run: JobRun): void {
    const { job, progress } = run;
    const why = job.state === 'running' && !run.isOver ? progress.giveUp(job.request) : null;
    if (why !== null) {
      this.#owed.make(`abort ${job.id}`, () => {
        if (run.job.state === 'running')
          this.#end(run, 'aborted', { code: 'job_aborted', message: why }, HUB);
      });
    }
    if (run.isOver) this.#owed.make(`finish ${job.id}`, () => this.#finish(run));
  }

  #end(run: JobRun, state: 'cancelled' | 'aborted', reason: Reason, actor: Actor): void {
    const { store } = this.#options;
    const ended = { ...run.job, state, reason };
    this.#options.state.transaction(() => {
      store.update(ended);
      store.skipWaiting(ended.id, reason);
      this.#audit(ended, actor, state, { counts: shown(store.counts(ended.id)) });
    });
    run.job = ended;
    run.dropWaiting();
    this.#takeBack(run, reason, actor);
    this.#look(run);
  }

  /** Some at a time: it may be thousands. */
  #takeBack(run: JobRun, reason: Reason | null, actor: Actor): void {
    const queued = run.progress.queued();
    const next = () => {
      const some = queued.splice(0, CANCEL_AT_ONCE);
      if (some.length === 0 || this.#isStopping) return;
      this.#owed.make(`take back ${some[0]}`, () => this.#options.commands.cancelAll(some, reason, actor));
      setImmediate(next);
    };
    next();
  }

  #finish(run: JobRun): void {
    const { state, store, now } = this.#options;
    if (!this.#runs.has(run.job.id)) return;
    const isDone = run.job.state === 'running';
    const finished: Job = { ...run.job, finishedAt: now(), state: isDone ? 'done' : run.job.state };
    state.transaction(() => {
      store.update(finished);
      this.#audit(finished, HUB, 'finished', { counts: shown(store.counts(finished.id)) });
    });
    run.job = finished;
    run.stop();
    this.#runs.delete(finished.id);
    for (const [command, of] of this.#byCommand) if (of === run) this.#byCommand.delete(command);
  }

  #find(id: string): Job {
    const job =
      this.#runs.get(id)?.job ?? (/^[0-9A-Z]{26}$/.test(id) ? this.#options.store.get(id) : undefined);
    if (job === undefined) throw new FieldlineError('not_found', `no job ${id}`, { status: 404 });
    return job;
  }

  #earlier({ scope, key, bodyHash }: Idempotency): Job | undefined {
    const { keys, store, now } = this.#options;
    const found = keys.find(scope, key, now());
    if (found === undefined) return undefined;
    if (found.bodyHash !== bodyHash) {
      const text = 'this Idempotency-Key was used for another request';
      throw new FieldlineError('idempotency_conflict', text, { status: 422 });
    }
    const job = this.#runs.get(found.command)?.job ?? store.get(found.command);
    if (job !== undefined) return job;
    const text = 'this request was taken before, and its job is not kept any more';
    throw new FieldlineError('job_forgotten', text, { status: 409 });
  }

  #view(job: Job): JobView {
    const { store } = this.#options;
    return viewJob(job, store.counts(job.id), store.verifications(job.id));
  }

  #audit({ id, name, devices, reason }: Job, actor: Actor, what: string, more: object): void {
    this.#options.audit.add({
      at: this.#options.now(),
      actor: auditName(actor),
      address: actor.address,
      action: `job.${what}`,
      subject: `job:${id}`,
      result: reason?.code ?? 'ok',
      details: { name, devices, ...more },
    });
  }
}

/** Without the states in which there is no device. */
function shown(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}
