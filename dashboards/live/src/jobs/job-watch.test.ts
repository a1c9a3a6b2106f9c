import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { jobWith } from './job.fixture.js';
import { isUnderWay, JobWatch } from './job-watch.js';

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('document', { hidden: false, addEventListener: () => {}, removeEventListener: () => {} });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const done = { ...jobWith({ succeeded: 2 }, { verified: 2 }), state: 'done', finishedAt: 5 } as const;

it('a job is under way until its last answer, and until its last reading', () => {
  expect(isUnderWay(jobWith({ sent: 1 }))).toBe(true);
  expect(isUnderWay({ ...done, verifications: { ...done.verifications, pending: 1 } })).toBe(true);
  expect(isUnderWay(done)).toBe(false);
});

it('the hub is asked once a second while a job is under way, seldom while none is, and never afterwards', async () => {
  let answer = [jobWith({ sent: 2 })];
  let asked = 0;
  const watch = new JobWatch({
    jobs: async () => {
      asked++;
      return { items: answer, next: null };
    },
  });
  watch.open();
  await vi.advanceTimersByTimeAsync(2_100);
  expect(asked).toBe(3);
  answer = [done];
  await vi.advanceTimersByTimeAsync(1_000);
  expect([asked, watch.jobs.value]).toEqual([4, [done]]);
  await vi.advanceTimersByTimeAsync(9_000);
  expect(asked).toBe(4);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(asked).toBe(5);
  watch.close();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toBe(5);
});

it('older jobs are added, each once, newest first; trouble keeps what was known', async () => {
  const ids = ['01C', '01B', '01A'].map((id) => ({ ...done, id }));
  let fails = false;
  const watch = new JobWatch({
    jobs: async (cursor) => {
      if (fails) throw new Error('away');
      return cursor === undefined
        ? { items: ids.slice(0, 2), next: 'more' }
        : { items: ids.slice(1), next: null };
    },
  });
  await watch.again();
  expect(watch.more.value).toBe(true);
  await watch.next();
  expect([watch.jobs.value.map(({ id }) => id), watch.more.value]).toEqual([['01C', '01B', '01A'], false]);
  fails = true;
  await watch.again();
  expect([watch.state.value, watch.reason.value, watch.jobs.value.length]).toEqual(['failed', 'away', 3]);
});
