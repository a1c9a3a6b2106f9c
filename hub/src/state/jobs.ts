import {
  type CommandState,
  JOB_DEVICE_STATES,
  JOB_STATES,
  type JobDeviceState,
  type JobDeviceView,
  type Page,
  type PageQuery,
  VERIFICATIONS,
  type Verification,
} from '@fieldline/protocol';
import type { Actor } from '../commands/ledger.js';
import type { Job, JobEntry, JobRequest, Reason } from '../jobs/job.js';
import { integer, json, optionalInteger, optionalText, optionalWord, text, word } from './column.js';
import type { Change, Select } from './connection.js';
import { decodeCursor, encodeCursor } from './cursor.js';
import type { StateFile } from './state-file.js';

const jobColumns = {
  id: text('id'),
  name: text('name'),
  request: json('request'),
  state: word('state', JOB_STATES),
  reason: json('reason'),
  createdAt: integer('created_at'),
  finishedAt: optionalInteger('finished_at'),
  devices: integer('devices'),
  actor: json('actor'),
};
type JobRow = Omit<Job, 'request' | 'reason' | 'actor'> & Record<'request' | 'reason' | 'actor', unknown>;

const deviceColumns = {
  position: integer('position'),
  device: text('device'),
  state: word('state', JOB_DEVICE_STATES),
  command: optionalText('command'),
  errorCode: optionalText('error_code'),
  errorMessage: optionalText('error_message'),
  verification: optionalWord('verification', VERIFICATIONS),
};
type DeviceRow = { [K in keyof typeof deviceColumns]: ReturnType<(typeof deviceColumns)[K]['read']> };

/** Finished jobs that are kept: the newest. */
const KEPT = 50;
/** After `Z` no ULID follows. */
const LAST_ID = 'Z'.repeat(26);

/** The command of a device of a job, and what is known of it. */
export interface GivenInJob {
  readonly command: string;
  readonly state: CommandState;
  readonly verification: Verification | null;
}

/** How many devices of a job there are. */
export interface JobCounts {
  readonly states: Readonly<Record<JobDeviceState, number>>;
  /** Of those whose command succeeded: how many readings have shown what. */
  readonly verifications: Readonly<Record<Verification, number>>;
}

/** A device of a job whose turn has not come. */
export interface WaitingDevice {
  readonly position: number;
  readonly device: string;
}

/** Jobs with their devices, durable. What goes together goes into one {@link StateFile.transaction}. */
export class JobStore {
  readonly #insert: Change;
  readonly #insertDevices: Change;
  readonly #update: Change;
  readonly #take: Change;
  readonly #refuse: Change;
  readonly #skip: Change;
  readonly #removeDevices: Change;
  readonly #removeStray: Change;
  readonly #removeCounts: Change;
  readonly #removeStrayCounts: Change;
  readonly #remove: Change;
  readonly #old: Select<{ id: string }>;
  readonly #one: Select<JobRow>;
  readonly #unfinished: Select<JobRow>;
  readonly #page: Select<JobRow>;
  readonly #counts: Select<{ state: JobDeviceState; verification: Verification | ''; count: number }>;
  readonly #devices: Select<DeviceRow>;
  readonly #waiting: Select<WaitingDevice>;
  readonly #given: Select<Pick<DeviceRow, 'command' | 'state' | 'verification'>>;

