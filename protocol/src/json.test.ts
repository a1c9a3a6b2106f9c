import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isDeeperThan, parseJson } from './json.js';

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

describe('parseJson', () => {
  it('gives back what JSON.stringify made of any plain value, from text and from bytes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8, noUnicodeString: false }), (value) => {
        const text = JSON.stringify(value);
        fc.pre(!/__proto__|constructor|prototype/.test(text));
        expect(parseJson(text)).toEqual(JSON.parse(text));
        expect(parseJson(bytes(text))).toEqual(JSON.parse(text));
      }),
    );
  });

  it.each([
    ['no JSON', '{', /JSON/],
    ['NaN', '{"t":NaN}', /JSON/],
    ['nan', '{"temperature":nan}', /JSON/],
    ['Infinity', '[Infinity]', /JSON/],
    ['a number beyond a float', '{"t":1e400}', /too large/],
    ['a negative number beyond a float', '[-1e400]', /too large/],
    ['__proto__', '{"__proto__":{"polluted":true}}', /__proto__/],
    ['an escaped __proto__', '{"\\u005f_proto__":{"polluted":true}}', /__proto__/],
    ['constructor deep inside', '[{"a":{"constructor":1}}]', /constructor/],
    ['prototype', '{"prototype":1}', /prototype/],
    ['a byte order mark', '\ufeff{}', /JSON/],
    ['nothing', '', /JSON/],
  ])('refuses %s', (_, text, reason) => {
    for (const input of [text, bytes(text)]) {
      expect(() => parseJson(input)).toThrow(
        expect.objectContaining({ code: 'malformed', message: expect.stringMatching(reason) }),
      );
    }
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it.each([
    ['a lone continuation byte', [0x22, 0x80, 0x22]],
    ['an overlong form', [0x22, 0xc0, 0xaf, 0x22]],
    ['a surrogate', [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ['a character cut off', [0x22, 0xe2, 0x82]],
  ])('refuses %s', (_, input) => {
    expect(() => parseJson(Uint8Array.from(input))).toThrow('not valid UTF-8');
  });

  it('limits the depth: sixteen levels by default', () => {
    const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
    expect(parseJson(nested(16))).toBeDefined();
    expect(() => parseJson(nested(17))).toThrow('nested too deeply');
    expect(() => parseJson(nested(100_000))).toThrow('nested too deeply');
    expect(() => parseJson('{"a":{}}', { maxDepth: 1 })).toThrow('nested too deeply');
    expect(parseJson('7', { maxDepth: 0 })).toBe(7);
  });

  it('quotes no more of the input than a line', () => {
    expect(() => parseJson(`"${'x'.repeat(100_000)}`)).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/^.{1,200}$/s) }),
    );
  });
});

describe('isDeeperThan', () => {
  it('agrees with the depth of any value', () => {
    const depth = (value: unknown): number =>
      typeof value === 'object' && value !== null
        ? 1 + Math.max(0, ...Object.values(value).map((item) => depth(item)))
        : 0;
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.nat(8), (value, limit) => {
        expect(isDeeperThan(value, limit)).toBe(depth(value) > limit);
      }),
    );
  });
});
