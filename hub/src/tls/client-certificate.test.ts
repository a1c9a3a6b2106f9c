import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { deviceNamed, presentedCertificate } from './client-certificate.js';

test.each([
  ['DNS:esp-7f3a', 'esp-7f3a'],
  ['DNS:Esp_7F3A', 'Esp_7F3A'],
  ['DNS:esp-7f3a, DNS:esp-7f3a.local, IP Address:10.0.0.9', 'esp-7f3a'],
  ['DNS:esp-7f3a, DNS:esp-7f3a', 'esp-7f3a'],
  ['URI:urn:fieldline:device:esp-7f3a', 'esp-7f3a'],
  ['DNS:a, URI:urn:fieldline:device:esp-7f3a, DNS:b', 'esp-7f3a'],
  ['URI:urn:example:device:b, DNS:a', 'a'],
])('%s names %s', (names, device) => {
  expect(deviceNamed(names)).toBe(device);
});

test.each([
  undefined,
  '',
  'DNS:esp-7f3a.local',
  'DNS:*.example',
  'DNS:a, DNS:b',
  'URI:urn:fieldline:device:a, URI:urn:fieldline:device:b',
  'URI:urn:fieldline:device:a.b, DNS:a',
  'URI:urn:fieldline:device:',
  'email:a@example.org',
  // One name with commas in it, as Node prints it.
  'DNS:"x, DNS:victim, y"',
  'URI:"urn:x, URI:urn:fieldline:device:victim, y"',
])('%s names no device', (names) => {
  expect(deviceNamed(names)).toBeNull();
});

test('without TLS there is no certificate', () => {
  expect(presentedCertificate(new PassThrough())).toBeNull();
});
