import type { SystemSample, SystemView } from '@fieldline/protocol';
import { expect, it } from 'vitest';
import { joined, KEPT_MS, SystemWatch } from './system-watch.js';

const sample = (at: number): SystemSample => ({
  at,
  messages: { ws: 1 },
  readings: 1,
  rejected: 0,
  duplicates: 0,
  sync: null,
  lag: {},
  written: {},
  memoryBytes: 1,
  busy: 0,
  viewers: 0,
});
const view = (at: number): Omit<SystemView, 'samples'> => ({
  version: '1.0.0',
  startedAt: 0,
  at,
  messages: {},
  readings: 0,
  duplicates: 0,
  gaps: 0,
  clockRepairs: 0,
  rejects: {},
  bestEffortDropped: 0,
  liveDropped: 0,
  sync: null,
  devices: { online: 0, sleeping: 0, offline: 0, stale: 0, flapping: 0 },
  viewers: 0,
  memoryBytes: 0,
  journalBytes: 0,
  historyBytes: null,
  disk: null,
  sampleMs: 5_000,
});
const times = (samples: readonly SystemSample[]) => samples.map(({ at }) => at);

it('asks only for samples that it does not have, and keeps what it was told while the hub is away', async () => {
  const asked: (number | undefined)[] = [];
  let fails = false;
  const watch = new SystemWatch(async (after) => {
    asked.push(after);
    if (fails) throw new Error('away');
    return {
      ...view(20_000),
      samples: after === undefined ? [sample(5_000), sample(10_000)] : [sample(15_000)],
    };
  });
  await watch.ask();
  await watch.ask();
  fails = true;
  await watch.ask();
  expect(asked).toEqual([undefined, 10_000, 15_000]);
  expect(times(watch.news.value?.samples ?? [])).toEqual([5_000, 10_000, 15_000]);
});

it('keeps a quarter of an hour, each sample once', () => {
  const first = joined(null, view(10_000), [sample(5_000), sample(10_000)]);
  const second = joined(first, view(12_000), [sample(10_000), sample(12_000)]);
  expect(times(second.samples)).toEqual([5_000, 10_000, 12_000]);
  expect(times(joined(second, view(KEPT_MS + 10_000), []).samples)).toEqual([12_000]);
});
