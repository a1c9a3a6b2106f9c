import { decode as peerDecode } from 'cbor2/decoder';
import { encode as peerEncode } from 'cbor2/encoder';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeCbor } from './decode.js';
import { encodeCbor } from './encode.js';
import { CborFault } from './reader.js';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const json = fc.jsonValue({ maxDepth: 4 });

describe('encodeCbor', () => {
  it('is read back as it was, here and by another library', () => {
    fc.assert(
      fc.property(json, (value) => {
        const frame = encodeCbor(value);
        expect(decodeCbor(frame)).toEqual(value);
        expect(JSON.stringify(peerDecode(frame))).toEqual(JSON.stringify(value));
      }),
    );
  });

  it.each([
    [0, '00'],
    [23, '17'],
    [24, '1818'],
    [255, '18ff'],
    [256, '190100'],
    [65_536, '1a00010000'],
    [4_294_967_296, '1b0000000100000000'],
    [9_007_199_254_740_991, '1b001fffffffffffff'],
    [-1, '20'],
    [-9_007_199_254_740_991, '3b001ffffffffffffe'],
    [1.5, 'fa3fc00000'],
    [0.1, 'fb3fb999999999999a'],
    [-0, 'fa80000000'],
    [2 ** 53, 'fa5a000000'],
    [Number.NaN, 'f6'],
    ['ü', '62c3bc'],
    [[undefined, true, false, null], '84f6f5f4f6'],
    [{ a: 1, b: undefined }, 'a1616101'],
  ])('writes %s as %s', (value, expected) => {
    expect(encodeCbor(value).toString('hex')).toBe(expected);
  });

  it('grows as it must', () => {
    const long = { text: 'ü'.repeat(5_000), list: Array.from({ length: 2_000 }, (_, i) => i / 3) };
    expect(decodeCbor(encodeCbor(long))).toEqual(long);
  });
});

describe('decodeCbor', () => {
  it('reads what another library writes', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(decodeCbor(Buffer.from(peerEncode(value)))).toEqual(value);
      }),
    );
  });

  /** RFC 8949, appendix A, and the forms that JSON has no word for. */
  it.each([
    ['f90000', 0],
    ['f93c00', 1],
    ['f97bff', 65_504],
    ['f90001', 2 ** -24],
    ['f9c400', -4],
    ['f97c00', Number.POSITIVE_INFINITY],
    ['f97e00', Number.NaN],
    ['fa47c35000', 100_000],
    ['fbc010666666666666', -4.1],
    ['f7', null],
    ['1b0020000000000001', 9_007_199_254_740_992],
    ['1bffffffffffffffff', 2 ** 64],
    ['3b0020000000000001', -(2 ** 53 + 2)],
    ['3bffffffffffffffff', -(2 ** 64)],
    ['1900ff', 255],
    ['7f61626163ff', 'bc'],
    ['9f0182029f03ffff', [1, [2, [3]]]],
    ['bf6161019fff', undefined],
    ['bf616101616280ff', { a: 1, b: [] }],
    ['d9d9f7a0', {}],
    ['a1616143010203', { a: { bytes: '010203' } }],
    ['a161615f41014102ff', { a: { bytes: '0102' } }],
    ['62efbf', undefined],
    ['63efbfbd', '\ufffd'],
  ])('reads %s as %s', (text, value) => {
    if (value === undefined) expect(() => decodeCbor(hex(text))).toThrow(CborFault);
    else expect(decodeCbor(hex(text))).toEqual(value);
  });

  it.each([
    ['nothing', ''],
    ['two messages', 'a0a0'],
    ['a key that is a number', 'a10101'],
    ['a key that is bytes', 'a1416101'],
    ['a key that comes twice', 'a2616101616102'],
    ['a prototype that comes twice', 'a2695f5f70726f746f5f5f01695f5f70726f746f5f5f02'],
    ['a date', 'a16161c11a514b67b0'],
    ['a big number', 'a16161c249010000000000000000'],
    ['the tag that is taken, inside', 'a16161d9d9f701'],
    ['a simple value without a meaning', 'a16161f0'],
    ['a simple value that is not well-formed', 'a16161f814'],
    ['half a character', 'a1616161c3'],
    ['a surrogate', 'a1616163eda080'],
    ['a map without its end', 'bf616101'],
    ['a map that breaks between key and value', 'bf6161ff'],
    ['a break outside', 'ff'],
    ['a break in a definite list', '81ff'],
    ['a tag of indefinite length', 'df01'],
    ['a reserved length', '1c'],
    ['pieces of another kind', '7f4161ff'],
    ['pieces of indefinite length', '7f7f6161ffff'],
    ['a list that claims 2^64 items', '9bffffffffffffffff01'],
    ['a map that claims 2^64 items', 'bbffffffffffffffff616101'],
    ['bytes that claim 2^64', '5bffffffffffffffff01'],
    ['a text that claims 2^32', '7affffffff61'],
    ['a byte string for a message', '43010203'],
  ])('refuses %s', (_, text) => {
    expect(() => decodeCbor(hex(text))).toThrow(CborFault);
  });

  it('takes sixteen levels, and no more', () => {
    expect(decodeCbor(hex(`${'81'.repeat(15)}80`))).toBeDefined();
    expect(() => decodeCbor(hex(`${'81'.repeat(16)}80`))).toThrow('nested too deeply');
    expect(() => decodeCbor(hex('9f'.repeat(60_000)))).toThrow('nested too deeply');
    expect(() => decodeCbor(hex('a16161'.repeat(20_000)))).toThrow('nested too deeply');
  });

  it('never touches a prototype', () => {
    const value = decodeCbor(encodeCbor(JSON.parse('{"__proto__":{"polluted":1},"constructor":2}')));
    expect(Object.keys(value as object)).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('throws nothing else, whatever comes in', () => {
    const mutated = fc
      .tuple(json, fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 4 }))
      .map(([value, edits]) => {
        const frame = Buffer.from(encodeCbor(value));
        for (const [at, byte] of edits) if (at < frame.length) frame[at] = byte;
        return frame;
      });
    const random = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(fc.oneof(mutated, random), (frame) => {
        try {
          JSON.stringify(decodeCbor(frame));
        } catch (error) {
          expect(error).toBeInstanceOf(CborFault);
        }
      }),
      { numRuns: 3_000 },
    );
  });
});
