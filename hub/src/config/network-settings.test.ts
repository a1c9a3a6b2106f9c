import { describe, expect, it } from 'vitest';
import { loadConfig } from '../config.js';

describe('tls', () => {
  it('needs certificate and key together', () => {
    expect(() => loadConfig({ FIELDLINE_TLS_CERT: 'a.crt' })).toThrow('tls.cert (without tls.key)');
    expect(() => loadConfig({ FIELDLINE_TLS_KEY: 'a.key' })).toThrow('tls.key (without tls.cert)');
    expect(() => loadConfig({ FIELDLINE_TLS_CLIENT_CA: 'ca.crt' })).toThrow(
      'tls.clientCa (without tls.cert)',
    );
    const { tls } = loadConfig({ FIELDLINE_TLS_CERT: 'a.crt', FIELDLINE_TLS_KEY: 'a.key' });
    expect(tls).toEqual({ cert: 'a.crt', key: 'a.key', clientCa: null });
  });
});

describe('proxy.trusted', () => {
  it.each([['127.0.0.1'], ['loopback'], ['10.0.0.0/8,::1,2001:db8::/32,::ffff:10.0.0.1']])(
    'may be %s',
    (text) => {
      expect(loadConfig({ FIELDLINE_PROXY_TRUSTED: text }).proxy.trusted).toEqual(text.split(','));
    },
  );

  it.each([
    'everyone',
    'true',
    '1',
    '0.0.0.0/0',
    '::/0',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0/8',
    'hub.example',
  ])('may not be %s', (text) => {
    expect(() => loadConfig({ FIELDLINE_PROXY_TRUSTED: text })).toThrow('is no address and no network');
  });
});
