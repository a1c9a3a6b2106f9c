import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { NOW, type OpenApi, openApi } from './api.fixture.js';
import { call } from './described.fixture.js';

const DAY_MS = 86_400_000;

let api: OpenApi;

beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());
beforeEach(() => {
  api.reset();
  api.registry.create({ id: 'a-1', profile: 'env-sensor' });
  api.seen('a-1', 'temperature', 21.5);
  api.seen('a-1', 'door', true);
  api.seen('a-1', 'mode', 'eco');
});

const get = (query: string, device = 'a-1') =>
  call(api.app, { url: `/api/v1/devices/${device}/telemetry?${query}`, headers: api.as('viewer') });

describe('the history of a metric', () => {
  it('is that of the last 24 hours in 500 means, when nothing else is asked for', async () => {
    const answer = await get('metric=temperature');
    expect(answer.json()).toEqual({
      device: 'a-1',
      metric: 'temperature',
      unit: 'Cel',
      interval: 60_000,
      points: [[NOW, 21.5, 21, 22, 3]],
      next: null,
    });
    expect(api.outside.queries).toEqual([
      {
        device: 'a-1',
        metric: 'temperature',
        from: NOW - DAY_MS,
        to: NOW,
        points: 500,
        aggregate: 'mean',
        limit: 10_000,
      },
    ]);
  });

  it('is read only after what was acknowledged can be seen', async () => {
    await get('metric=temperature');
    expect(api.outside.settled).toEqual(['a-1']);
  });

  it.each([
    ['temperature', 'mean'],
    ['door', 'last'],
    ['mode', 'last'],
  ])('of %s is %s by default', async (metric, aggregate) => {
    expect((await get(`metric=${metric}`)).statusCode).toBe(200);
    expect(api.outside.queries[0]?.aggregate).toBe(aggregate);
  });

  it('takes times in ms and in ISO 8601', async () => {
    await get(`metric=temperature&from=${NOW - 60_000}&to=2026-01-01T01:00:00%2B01:00`);
    expect(api.outside.queries[0]).toMatchObject({ from: NOW - 60_000, to: NOW });
  });

  it('begins a day before its end when only that is given', async () => {
    await get(`metric=temperature&to=${NOW - DAY_MS}`);
    expect(api.outside.queries[0]).toMatchObject({ from: NOW - 2 * DAY_MS, to: NOW - DAY_MS });
  });

  it('is given raw, page by page', async () => {
    api.outside.points = { interval: 0, points: [[NOW, 'eco']], next: 'more' };
    expect((await get('metric=mode&aggregate=raw&points=1')).json()).toMatchObject({
      interval: 0,
      next: 'more',
    });
    await get('metric=mode&aggregate=raw&points=1&cursor=more');
    expect(api.outside.queries[1]).toMatchObject({ aggregate: 'raw', limit: 1, cursor: 'more' });
    await get('metric=mode&aggregate=raw');
    expect(api.outside.queries[2]).toMatchObject({ limit: 10_000 });
  });

  it.each([
    ['', 'query.metric', 'is missing'],
    ['metric=', 'query.metric', 'is missing'],
    ['metric=temp%20erature', 'query.metric', 'must match pattern'],
    ['metric=temperature&from=yesterday', 'query.from', 'ISO 8601'],
    ['metric=temperature&to=2026-02-30', 'query.to', 'ISO 8601'],
    ['metric=temperature&from=2&to=1', 'query.from', 'must be before query.to'],
    ['metric=temperature&from=1&to=1', 'query.from', 'must be before query.to'],
    ['metric=temperature&points=0', 'query.points', '>= 1'],
    ['metric=temperature&points=10001', 'query.points', '<= 10000'],
    ['metric=temperature&points=1.5', 'query.points', 'integer'],
    ['metric=temperature&aggregate=median', 'query.aggregate', 'mean, last, min, max, sum, count, raw'],
    ['metric=mode&aggregate=mean', 'query.aggregate', 'must be last, count or raw'],
    ['metric=temperature&agregate=mean', 'query.agregate', 'is not known here; known: metric, '],
  ])('is not asked for like this: ?%s', async (query, path, message) => {
    const answer = await get(query);
    expect(answer.json()).toMatchObject({ status: 422, code: 'validation_failed' });
    expect(answer.json().errors[0].path).toBe(path);
    expect(answer.json().errors[0].message).toContain(message);
    expect(api.outside.queries).toEqual([]);
  });

  it('is 404 for what was never seen', async () => {
    api.registry.create({ id: 'a-2', profile: 'env-sensor' });
    expect((await get('metric=humidity')).json()).toMatchObject({
      status: 404,
      code: 'not_found',
      detail: 'no metric humidity of device a-1',
    });
    expect((await get('metric=temperature', 'a-2')).statusCode).toBe(404);
    expect((await get('metric=toString')).statusCode).toBe(404);
    expect((await get('metric=temperature', 'a-3')).statusCode).toBe(404);
  });
});
