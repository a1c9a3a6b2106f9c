import { expect, it } from 'vitest';
import { addressesFor, mqttFor } from './addresses.js';

const here = 'http://127.0.0.1:8080';
const open = { loopbackOnly: false, urls: ['http://10.0.0.2:8080'], otherUrls: [], mqtt: null };

it('a device gets the address that the page came by, unless that is loopback', () => {
  expect(addressesFor('http://hub.lan:8080', open)).toEqual(['http://hub.lan:8080', 'http://10.0.0.2:8080']);
  expect(addressesFor('http://10.0.0.2:8080', open)).toEqual(['http://10.0.0.2:8080']);
  expect(addressesFor(here, open)).toEqual(['http://10.0.0.2:8080']);
  expect(addressesFor(here, { ...open, loopbackOnly: true, urls: [] })).toEqual([here]);
});

it('the broker of the hub is at the address of the hub', () => {
  const own = { embedded: true, host: null, port: 1883, secure: false, prefix: 'f' };
  expect(mqttFor('http://[fd00::1]:8080', own)?.host).toBe('fd00::1');
  expect(mqttFor(here, { ...own, embedded: false, host: 'broker' })?.host).toBe('broker');
  expect(mqttFor(here, null)).toBeNull();
});
