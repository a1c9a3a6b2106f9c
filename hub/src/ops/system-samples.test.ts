import { beforeEach, expect, it } from 'vitest';
import type { SinkStatus } from '../sinks/sink.js';
import { Counters } from './counters.js';
import type { Buckets } from './sync-times.js';
import { SystemSamples } from './system-samples.js';

const SINK: SinkStatus = { state: 'running', lag: 0, oldest: null, written: 0, skipped: 0, errors: {} };

let now: number;
let counters: Counters;
let sinks: Record<string, SinkStatus>;
let syncs: Buckets;
let samples: SystemSamples;

beforeEach(() => {
  now = 1_000_000;
  counters = new Counters();
  sinks = { duckdb: SINK };
  syncs = [
    [0.001, 0],
    [Number.POSITIVE_INFINITY, 0],
  ];
  const log = { warn: () => {} };
  samples = new SystemSamples({
    ...{ counters, log },
    sinks: () => sinks,
    viewers: () => 3,
    syncs: async () => syncs,
    now: () => now,
  });
});

it('are what happened between two looks, a second', async () => {
  await samples.take();
  expect(samples.since(0)).toEqual([]);
  now += 5_000;
  counters.messages.ws = 50;
  counters.readings = 100;
  counters.reject('malformed', 10);
  counters.duplicates = 5;
  sinks = { duckdb: { ...SINK, lag: 7, written: 90 } };
  syncs = [
    [0.001, 4],
    [Number.POSITIVE_INFINITY, 4],
  ];
  await samples.take();
  const [sample] = samples.since(0);
  expect(sample).toMatchObject({
    at: now,
    messages: { ws: 10, http: 0, mqtt: 0 },
    readings: 20,
    rejected: 2,
    duplicates: 1,
    lag: { duckdb: 7 },
    written: { duckdb: 18 },
    viewers: 3,
  });
  expect(sample?.sync?.median).toBeCloseTo(0.5);
  expect(sample?.memoryBytes).toBeGreaterThan(1_000_000);
  expect(sample?.busy).toBeGreaterThanOrEqual(0);
});

it('are told from a time on, and the oldest make room', async () => {
  for (let i = 0; i < 200; i++) {
    await samples.take();
    now += 5_000;
  }
  expect(samples.since(0)).toHaveLength(180);
  expect(samples.since(now - 15_000)).toHaveLength(2);
  now -= 60_000;
  await samples.take();
  expect(samples.since(0)).toHaveLength(180);
});

it('begin with a sink when it is first seen', async () => {
  await samples.take();
  now += 1_000;
  sinks = { mqtt: { ...SINK, written: 5_000 } };
  await samples.take();
  expect(samples.since(0)[0]?.written).toEqual({ mqtt: 0 });
});
