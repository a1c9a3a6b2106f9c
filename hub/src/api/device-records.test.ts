import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { NOW, type OpenApi, openApi } from './api.fixture.js';
import { call } from './described.fixture.js';

let api: OpenApi;

beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());
beforeEach(() => {
  api.reset();
  api.registry.create({ id: 'a-1' });
});

const get = async (url: string) => {
  const answer = await call(api.app, { url: `/api/v1${url}`, headers: api.as('viewer') });
  expect(answer.statusCode).toBe(200);
  return answer.json();
};

it('refused values are listed with their reasons, newest first', async () => {
  const item = { device: 'a-1', code: 'bad_value', message: 'not a value', source: 'ws' };
  api.quarantine.add({ ...item, time: NOW, metric: 'temperature', value: { nested: [1] } });
  api.quarantine.add({ ...item, time: NOW + 1, metric: null, value: '{"temperature":nan}' });
  api.quarantine.flush();
  const first = await get('/devices/a-1/quarantine?limit=1');
  expect(first.items).toEqual([
    {
      time: NOW + 1,
      metric: null,
      value: '{"temperature":nan}',
      code: 'bad_value',
      message: 'not a value',
      source: 'ws',
    },
  ]);
  const rest = await get(`/devices/a-1/quarantine?cursor=${first.next}`);
  expect(rest.items).toMatchObject([{ metric: 'temperature', value: { nested: [1] } }]);
  expect(rest.next).toBeNull();
});

it('log lines are listed, newest first', async () => {
  api.deviceLog.add({ device: 'a-1', at: NOW, level: 'info', message: 'booted' });
  api.deviceLog.add({ device: 'a-1', at: NOW + 1, level: 'warn', message: 'brown-out' });
  api.deviceLog.flush();
  expect(await get('/devices/a-1/log')).toEqual({
    items: [
      { at: NOW + 1, level: 'warn', message: 'brown-out' },
      { at: NOW, level: 'info', message: 'booted' },
    ],
    next: null,
  });
});

it('events of a connection are listed, newest first', async () => {
  api.deviceConnections.add('a-1', { at: NOW, event: 'online', reason: 'connected' });
  api.deviceConnections.add('a-1', { at: NOW + 1, event: 'rebooted', boot: 'b2' });
  api.deviceConnections.add('a-1', { at: NOW + 2, event: 'late', from: 5, to: 9, readings: 3 });
  const first = await get('/devices/a-1/connections?limit=2');
  expect(first.items).toEqual([
    { at: NOW + 2, event: 'late', from: 5, to: 9, readings: 3 },
    { at: NOW + 1, event: 'rebooted', boot: 'b2' },
  ]);
  const rest = await get(`/devices/a-1/connections?cursor=${first.next}`);
  expect(rest).toEqual({ items: [{ at: NOW, event: 'online', reason: 'connected' }], next: null });
  const headers = api.as('viewer');
  const missing = await call(api.app, { url: '/api/v1/devices/nobody/connections', headers });
  expect(missing.statusCode).toBe(404);
});

it('where Grafana shows a device is said to all who see the device', async () => {
  expect(await get('/devices/a-1/grafana')).toEqual({ url: 'http://g:3000/d/null?var-device=a-1' });
  const missing = await call(api.app, { url: '/api/v1/devices/nobody/grafana', headers: api.as('viewer') });
  expect(missing.statusCode).toBe(404);
});

it('a cursor of somebody’s own making is refused', async () => {
  const headers = api.as('viewer');
  const answer = await call(api.app, { url: '/api/v1/devices/a-1/log?cursor=!', headers });
  expect(answer.statusCode).toBe(422);
});

it('profiles are listed and shown as their files say them', async () => {
  const metrics = { temperature: { type: 'number', unit: 'Cel' } };
  const profile = { profile: 'env-sensor', metrics, retyped: {} };
  expect(await get('/profiles')).toEqual({ items: [profile], next: null });
  expect(await get('/profiles/env-sensor')).toEqual(profile);
  const missing = await call(api.app, { url: '/api/v1/profiles/toString', headers: api.as('viewer') });
  expect(missing.json()).toMatchObject({ status: 404, detail: 'no profile toString' });
});
