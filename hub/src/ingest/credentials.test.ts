import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAuthorization } from './credentials.js';

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('readAuthorization', () => {
  it('reads Bearer and Basic, in any case', () => {
    expect(readAuthorization('Bearer fld_x')).toEqual({ token: 'fld_x' });
    expect(readAuthorization('bearer  fld_x ')).toEqual({ token: 'fld_x' });
    expect(readAuthorization(basic('esp-1:fld_x'))).toEqual({ device: 'esp-1', token: 'fld_x' });
    expect(readAuthorization(basic('esp-1:a:b'))).toEqual({ device: 'esp-1', token: 'a:b' });
  });

  it('tells absence from nonsense', () => {
    expect(readAuthorization(undefined)).toBeNull();
    expect(readAuthorization('')).toBeNull();
    for (const header of ['Bearer', 'Digest x', basic('no colon'), 'Basic !!!']) {
      expect(readAuthorization(header)).toBe('bad');
    }
  });

  it('takes any text without throwing', () => {
    fc.assert(fc.property(fc.string(), (header) => void readAuthorization(header)));
  });
});
