import { expect, it } from 'vitest';
import { addressesFor } from './addresses.js';

const here = 'http://127.0.0.1:8080';
const open = { loopbackOnly: false, urls: ['http://10.0.0.2:8080'], otherUrls: [], mqtt: null };

it('a device gets the address that the page came by, unless that is loopback', () => {
  expect(addressesFor('http://hub.lan:8080', open)).toEqual(['http://hub.lan:8080', 'http://10.0.0.2:8080']);
  expect(addressesFor('http://10.0.0.2:8080', open)).toEqual(['http://10.0.0.2:8080']);
  expect(addressesFor(here, open)).toEqual(['http://10.0.0.2:8080']);
  expect(addressesFor(here, { ...open, loopbackOnly: true, urls: [] })).toEqual([here]);
});
