import { afterAll, beforeAll, expect, it } from 'vitest';
import { NOW, type OpenApi, openApi } from './api.fixture.js';
import { call } from './described.fixture.js';

let api: OpenApi;

beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

const retype = (path: string, body: object, role: 'admin' | 'operator' = 'admin') =>
  call(api.app, {
    method: 'PATCH',
    url: `/api/v1/profiles/${path}`,
    headers: api.as(role),
    payload: body,
  });
const get = async (url: string) =>
  (await call(api.app, { url: `/api/v1${url}`, headers: api.as('viewer') })).json();

it('a metric is given another type by an admin, and the profile tells', async () => {
  const answer = await retype('env-sensor/metrics/temperature', { type: 'string' });
  const expected = { profile: 'env-sensor', metric: 'temperature', type: 'string', fixedAt: NOW };
  expect([answer.statusCode, answer.json()]).toEqual([200, expected]);
  const retyped = { temperature: { type: 'string', fixedAt: NOW } };
  const profile = await get('/profiles/env-sensor');
  expect(profile).toMatchObject({ metrics: { temperature: { type: 'number' } }, retyped });
  expect((await get('/profiles')).items).toEqual([profile]);
  expect((await retype('env-sensor/metrics/temperature', { type: 'string' }, 'operator')).statusCode).toBe(
    403,
  );
});

it('also one that no profile names, once a device has it', async () => {
  expect((await retype('default/metrics/level', { type: 'number' })).statusCode).toBe(404);
  api.registry.create({ id: 'a-1' });
  api.seen('a-1', 'level', 'low');
  expect((await retype('default/metrics/level', { type: 'number' })).json()).toMatchObject({
    type: 'number',
  });
  expect(await get('/profiles/default')).toEqual({
    profile: 'default',
    metrics: {},
    retyped: { level: { type: 'number', fixedAt: NOW } },
  });
  expect((await get('/devices/a-1')).metrics.level).toMatchObject({ type: 'number', value: null });
});

it.each([
  ['env-sensor/metrics/temperature', { type: 'integer' }],
  ['env-sensor/metrics/temperature', {}],
  ['env-sensor/metrics/time-%00', { type: 'number' }],
])('refuses %s %j', async (path, body) => {
  expect((await retype(path, body)).statusCode).toBe(422);
});

const check = async (yaml: string) => {
  const answer = await call(api.app, {
    method: 'POST',
    url: '/api/v1/profiles/validate',
    headers: api.as('operator'),
    payload: { yaml },
  });
  return answer.json();
};

it('says what is wrong with a draft, and where; or what it says', async () => {
  const good = 'profile: pump\nmetrics:\n  pressure: { type: number, unit: bar }\n';
  expect(await check(good)).toEqual({
    profile: { profile: 'pump', metrics: { pressure: { type: 'number', unit: 'bar' } }, retyped: {} },
    problems: [],
  });
  const wrong = await check(good.replace('unit: bar', 'unit: l/min, min: high'));
  expect(wrong.profile).toBeNull();
  expect(wrong.problems).toEqual(
    expect.arrayContaining([expect.objectContaining({ line: 3, path: 'metrics.pressure.min' })]),
  );
  expect(await check('profile: [')).toMatchObject({ profile: null, problems: [{ line: 1, path: '' }] });
  expect(await check('')).toMatchObject({ profile: null });
  // Nothing of it is kept.
  expect((await get('/profiles')).items).toHaveLength(1);
});
