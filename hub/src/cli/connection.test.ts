import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findHub } from './connection.js';
import { EXIT } from './exit-codes.js';

let data: string;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'fieldline-cli-'));
});
afterEach(() => rm(data, { recursive: true }));

test('the environment comes first, and then the configuration is not asked', async () => {
  const env = { FIELDLINE_URL: 'http://hub.local:9000/', FIELDLINE_API_TOKEN: ' fla_env ' };
  const hub = await findHub(env, () => {
    throw new Error('not to be asked');
  });
  expect(hub).toEqual({ url: 'http://hub.local:9000', token: 'fla_env', tokenSource: 'FIELDLINE_API_TOKEN' });
});

test('else the token is the one in the data directory', async () => {
  await writeFile(join(data, 'admin-token'), 'fla_file\n');
  const hub = await findHub({}, () => data);
  expect(hub).toEqual({
    url: 'http://127.0.0.1:8080',
    token: 'fla_file',
    tokenSource: join(data, 'admin-token'),
  });
});

test('a hub that was started in the same shell is found by its port', async () => {
  expect((await findHub({ FIELDLINE_PORT: '8091' }, () => data)).url).toBe('http://127.0.0.1:8091');
  expect((await findHub({ FIELDLINE_PORT: '0' }, () => data)).url).toBe('http://127.0.0.1:8080');
  const secure = { FIELDLINE_PORT: '8443', FIELDLINE_TLS_CERT: 'tls.crt' };
  expect((await findHub(secure, () => data)).url).toBe('https://127.0.0.1:8443');
  const both = { FIELDLINE_PORT: '8091', FIELDLINE_URL: 'http://hub.local' };
  expect((await findHub(both, () => data)).url).toBe('http://hub.local');
});

test('no token at all is left to the hub to refuse', async () => {
  expect((await findHub({}, () => data)).token).toBeUndefined();
});

test('an address on the command line wins, and has to be one', async () => {
  const env = { FIELDLINE_URL: 'http://hub.local', FIELDLINE_API_TOKEN: 'x' };
  expect((await findHub(env, () => data, 'https://other/base/')).url).toBe('https://other/base');
  for (const bad of ['hub.local:8080', 'ws://hub.local', 'no address']) {
    await expect(findHub(env, () => data, bad)).rejects.toMatchObject({ exitCode: EXIT.usage });
  }
});
