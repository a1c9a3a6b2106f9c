import type { DeviceView, HistoryView, Page } from '@fieldline/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HubProcess, startHub } from './kit/hub-process.js';

const T = 1_767_225_600_000;

let hub: HubProcess;
let token: string;

beforeAll(async () => {
  hub = await startHub();
  token = await hub.http.addDevice('logger', { tags: { site: 'north' } });
});

afterAll(() => hub.dispose());

function ingest(body: unknown, id = 'logger') {
  return hub.http.request(`/api/v1/ingest/${id}`, { body, token });
}

describe('ingest over HTTP', () => {
  it('takes one message or several, and answers after the sync', async () => {
    const one = await ingest({ time: T, values: { x: 1 } });
    expect(one.status).toBe(200);
    expect(one.json()).toEqual({ accepted: 1, duplicates: 0, rejected: [] });
    const several = await ingest([
      {
        boot: 'b1',
        seq: 1,
        rows: [
          [T + 1_000, { x: 2 }],
          [T + 2_000, { x: 3 }],
        ],
      },
      { boot: 'b1', seq: 1, values: { x: 99 } },
      { boot: 'b1', seq: 2, t0: T + 3_000, dt: [0], columns: { x: [4, 5] } },
      { boot: 'b1', seq: 3, time: T + 4_000, values: { x: 'warm', y: 5 } },
    ]);
    expect(several.status).toBe(200);
    expect(several.json()).toMatchObject({
      duplicates: 1,
      rejected: [
        { index: 2, code: 'malformed' },
        { index: 3, metric: 'x', code: 'type_conflict' },
      ],
    });
    // Killed at once: what was answered is there.
    await hub.kill9();
    await hub.start();
    expect(await hub.http.history('logger', 'x')).toEqual([
      [T, 1],
      [T + 1_000, 2],
      [T + 2_000, 3],
    ]);
    expect(await hub.http.history('logger', 'y')).toEqual([[T + 4_000, 5]]);
  });

  it('is bounded by the rate of the device: what there is no room for comes again', async () => {
    const own = await hub.http.addDevice('busy');
    const messages = Array.from({ length: 1_000 }, (_, n) => ({ boot: 'b1', seq: n + 1, values: { n } }));
    const post = () => hub.http.request('/api/v1/ingest/busy', { body: messages, token: own });
    expect((await post()).json()).toMatchObject({ accepted: 1_000 });
    const refused = await post();
    expect(refused.status).toBe(429);
    expect(refused.json()).toMatchObject({ code: 'rate_limited' });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('is for the device’s own token only', async () => {
    await hub.http.addDevice('other');
    expect((await ingest({ values: { x: 1 } }, 'other')).status).toBeGreaterThanOrEqual(401);
    expect((await hub.http.request('/api/v1/ingest/logger', { body: { values: { x: 1 } } })).status).toBe(
      401,
    );
    const none = await hub.http.request('/api/v1/ingest/logger', { body: { values: { x: 1 } }, token: null });
    expect(none.status).toBe(401);
  });
});

describe('reading back', () => {
  it('aggregates in buckets', async () => {
    const query = `metric=x&from=${T}&to=${T + 4_000}&points=2`;
    const answer = await hub.http.get<HistoryView>(`/api/v1/devices/logger/telemetry?${query}`);
    expect(answer).toMatchObject({ device: 'logger', metric: 'x', interval: 2_000, next: null });
    expect(answer.points).toEqual([
      [T, 1.5, 1, 2, 2],
      [T + 2_000, 3, 3, 3, 1],
    ]);
  });

  it('exports CSV and NDJSON', async () => {
    const path = `/api/v1/telemetry/export?device=logger&metric=x&from=${T}&to=${T + 10_000}`;
    const csv = await hub.http.request(`${path}&format=csv`);
    expect(csv.headers.get('content-type')).toMatch(/^text\/csv/);
    expect(csv.text.trim().split(/\r?\n/)).toHaveLength(4);
    const ndjson = await hub.http.request(`${path}&format=ndjson`);
    const rows = ndjson.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(rows.map(({ value }) => value)).toEqual([1, 2, 3]);
  });

  it('answers 404 for what was never seen, 422 for what makes no sense, as problem+json', async () => {
    const missing = await hub.http.request('/api/v1/devices/logger/telemetry?metric=nothing');
    expect(missing.status).toBe(404);
    expect(missing.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(missing.json()).toMatchObject({ status: 404, code: expect.any(String) });
    expect((await hub.http.request('/api/v1/devices/nobody')).status).toBe(404);
    const bad = await hub.http.request('/api/v1/devices', { body: { id: 'no good' } });
    expect(bad.status).toBe(422);
    expect(bad.json()).toMatchObject({ code: expect.any(String) });
  });

  it('finds devices by tag and text, page by page', async () => {
    for (let n = 0; n < 5; n++) await hub.http.addDevice(`paged-${n}`, { tags: { site: 'south' } });
    const found: string[] = [];
    let cursor = '';
    do {
      const page = await hub.http.get<Page<DeviceView>>(
        `/api/v1/devices?tag.site=south&q=PAGED&limit=2${cursor}`,
      );
      found.push(...page.items.map(({ id }) => id));
      cursor = page.next === null ? '' : `&cursor=${encodeURIComponent(page.next)}`;
    } while (cursor !== '');
    expect(found.sort()).toEqual([0, 1, 2, 3, 4].map((n) => `paged-${n}`));
  });
});

describe('operations', () => {
  it('health, readiness with sinks, and metrics for those who may', async () => {
    expect((await hub.http.request('/healthz', { token: null })).status).toBe(200);
    const ready = await hub.http.request('/readyz', { token: null });
    expect(ready.status).toBe(200);
    expect(ready.json()).toMatchObject({
      status: 'ready',
      journal: expect.any(Object),
      sinks: { duckdb: { state: 'running', lag: expect.any(Number) } },
    });
    expect((await hub.http.request('/metrics', { token: null })).status).toBe(401);
    const { text } = await hub.http.request('/metrics');
    for (const name of [
      'fieldline_messages_total{source="http"}',
      'fieldline_readings_total',
      'fieldline_journal_sync_seconds_bucket',
      'fieldline_journal_bytes',
      'fieldline_sink_lag_readings{sink="duckdb"}',
      'fieldline_sink_written_total{sink="duckdb"}',
      'fieldline_devices{state="online"}',
      'fieldline_viewers',
      'fieldline_live_dropped_total',
      'process_cpu_seconds_total',
    ]) {
      expect(text).toContain(`\n${name}`);
    }
  });

  it('describes itself, and answers no host name but its own', async () => {
    const openapi = await hub.http.get<{ openapi: string; paths: object }>('/api/v1/openapi.json');
    expect(openapi.openapi).toMatch(/^3\.1/);
    expect(Object.keys(openapi.paths).length).toBeGreaterThan(10);
    expect((await hub.http.request('/api/docs', { token: null })).status).toBe(200);
  });

  it('asks for an allowed Origin where a cookie does something', async () => {
    const body = { username: 'admin', password: `fla_${'t'.repeat(43)}` };
    const login = await hub.http.request('/api/v1/session', { body, token: null });
    const cookie = login.headers.get('set-cookie')?.split(';')[0] ?? '';
    const add = (headers: Record<string, string>, id: string) =>
      hub.http.request('/api/v1/devices', { body: { id }, token: null, headers: { cookie, ...headers } });
    expect((await add({}, 'by-cookie')).status).toBe(403);
    expect((await add({ origin: 'https://evil.example' }, 'by-cookie')).status).toBe(403);
    expect((await add({ origin: hub.url }, 'by-cookie')).status).toBe(201);
  });
});
