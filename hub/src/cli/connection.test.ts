import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadConfig } from '../config.js';
import { findHub } from './connection.js';
import { EXIT } from './exit-codes.js';

let data: string;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'fieldline-cli-'));
});
afterEach(() => rm(data, { recursive: true }));

/** The configuration of the hub on this machine, as the command line would load it. */
const configured = (env: NodeJS.ProcessEnv) => () => loadConfig({ FIELDLINE_DATA: data, ...env });

test('the environment comes first, and then the configuration is not asked', async () => {
  const env = { FIELDLINE_URL: 'http://hub.local:9000/', FIELDLINE_API_TOKEN: ' fla_env ' };
  const hub = await findHub(env, () => {
    throw new Error('not to be asked');
  });
  expect(hub).toEqual({ url: 'http://hub.local:9000', token: 'fla_env', tokenSource: 'FIELDLINE_API_TOKEN' });
});

test('else the token is the one in the data directory', async () => {
  await writeFile(join(data, 'admin-token'), 'fla_file\n');
  const hub = await findHub({}, configured({}));
  expect(hub).toEqual({
    url: 'http://127.0.0.1:8080',
    token: 'fla_file',
    tokenSource: join(data, 'admin-token'),
  });
});

test('a hub is found where its configuration says that it listens', async () => {
  const at = async (env: NodeJS.ProcessEnv) => (await findHub(env, configured(env))).url;
  expect(await at({ FIELDLINE_PORT: '8091' })).toBe('http://127.0.0.1:8091');
  expect(await at({ FIELDLINE_HOST: '0.0.0.0', FIELDLINE_PORT: '0' })).toBe('http://127.0.0.1:8080');
  const secure = { FIELDLINE_PORT: '8443', FIELDLINE_TLS_CERT: 'tls.crt', FIELDLINE_TLS_KEY: 'tls.key' };
  expect(await at(secure)).toBe('https://127.0.0.1:8443');
  expect(await at({ FIELDLINE_PORT: '8091', FIELDLINE_URL: 'http://hub.local' })).toBe('http://hub.local');
  const file = join(data, 'hub.yaml');
  await writeFile(file, 'port: 8092\nhost: 192.168.4.2\n');
  expect(await at({ FIELDLINE_CONFIG: file })).toBe('http://192.168.4.2:8092');
});

test('a token in the configuration does, since it is the one in force', async () => {
  await writeFile(join(data, 'admin-token'), 'fla_old\n');
  const token = `fla_${'c'.repeat(43)}`;
  const hub = await findHub({}, configured({ FIELDLINE_ADMIN_TOKEN: token }));
  expect(hub).toMatchObject({ token, tokenSource: 'adminToken of the configuration' });
});

test('no token at all is left to the hub to refuse', async () => {
  expect((await findHub({}, configured({}))).token).toBeUndefined();
});

test('an address on the command line wins, and has to be one', async () => {
  const env = { FIELDLINE_URL: 'http://hub.local', FIELDLINE_API_TOKEN: 'x' };
  expect((await findHub(env, configured({}), 'https://other/base/')).url).toBe('https://other/base');
  for (const bad of ['hub.local:8080', 'ws://hub.local', 'no address']) {
    await expect(findHub(env, configured({}), bad)).rejects.toMatchObject({ exitCode: EXIT.usage });
  }
});
