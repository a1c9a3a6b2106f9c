import { expect, test } from 'vitest';
import { loadConfig } from '../config.js';
import { ownAddress } from './own-address.js';

test.each([
  [{}, 'http://127.0.0.1:8080'],
  [{ FIELDLINE_HOST: '0.0.0.0', FIELDLINE_PORT: '9000' }, 'http://127.0.0.1:9000'],
  [{ FIELDLINE_HOST: '::' }, 'http://[::1]:8080'],
  [{ FIELDLINE_HOST: 'fd00::5' }, 'http://[fd00::5]:8080'],
  [{ FIELDLINE_HOST: '192.168.4.2' }, 'http://192.168.4.2:8080'],
  [{ FIELDLINE_PORT: '0' }, 'http://127.0.0.1:8080'],
  [{ FIELDLINE_TLS_CERT: 'a.crt', FIELDLINE_TLS_KEY: 'a.key' }, 'https://127.0.0.1:8080'],
])('a hub with %j is reached at %s', (env, address) => {
  expect(ownAddress(loadConfig(env))).toBe(address);
});
