import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recoverSeq } from './recover-seq.js';

describe('recoverSeq', () => {
  it.each([
    ['{"type":"telemetry","seq":7,"values":{"temperature":nan}}', 7],
    ['{"values":{"temperature":nan},"seq" : 7 }', 7],
    ['{"values":{"seq":3,"t":nan},"seq":7}', 7],
    ['{"note":"\\"seq\\":3","seq":7,}', 7],
    ['{"rows":[[0,{"seq":3}]],"seq":7,,', 7],
    ['{"seq":9007199254740991,x', 9007199254740991],
    ['{"seq":12', undefined], // cut off: it may have been 123
    ['{"seq":1.5,x', undefined],
    ['{"seq":-1,x', undefined],
    ['{"seq":0,x', undefined],
    ['{"seq":99999999999999999,x', undefined],
    ['{"seq":"7",x', undefined],
    ['{"values":{"seq":7,nan', undefined],
    ['{"note":"seq":7', undefined],
    ['"seq":7,', undefined],
    ['', undefined],
  ])('finds in %s: %s', (text, seq) => {
    expect(recoverSeq(text)).toBe(seq);
  });

  it('finds the number of any message whose values were spoilt', () => {
    const before = fc.dictionary(
      fc.string().filter((key) => key !== 'seq'),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(before, fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (fields, seq) => {
        const start = JSON.stringify({ ...fields, seq }).slice(0, -1);
        expect(recoverSeq(`${start},"t":nan}`)).toBe(seq);
      }),
    );
  });

  it('looks no further than 64 KiB', () => {
    expect(recoverSeq(`{"a":"${'x'.repeat(70_000)}","seq":7,nan}`)).toBeUndefined();
  });
});
