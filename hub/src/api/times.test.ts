import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isoMicroseconds, parseTime } from './times.js';

describe('a moment', () => {
  it.each([
    ['0', 0],
    ['1767225600123', 1_767_225_600_123],
    ['2026-01-01', 1_767_225_600_000],
    ['2026-01-01T00:00Z', 1_767_225_600_000],
    ['2026-01-01T00:00:00Z', 1_767_225_600_000],
    ['2026-01-01T00:00:00.1Z', 1_767_225_600_100],
    ['2026-01-01T00:00:00.123999Z', 1_767_225_600_123],
    ['2026-01-01T02:00:00+02:00', 1_767_225_600_000],
    ['2026-01-01T02:00:00+0200', 1_767_225_600_000],
    ['2025-12-31T18:30:00-05:30', 1_767_225_600_000],
    // What a `+` has become that was not escaped in the URL.
    ['2026-01-01T02:00:00 02:00', 1_767_225_600_000],
    ['2024-02-29', 1_709_164_800_000],
  ])('is read from %s', (text, ms) => expect(parseTime(text)).toBe(ms));

  it.each([
    '',
    ' ',
    'now',
    '-1',
    '1.5',
    '1e12',
    '0x10',
    '99999999999999999',
    '2026-1-1',
    '2026-02-29',
    '2026-02-30T00:00:00Z',
    '2026-13-01',
    '2026-00-01',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:60:00Z',
    '2026-01-01T00:00:60Z',
    // Whose midnight?
    '2026-01-01T00:00:00',
    '2026-01-01 00:00:00Z',
    '2026-01-01T00:00:00+24:00',
    '2026-01-01T00:00:00+01:60',
    '2026-01-01T00:00:00z',
    '1969-12-31T23:59:59Z',
    '0026-01-01',
    'Thu, 01 Jan 2026 00:00:00 GMT',
  ])('is not read from "%s"', (text) => expect(parseTime(text)).toBeUndefined());

  it('comes back from every ISO 8601 text', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true }), (date) => {
        expect(parseTime(date.toISOString())).toBe(date.getTime());
        expect(parseTime(String(date.getTime()))).toBe(date.getTime());
      }),
    );
  });

  it('is refused or read, never thrown over', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const ms = parseTime(text);
        expect(ms === undefined || (Number.isSafeInteger(ms) && ms >= 0)).toBe(true);
      }),
    );
  });

  it('is written with microseconds', () => {
    expect(isoMicroseconds(1_767_225_600_123_456)).toBe('2026-01-01T00:00:00.123456Z');
    expect(isoMicroseconds(1_767_225_600_000_007)).toBe('2026-01-01T00:00:00.000007Z');
    expect(isoMicroseconds(0)).toBe('1970-01-01T00:00:00.000000Z');
  });
});
