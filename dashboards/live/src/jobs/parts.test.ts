import { describe, expect, it } from 'vitest';
import { jobWith } from './job.fixture.js';
import { doneOf, failedPercent, partsOf, squaresOf, troubleOf } from './parts.js';

describe('the parts of a job', () => {
  const job = jobWith(
    { succeeded: 10, timed_out: 2, failed: 1, refused: 1, skipped: 3, sent: 1, queued: 1, waiting: 5 },
    { pending: 2, verified: 4, contradicted: 1, unverified: 1 },
  );

  it('tell the device’s word and the reading’s apart, and call no answer unknown', () => {
    expect(partsOf(job)).toEqual({
      verified: 4,
      answered: 3,
      contradicted: 1,
      unknown: 2,
      failed: 2,
      left: 3,
      way: 4,
      waiting: 5,
    });
    expect(doneOf(job)).toBe(15);
  });

  it('that are trouble are named, the worst first, also of a job that is done', () => {
    expect(troubleOf(job)).toEqual([
      { part: 'contradicted', count: 1 },
      { part: 'unknown', count: 2 },
      { part: 'failed', count: 2 },
      { part: 'left', count: 3 },
    ]);
    expect(troubleOf(jobWith({ succeeded: 3 }))).toEqual([]);
  });

  it('fail by the reckoning by which the hub gives a job up', () => {
    // 4 that failed and one whose readings disagree, of 12 that are done; what was left out is neither.
    expect(failedPercent(job)).toBeCloseTo((100 * 5) / 12);
    expect(failedPercent(jobWith({ waiting: 3 }))).toBeNull();
  });
});

describe('the picture of a job', () => {
  it('has a square for each device, the proven first', () => {
    const { each, squares } = squaresOf(partsOf(jobWith({ succeeded: 2, waiting: 1 }, { verified: 2 })));
    expect([each, squares]).toEqual([1, ['verified', 'verified', 'waiting']]);
  });

  it('stays a picture for ten thousand, and shows a single failure still', () => {
    const { each, squares } = squaresOf(partsOf(jobWith({ succeeded: 9_999, failed: 1 })));
    expect(each).toBe(25);
    expect(squares.length).toBeLessThanOrEqual(408);
    expect(squares.filter((part) => part === 'failed')).toHaveLength(1);
  });
});
