import { JOB_DEVICE_STATES, type JobDeviceState, type JobView } from '@fieldline/protocol';
import pico from 'picocolors';
import { describe, expect, it } from 'vitest';
import { countsText, doneOf, isOver, jobLines, progressLine } from './job-words.js';

const colors = pico.createColors(false);

function jobWith(counts: Partial<Record<JobDeviceState, number>>, rest: Partial<JobView> = {}): JobView {
  const all = Object.fromEntries(JOB_DEVICE_STATES.map((state) => [state, 0])) as Record<
    JobDeviceState,
    number
  >;
  return {
    ...{ id: '01J8', name: 'relay.set', params: {}, queue: false, ttl: null, perSecond: 10 },
    ...{
      abortAfterFailures: null,
      state: 'running',
      reason: null,
      createdAt: 0,
      finishedAt: null,
      by: 'ada',
    },
    devices: Object.values(counts).reduce((sum, count) => sum + count, 0),
    counts: { ...all, ...counts },
    verifications: { pending: 0, verified: 0, contradicted: 0, unverified: 0 },
    ...rest,
  };
}

describe('a job in words', () => {
  it('tells how many devices are in which state, and calls an unknown outcome so', () => {
    const job = jobWith({ waiting: 3, sent: 1, succeeded: 4, timed_out: 2 });
    expect(countsText(job)).toBe('1 sent, 4 succeeded, 2 outcome unknown, 3 waiting');
    expect(doneOf(job)).toBe(6);
    expect(progressLine(job)).toBe('relay.set: 6/10  1 sent, 4 succeeded, 2 outcome unknown, 3 waiting');
    expect(isOver(job)).toBe(false);
  });

  it('says that an ended job still waits for what was sent, and why it ended', () => {
    const reason = { code: 'job_aborted', message: '2 of 5 devices\nfailed' };
    const job = jobWith({ sent: 1, failed: 2, skipped: 7 }, { state: 'aborted', reason });
    expect(jobLines(job, colors)).toEqual([
      'relay.set to 10 devices: aborted, and what was sent is waited for',
      '  1 sent, 2 failed, 7 skipped',
      '  job_aborted: 2 of 5 devices\\u000afailed',
      '  01J8',
    ]);
    const over = { ...job, finishedAt: 5 };
    expect(jobLines(over, colors)[0]).toBe('relay.set to 10 devices: aborted');
  });
});
