import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Addressed, Hosts, parseHost } from './hosts.js';

function request(host: string | undefined, origin?: string, localAddress = '127.0.0.1'): Addressed {
  return { host, origin, localAddress, localPort: 8080, isSecure: false };
}

describe('names of the hub', () => {
  const hosts = new Hosts('192.168.1.5', ['https://hub.example', 'http://[2001:db8::1]:9000']);

  it.each([
    'localhost',
    'LOCALHOST:8080',
    'localhost.',
    '127.0.0.1:8080',
    '127.1.2.3',
    '[::1]:8080',
    '[::ffff:127.0.0.1]',
    '[0:0:0:0:0:0:0:1]',
    '192.168.1.5:8080',
    'hub.example',
    'Hub.Example.:443',
    '[2001:DB8:0::1]:9000',
  ])('%s', (host) => expect(hosts.isOurs(request(host))).toBe(true));

  it.each([
    undefined,
    '',
    'evil.example',
    'hub.example.evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '192.168.1.6',
    '[::2]',
    'hub.example:port',
    'evil.example#localhost',
    'a@localhost',
    'localhost, evil.example',
  ])('not %s', (host) => expect(hosts.isOurs(request(host))).toBe(false));

  it('are all addresses of this machine when it listens on all', () => {
    const all = new Hosts('0.0.0.0', []);
    expect(all.isOurs(request('10.0.0.7:8080', undefined, '10.0.0.7'))).toBe(true);
    expect(all.isOurs(request('10.0.0.7:8080', undefined, '::ffff:10.0.0.7'))).toBe(true);
    expect(all.isOurs(request('[fe80::1]:8080', undefined, 'fe80::1%eth0'))).toBe(true);
    expect(all.isOurs(request('10.0.0.8:8080', undefined, '10.0.0.7'))).toBe(false);
    expect(all.isOurs(request('0.0.0.0:8080', undefined, '10.0.0.7'))).toBe(false);
  });

  it('never throw, whatever is sent', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (host, origin, address) => {
        const sent = request(host, origin, address);
        hosts.isOurs(sent);
        hosts.isAllowedOrigin(sent);
        new Hosts('::', []).isOurs(sent);
      }),
    );
  });
});

describe('origins', () => {
  const plain = new Hosts('127.0.0.1', []);
  const proxied = new Hosts('127.0.0.1', ['https://hub.example']);

  it.each([
    ['localhost:8080', 'http://localhost:8080'],
    ['127.0.0.1:8080', 'http://localhost:8080'],
    ['[::1]:8080', 'http://[::1]:8080'],
    // A container's published port is not the one that the hub listens on.
    ['localhost:9000', 'http://localhost:9000'],
    ['localhost', 'http://localhost'],
    ['localhost', 'https://localhost'],
  ])('to %s may come %s', (host, origin) => {
    expect(plain.isAllowedOrigin(request(host, origin))).toBe(true);
  });

  it.each([
    ['localhost:8080', undefined],
    ['localhost:8080', 'null'],
    ['localhost:8080', 'http://localhost:3000'],
    ['localhost:8080', 'http://localhost'],
    ['localhost:8080', 'http://evil.example'],
    ['localhost:8080', 'http://localhost.evil.example:8080'],
    ['localhost:8080', 'file://'],
    ['localhost:8080', 'chrome-extension://localhost:8080'],
    [undefined, 'http://localhost:8080'],
  ])('to %s may not come %s', (host, origin) => {
    expect(plain.isAllowedOrigin(request(host, origin))).toBe(false);
  });

  it('are the configured ones, to the letter, behind a proxy', () => {
    expect(proxied.isAllowedOrigin(request('hub.example', 'https://hub.example'))).toBe(true);
    expect(proxied.isAllowedOrigin(request('127.0.0.1:8080', 'https://hub.example'))).toBe(true);
    expect(proxied.isAllowedOrigin(request('hub.example', 'http://hub.example'))).toBe(false);
    expect(proxied.isAllowedOrigin(request('hub.example', 'https://hub.example:444'))).toBe(false);
    // The loopback of whoever looks at the page is not this machine's.
    expect(proxied.isAllowedOrigin(request('hub.example', 'http://localhost:8080'))).toBe(false);
    expect(proxied.isAllowedOrigin(request('localhost:8080', 'http://localhost:8080'))).toBe(true);
  });
});

it('with TLS, a page without it is none of ours, unless it is configured', () => {
  const hosts = new Hosts('192.168.1.5', ['http://old.example']);
  const isAllowed = (host: string, origin: string) =>
    hosts.isAllowedOrigin({ ...request(host, origin), isSecure: true });
  expect(isAllowed('192.168.1.5:8443', 'https://192.168.1.5:8443')).toBe(true);
  expect(isAllowed('192.168.1.5:8443', 'http://192.168.1.5:8443')).toBe(false);
  expect(isAllowed('localhost', 'https://localhost')).toBe(true);
  expect(isAllowed('localhost', 'http://localhost')).toBe(false);
  expect(isAllowed('localhost:8080', 'http://127.0.0.1:8080')).toBe(false);
  expect(isAllowed('old.example', 'http://old.example')).toBe(true);
});

it('a host is a name or an address, with a port or without', () => {
  expect(parseHost('Hub.Example:80')).toEqual({ name: 'hub.example', port: 80 });
  expect(parseHost('[::1]')).toEqual({ name: '::1', port: undefined });
  expect(parseHost('::1')).toBeUndefined();
  expect(parseHost('a b')).toBeUndefined();
  expect(parseHost("x'; script-src *")).toBeUndefined();
});
