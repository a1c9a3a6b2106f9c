import type { NewJob } from '@fieldline/protocol';
import type { Actor } from '../commands/ledger.js';
import type { Job } from './job.js';

const PER_SECOND = 10;
const ABORT_MINIMUM = 5;

/** A job as it begins. @param devices how many */
export function newJob(id: string, wanted: NewJob, devices: number, actor: Actor, createdAt: number): Job {
  const { name, params = {}, queue = false, ttl = null, perSecond = PER_SECOND } = wanted;
  const { percent, minimum = ABORT_MINIMUM } = wanted.abortAfterFailures ?? {};
  const abortAfterFailures = percent === undefined ? null : { percent, minimum };
  return {
    ...{ id, name, devices, createdAt, actor },
    ...{ state: 'running', reason: null, finishedAt: null },
    request: { params, queue, ttl, perSecond, abortAfterFailures },
  };
}
