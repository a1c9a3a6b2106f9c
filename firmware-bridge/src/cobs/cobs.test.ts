import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cobsDecode, cobsEncode } from './cobs.js';
import { readFrame, writeFrame } from './frame.js';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const run = (from: number, to: number) =>
  Buffer.from(Array.from({ length: to - from + 1 }, (_, i) => (from + i) & 255));

/** The examples of the paper and of the article on it in Wikipedia. */
it.each([
  ['', '01'],
  ['00', '01 01'],
  ['00 00', '01 01 01'],
  ['00 11 00', '01 02 11 01'],
  ['11 22 00 33', '03 11 22 02 33'],
  ['11 22 33 44', '05 11 22 33 44'],
  ['11 00 00 00', '02 11 01 01 01'],
])('%s is %s', (plain, encoded) => {
  expect(cobsEncode(hex(plain))).toEqual(hex(encoded));
  expect(cobsDecode(hex(encoded))).toEqual(hex(plain));
});

it('has full blocks for long runs', () => {
  expect(cobsEncode(run(1, 254))).toEqual(Buffer.concat([hex('ff'), run(1, 254)]));
  expect(cobsEncode(run(0, 254))).toEqual(Buffer.concat([hex('01 ff'), run(1, 254)]));
  expect(cobsEncode(run(1, 255))).toEqual(Buffer.concat([hex('ff'), run(1, 254), hex('02 ff')]));
  expect(cobsEncode(run(2, 256))).toEqual(Buffer.concat([hex('ff'), run(2, 255), hex('01 01')]));
});

it('gives back what was encoded, without a zero on the way, and one byte in 254 more', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 1_100 }),
    fc.array(fc.constantFrom(0, 1, 255), { maxLength: 1_100 }).map((list) => Uint8Array.from(list)),
  );
  fc.assert(
    fc.property(bytes, (plain) => {
      const encoded = cobsEncode(plain);
      expect(encoded.includes(0)).toBe(false);
      expect(encoded.length).toBeLessThanOrEqual(plain.length + Math.floor(plain.length / 254) + 1);
      expect(cobsDecode(encoded)).toEqual(Buffer.from(plain));
    }),
  );
});

it('refuses what is no COBS, and never throws', () => {
  expect(cobsDecode(hex('05 11'))).toBeUndefined();
  expect(cobsDecode(hex('03 11 00'))).toBeUndefined();
  fc.assert(fc.property(fc.uint8Array(), (bytes) => void cobsDecode(bytes)));
  fc.assert(fc.property(fc.uint8Array(), (bytes) => void readFrame(bytes)));
});

it('no flipped bit becomes another message', () => {
  const message = { type: 'telemetry', seq: 7, values: { temperature: 21.5, door: true } };
  const frame = writeFrame(message).subarray(0, -1);
  expect(readFrame(frame)).toEqual({ message });
  for (let bit = 0; bit < frame.length * 8; bit++) {
    const spoilt = Buffer.from(frame);
    spoilt[bit >> 3] = (spoilt[bit >> 3] as number) ^ (1 << (bit & 7));
    expect(readFrame(spoilt)).toHaveProperty('kind');
  }
});
