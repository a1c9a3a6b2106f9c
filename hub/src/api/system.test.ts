import type { SystemSample } from '@fieldline/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { NOW, type OpenApi, openApi } from './api.fixture.js';
import { call } from './described.fixture.js';

const SAMPLE: SystemSample = {
  at: NOW,
  messages: { ws: 10, mqtt: 0, http: 0.2 },
  readings: 50,
  rejected: 0.2,
  duplicates: 0,
  sync: { median: 0.4, p99: 1.2 },
  lag: { duckdb: 3 },
  written: { duckdb: 50 },
  memoryBytes: 100_000_000,
  busy: 0.1,
  viewers: 1,
};

let api: OpenApi;

beforeAll(async () => {
  const samples = { since: (after: number) => [SAMPLE].filter(({ at }) => at > after) };
  api = await openApi({}, { samples });
});
afterAll(() => api.close());

const ask = async (query = '') => call(api.app, { url: `/api/v1/system${query}`, headers: api.as('viewer') });

it('tells how the hub is and was', async () => {
  const { counters } = api;
  counters.messages.ws = 7;
  counters.readings = 20;
  counters.reject('malformed', 2);
  api.registry.create({ id: 'a-1' });
  api.metrics.observeSync(0.0004);
  const answer = (await ask()).json();
  expect(answer).toMatchObject({
    startedAt: NOW,
    at: NOW,
    messages: { ws: 7, mqtt: 0, http: 0 },
    readings: 20,
    rejects: { malformed: 2 },
    devices: { online: 0, offline: 1, stale: 0 },
    viewers: 0,
    journalBytes: 1_000,
    historyBytes: 0,
    samples: [SAMPLE],
  });
  expect(answer.version).toMatch(/^\d+\.\d+\.\d+/);
  // Between 0.25 and 0.5 ms: that is as much as the histogram knows.
  expect(answer.sync.median).toBeGreaterThan(0.25);
  expect(answer.sync.p99).toBeLessThanOrEqual(0.5);
  expect(answer.disk.bytes).toBeGreaterThan(answer.disk.freeBytes);
});

it('tells only samples that are new to whoever asks', async () => {
  expect((await ask(`?after=${NOW - 1}`)).json().samples).toEqual([SAMPLE]);
  expect((await ask(`?after=${NOW}`)).json().samples).toEqual([]);
  expect((await ask('?after=soon')).statusCode).toBe(422);
});