  constructor(state: StateFile) {
    this.#insert = state.change(
      `INSERT INTO jobs (id, name, request, state, reason, created_at, finished_at, devices, actor)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#insertDevices = state.change(
      `INSERT INTO job_devices (job, position, device, state, error_code, error_message)
       SELECT ?1, ?2 + key, value ->> 'device', value ->> 'state', value ->> 'code', value ->> 'message'
       FROM json_each(?3)`,
    );
    this.#update = state.change('UPDATE jobs SET state = ?, reason = ?, finished_at = ? WHERE id = ?');
    this.#take = state.change(
      `UPDATE job_devices SET command = ?, state = 'queued' WHERE job = ? AND position = ?`,
    );
    this.#refuse = state.change(
      `UPDATE job_devices SET state = 'refused', error_code = ?, error_message = ? WHERE job = ? AND position = ?`,
    );
    this.#skip = state.change(
      `UPDATE job_devices SET state = 'skipped', error_code = ?1, error_message = ?2 WHERE job = ?3 AND position IN
         (SELECT position FROM job_devices WHERE job = ?3 AND state = 'waiting' ORDER BY position LIMIT ?4)`,
    );
    this.#removeDevices = state.change(
      `DELETE FROM job_devices WHERE job = ?1 AND position IN
         (SELECT position FROM job_devices WHERE job = ?1 ORDER BY position LIMIT ?2)`,
    );
    this.#removeCounts = state.change('DELETE FROM job_counts WHERE job = ?');
    this.#removeStrayCounts = state.change('DELETE FROM job_counts WHERE job NOT IN (SELECT id FROM jobs)');
    // From job to job along the primary key, past all the devices of each.
    this.#removeStray = state.change(
      `DELETE FROM job_devices WHERE job IN (
         WITH RECURSIVE known (job) AS (
           SELECT min(job) FROM job_devices
           UNION ALL
           SELECT (SELECT min(job) FROM job_devices WHERE job > known.job) FROM known WHERE known.job IS NOT NULL
         )
         SELECT job FROM known WHERE job IS NOT NULL AND job NOT IN (SELECT id FROM jobs))`,
    );
    this.#remove = state.change('DELETE FROM jobs WHERE id = ?');
    this.#old = state.select(
      { id: jobColumns.id },
      `FROM jobs WHERE finished_at IS NOT NULL ORDER BY id DESC LIMIT -1 OFFSET ${KEPT}`,
    );
    this.#one = state.select(jobColumns, 'FROM jobs WHERE id = ?');
    this.#unfinished = state.select(jobColumns, 'FROM jobs WHERE finished_at IS NULL ORDER BY id');
    this.#page = state.select(jobColumns, 'FROM jobs WHERE id < ? ORDER BY id DESC LIMIT ?');
    this.#counts = state.select(
      {
        state: deviceColumns.state,
        verification: word('verification', ['', ...VERIFICATIONS]),
        count: integer('count'),
      },
      'FROM job_counts WHERE job = ?',
    );
    const { position, device, command, state: deviceState, verification } = deviceColumns;
    this.#waiting = state.select(
      { position, device },
      `FROM job_devices WHERE job = ? AND state = 'waiting' ORDER BY position`,
    );
    this.#given = state.select(
      { command, state: deviceState, verification },
      'FROM job_devices WHERE job = ? AND command IS NOT NULL ORDER BY position',
    );
    this.#devices = state.select(
      deviceColumns,
      `FROM job_devices WHERE job = ?1 AND (?2 IS NULL OR state = ?2) AND position >= ?3
       ORDER BY position LIMIT ?4`,
    );
  }

  /**
   * Adds a job, whose devices are there already, and forgets the oldest.
   * @returns those that were forgotten: their devices are to be removed
   */
  insert(job: Job): string[] {
    const { id, name, request, state, reason, createdAt, finishedAt, devices, actor } = job;
    const [asked, why, who] = [request, reason, actor].map((one) => JSON.stringify(one));
    this.#insert.run(id, name, asked ?? '', state, why ?? '', createdAt, finishedAt, devices, who ?? '');
    const forgotten = this.#old.all().map((old) => old.id);
    for (const old of forgotten) {
      this.#remove.run(old);
      this.#removeCounts.run(old);
    }
    return forgotten;
  }

  /** Adds devices of a job that is to come, from a position on, in their order. */
  insertDevices(job: string, from: number, entries: readonly JobEntry[]): void {
    this.#insertDevices.run(job, from, JSON.stringify(entries));
  }

  /** Removes devices of a job that is not there: at most so many. @returns how many there were */
  removeDevices(job: string, atMost: number): number {
    this.#removeCounts.run(job);
    return this.#removeDevices.run(job, atMost);
  }

  /** Removes devices whose job is not there. */
  removeStray(): void {
    this.#removeStray.run();
    this.#removeStrayCounts.run();
  }

  /** Writes what may change of a job. */
  update({ id, state, reason, finishedAt }: Job): void {
    this.#update.run(state, JSON.stringify(reason), finishedAt, id);
  }

  get(id: string): Job | undefined {
    const row = this.#one.get(id);
    return row && jobOf(row);
  }

  /** Those that have devices which are not done; oldest first. */
  unfinished(): Job[] {
    return this.#unfinished.all().map(jobOf);
  }

  /** Newest first; the cursor is the id of the last one seen. */
  list({ limit, cursor }: PageQuery): Page<Job> {
    const rows = this.#page.all(cursor ?? LAST_ID, limit + 1);
    const items = rows.slice(0, limit).map(jobOf);
    return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
  }

  /** How many devices of a job are in each state. */
  counts(job: string): JobCounts {
    const states = noneOf(JOB_DEVICE_STATES);
    const verifications = noneOf(VERIFICATIONS);
    for (const { state, verification, count } of this.#counts.all(job)) {
      states[state] += count;
      if (state === 'succeeded' && verification !== '') verifications[verification] += count;
    }
    return { states, verifications };
  }

  /** Devices of a job, in its order. */
  devices(job: string, state: JobDeviceState | null, { limit, cursor }: PageQuery): Page<JobDeviceView> {
    const from = cursor === undefined ? 0 : decodeCursor(cursor);
    const rows = this.#devices.all(job, state, from, limit + 1);
    const next = rows[limit];
    return { items: rows.slice(0, limit).map(viewOf), next: next ? encodeCursor(next.position) : null };
  }

  /** Devices whose turn has not come, in order. */
  waiting(job: string): WaitingDevice[] {
    return this.#waiting.all(job);
  }

  /** The commands that were given. */
  given(job: string): GivenInJob[] {
    return this.#given.all(job).flatMap(({ command, state, verification }) => {
      return command === null ? [] : [{ command, state: state as CommandState, verification }];
    });
  }

  /** A device got its command; in the transaction that makes it. */
  take(job: string, position: number, command: string): void {
    this.#take.run(command, job, position);
  }

  /** A device could not be given its command. */
  refuse(job: string, position: number, { code, message }: Reason): void {
    this.#refuse.run(code, message, job, position);
  }

  /** Leaves out devices whose turn has not come: at most so many. @returns how many there were */
  skipWaiting(job: string, { code, message }: Reason, atMost: number): number {
    return this.#skip.run(code, message, job, atMost);
  }
}

function noneOf<Name extends string>(names: readonly Name[]): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>;
}

function jobOf({ request, reason, actor, ...row }: JobRow): Job {
  return { ...row, request: request as JobRequest, reason: reason as Reason | null, actor: actor as Actor };
}

function viewOf({ position: _, errorCode, errorMessage, ...row }: DeviceRow): JobDeviceView {
  return { ...row, error: errorCode === null ? null : { code: errorCode, message: errorMessage ?? '' } };
}
