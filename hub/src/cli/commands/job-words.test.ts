import { JOB_DEVICE_STATES, type JobDeviceState, type JobView } from '@fieldline/protocol';
import pico from 'picocolors';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../exit-codes.js';
import { countsText, doneOf, failureOf, isOver, jobLines, outcomeText, progressLine } from './job-words.js';

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

  it('tells what telemetry shows beside what devices say', () => {
    const job = jobWith(
      { succeeded: 4 },
      {
        state: 'done',
        finishedAt: 5,
        verifications: { pending: 1, verified: 1, contradicted: 1, unverified: 1 },
      },
    );
    expect(jobLines(job, colors)).toEqual([
      'relay.set to 4 devices: done',
      '  4 succeeded',
      '  by telemetry: 1 verified, 1 contradicted, 1 not shown, 1 pending',
      '  01J8',
    ]);
    expect(outcomeText(job)).toBe('4 succeeded; 1 contradicted');
    expect(outcomeText(jobWith({ succeeded: 1 }))).toBe('1 succeeded');
    expect(jobLines(jobWith({ waiting: 1 }), colors)[0]).toBe('relay.set to 1 device: running');
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

describe('the end of a job that was waited for', () => {
  const ended = (
    counts: Partial<Record<JobDeviceState, number>>,
    proof: Partial<JobView['verifications']> = {},
  ) =>
    jobWith(counts, { verifications: { pending: 0, verified: 0, contradicted: 0, unverified: 0, ...proof } });

  it('is good when all did it, and no reading shows otherwise', () => {
    expect(failureOf(ended({ succeeded: 3 }, { verified: 2, unverified: 1 }))).toBeNull();
  });

  it('is none for devices that were to be left out', () => {
    const left = (state: JobView['state']) => failureOf({ ...ended({ succeeded: 3, skipped: 2 }), state });
    expect(left('done')).toBeNull();
    expect([left('aborted')?.exitCode, left('cancelled')?.exitCode]).toEqual([EXIT.failed, EXIT.failed]);
  });

  it('is a failure where telemetry shows otherwise, whatever the devices say', () => {
    expect(failureOf(ended({ succeeded: 3 }, { contradicted: 1 }))).toEqual({
      exitCode: EXIT.failed,
      message: 'Telemetry of 1 of 3 devices shows otherwise.',
    });
    const unknown = failureOf(ended({ succeeded: 2, timed_out: 1 }, { contradicted: 1 }));
    expect(unknown?.exitCode).toBe(EXIT.failed);
  });

  it('is unknown where nothing but answers is missing', () => {
    expect(failureOf(ended({ succeeded: 2, timed_out: 1 }))).toEqual({
      exitCode: EXIT.unknownOutcome,
      message: '1 of 3 devices did not do it, as far as is known.',
    });
    expect(failureOf(ended({ timed_out: 1, refused: 1 }))?.exitCode).toBe(EXIT.failed);
  });
});
