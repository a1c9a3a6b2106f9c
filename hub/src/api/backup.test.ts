import { afterAll, beforeAll, expect, it } from 'vitest';
import { FieldlineError } from '../errors.js';
import { type OpenApi, openApi } from './api.fixture.js';
import { call } from './described.fixture.js';

let api: OpenApi;

beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

const ask = () => call(api.app, { method: 'POST', url: '/api/v1/backup', headers: api.as('admin') });

async function told(): Promise<string[]> {
  const { items } = await api.audit.list({ action: 'backup' }, { limit: 10 });
  return items.map(({ action, result }) => `${action} ${result}`);
}

it('a backup is streamed as a file, and audited', async () => {
  const answer = await ask();
  expect(answer.statusCode).toBe(200);
  expect(answer.headers).toMatchObject({
    'content-type': 'application/gzip',
    'content-disposition': 'attachment; filename="fieldline-2026-01-01T000000.tar.gz"',
  });
  expect(answer.body).toBe('an archive');
  // Its end is noted when the last of it has gone, which the reader may see first.
  await expect.poll(told).toEqual(['backup.made ok', 'backup.started ok']);
});

it('one that cannot begin is refused, and leaves no entry', async () => {
  const before = await told();
  api.outside.failure = new FieldlineError('backup_running', 'Another backup is being made.', {
    status: 409,
  });
  expect((await ask()).json()).toMatchObject({ status: 409, code: 'backup_running' });
  api.outside.reset();
  expect(await told()).toEqual(before);
});
