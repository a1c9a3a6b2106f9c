import type { JobDeviceState, JobState, JobView, Value } from '@fieldline/protocol';
import type { Actor } from '../commands/ledger.js';
import type { JobCounts } from '../state/jobs.js';

/** Why a job or a device of it did not go on. */
export interface Reason {
  readonly code: string;
  readonly message: string;
}

/** What is asked of each device, and how. */
export interface JobRequest {
  readonly params: Readonly<Record<string, Value | null>>;
  readonly queue: boolean;
  /** ms; null for the default of commands. */
  readonly ttl: number | null;
  /** Devices a second. */
  readonly perSecond: number;
  readonly abortAfterFailures: { readonly percent: number; readonly minimum: number } | null;
}

/** One command to many devices, as the hub keeps it. Times are ms since 1970. */
export interface Job {
  /** A ULID: ids sort by age. */
  readonly id: string;
  readonly name: string;
  readonly request: JobRequest;
  readonly state: JobState;
  /** Why it was cancelled or aborted. */
  readonly reason: Reason | null;
  readonly createdAt: number;
  /** When its last device was done; null before. */
  readonly finishedAt: number | null;
  /** How many. */
  readonly devices: number;
  readonly actor: Actor;
}

/** A device of a new job: `waiting`, or `skipped` and why. */
export interface JobEntry {
  readonly device: string;
  readonly state: Extract<JobDeviceState, 'waiting' | 'skipped'>;
  readonly code?: string;
  readonly message?: string;
}

/** A job as the API shows it. */
export function viewJob(
  { request, actor, ...job }: Job,
  { states: counts, verifications }: JobCounts,
): JobView {
  return { ...job, ...request, counts, verifications, by: actor.name };
}
