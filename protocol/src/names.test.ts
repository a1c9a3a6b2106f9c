import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as names from './names.js';
import { cutText, utf8Length } from './text.js';

describe('names', () => {
  it.each([
    [
      names.isDeviceId,
      ['a', 'esp-7f3a', '0', 'A_b-c', 'x'.repeat(64)],
      ['', '-a', '_a', 'a.b', 'a b', 'ä', 'x'.repeat(65), 'a\n'],
    ],
    [
      names.isMetricName,
      ['t', '_x', 'a.b-c_9', 'toString', 'x'.repeat(64)],
      ['', '9a', '.a', 'time', '__proto__', 'constructor', 'prototype', 'x'.repeat(65), 'a\n'],
    ],
    [names.isCommandName, ['relay.set'], ['time', '!x', '__proto__']],
    [names.isParamName, ['time', 'on'], ['__proto__', '1']],
    [names.isBoot, ['9c1e4b7a', '-', '_', 'x'.repeat(32)], ['', 'a.b', 'x'.repeat(33)]],
    [names.isCommandId, ['01J8ZQ', 'a'], ['', 'a-b', 'x'.repeat(27)]],
    [names.isProfileName, ['env-sensor', 'a.b'], ['', '.a', 'a/b', 'ä']],
  ])('%o', (test, good, bad) => {
    for (const name of good) expect(test(name), name).toBe(true);
    for (const name of [...bad, 7, null, undefined, {}, ['a']]) expect(test(name), String(name)).toBe(false);
  });

  it('takes integers from 1 to 2^53-1 for message numbers', () => {
    for (const seq of [1, 18_232, Number.MAX_SAFE_INTEGER]) expect(names.isSeq(seq)).toBe(true);
    for (const seq of [0, -1, 1.5, 2 ** 53, Number.NaN, Infinity, '1', null, undefined]) {
      expect(names.isSeq(seq)).toBe(false);
    }
  });

  it('measures texts in bytes, and refuses NUL', () => {
    expect(names.isText('ü'.repeat(64))).toBe(true);
    expect(names.isText('ü'.repeat(65))).toBe(false);
    expect(names.isText('a\0')).toBe(false);
    expect(names.isText('')).toBe(true);
    expect(names.isText('abc', 2)).toBe(false);
  });
});

describe('texts', () => {
  it('are as long as Node encodes them', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(utf8Length(text)).toBe(Buffer.byteLength(text));
      }),
    );
    expect(utf8Length('\ud800')).toBe(Buffer.byteLength('\ud800'));
    expect(utf8Length('\ud800\ud800\udc00\udc00')).toBe(Buffer.byteLength('\ud800\ud800\udc00\udc00'));
  });

  it('are cut between characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(20), (text, maxBytes) => {
        const cut = cutText(text, maxBytes);
        expect(text.startsWith(cut)).toBe(true);
        expect(utf8Length(cut)).toBeLessThanOrEqual(maxBytes);
        const next = [...text.slice(cut.length)][0];
        if (next !== undefined) expect(utf8Length(cut + next)).toBeGreaterThan(maxBytes);
      }),
    );
  });
});
