import { expect, test } from 'vitest';
import { brokerTarget } from './broker-target.js';

const NONE = { username: null, password: null, caFile: null, certFile: null, keyFile: null };

test.each([
  ['mqtt://broker', undefined, undefined, 'mqtt://broker:1883'],
  ['mqtts://hub:pass%40word@broker', 'hub', 'pass@word', 'mqtts://broker:8883'],
  ['mqtt://hub:100%@[::1]:1884', 'hub', '100%', 'mqtt://[::1]:1884'],
  ['wss://hub@broker/mqtt?token=secret', 'hub', undefined, 'wss://broker:443'],
])('%s', (url, username, password, address) => {
  const target = brokerTarget({ ...NONE, url });
  expect([target.username, target.password, target.address]).toEqual([username, password, address]);
});
