import { expect, test } from 'vitest';
import { forwardedAddresses } from './forwarding.js';

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['198.51.100.1, 203.0.113.7', '198.51.100.1, 203.0.113.7'],
  ['2001:db8::1,203.0.113.7', '2001:db8::1, 203.0.113.7'],
  // Azure's gateway writes ports.
  ['203.0.113.7:51234', '203.0.113.7'],
  ['[2001:db8::1]:51234, [2001:db8::2]', '2001:db8::1, 2001:db8::2'],
  // What the client wrote, before what the proxy added.
  ['<script>, 203.0.113.7', '203.0.113.7'],
  ['203.0.113.1, unknown, 203.0.113.7', '203.0.113.7'],
  ['203.0.113.7, unknown', ''],
  ['unknown', ''],
  ['', ''],
  [' , ', ''],
  ['203.0.113.7:', ''],
  ['999.1.1.1', ''],
])('"%s" means "%s"', (header, addresses) => {
  expect(forwardedAddresses(header)).toBe(addresses);
});
