import type { JobDeviceState, JobDeviceView, JobView, NewJob, Page, PageQuery } from '@fieldline/protocol';
import type { FastifyBaseLogger } from 'fastify';
import { monotonicFactory } from 'ulid';
import type { GiverCheck } from '../access/givers.js';
import type { Command } from '../commands/command.js';
import type { Commands } from '../commands/commands.js';
import { GIVER_BARRED } from '../commands/delivery.js';
import { type Actor, giverOf, HUB, type Idempotency, type Ledger } from '../commands/ledger.js';
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
  readonly givers: GiverCheck;
  readonly log: Pick<FastifyBaseLogger, 'info' | 'error'>;
  readonly now: () => number;
}

/** Jobs at a time. */
const MAX_RUNNING = 10;
/** How long after a start of the hub its devices may take to come back. */
const RETURN_MS = 60_000;
/** Devices that are left out in one transaction. */
const SKIP_AT_ONCE = 500;

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
    const run = JobRun.ofNew(this.#runOptions(), job, entries);
    this.#run(run);
    // It took some turns to write.
    this.#cancelIfBarred(run);
    return this.#view(run.job);
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

  /** Ends the jobs of those who may give no commands any more. */
  cancelBarred(): void {
    for (const run of this.#runs.values()) this.#cancelIfBarred(run);
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
    // The hub was stopped before all that was not sent was taken back.
    else if (job.reason !== null) this.#leaveOut(run, job.reason, HUB);
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
      const { waiting, skipped, ...others } = store.counts(ended.id).states;
      this.#audit(ended, actor, state, { counts: shown({ ...others, skipped: skipped + waiting }) });
    });
    run.job = ended;
    run.stop();
    this.#leaveOut(run, reason, actor);
  }

  /** What was not sent is taken back, and devices whose turn has not come are left out: some at a time. */
  #leaveOut(run: JobRun, reason: Reason, actor: Actor): void {
    const { commands, store } = this.#options;
    const { id } = run.job;
    commands.cancelAll(run.progress.queued(), reason, actor);
    const skip = () => {
      if (store.skipWaiting(id, reason, SKIP_AT_ONCE) < SKIP_AT_ONCE) {
        run.dropWaiting();
        this.#look(run);
      } else setImmediate(next);
    };
    const next = () => {
      if (!this.#isStopping) this.#owed.make(`skip ${id}`, skip);
    };
    next();
  }

  #cancelIfBarred(run: JobRun): void {
    const giver = giverOf(run.job.actor);
    if (run.job.state !== 'running' || giver === null || !this.#options.givers.isBarred(giver)) return;
    this.#owed.make(`bar ${run.job.id}`, () => {
      if (run.job.state === 'running') this.#end(run, 'cancelled', GIVER_BARRED, HUB);
    });
  }

  #finish(run: JobRun): void {
    const { state, store, now } = this.#options;
    if (!this.#runs.has(run.job.id)) return;
    const isDone = run.job.state === 'running';
    const finished: Job = { ...run.job, finishedAt: now(), state: isDone ? 'done' : run.job.state };
    state.transaction(() => {
      store.update(finished);
      this.#audit(finished, HUB, 'finished', { counts: shown(store.counts(finished.id).states) });
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
    return viewJob(job, store.counts(job.id));
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
