import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JournalError } from './errors.js';
import { packBatch } from './pack.js';
import { sampleBatch } from './testing/sample-batch.js';
import type { Batch, Reading, SeqRange, Value } from './types.js';
import { unpackBatch, viewBatch } from './view.js';

const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,10}$/);
const count = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
/** Any UTF-16, lone surrogates too. */
const text = fc
  .string({ unit: 'binary', maxLength: 20 })
  .chain((valid) => fc.constantFrom(valid, `${valid}\ud800`, `\udfff${valid}`, 'grüße 🌡'));
const value: fc.Arbitrary<Value> = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(-0, 5e-324, Number.MAX_VALUE),
  fc.boolean(),
  text,
);
const reading: fc.Arbitrary<Reading> = fc.record({
  device: name,
  boot: fc.oneof(fc.constant(''), name),
  seq: count,
  time: count,
  receivedAt: count,
  values: fc.dictionary(fc.constantFrom('temperature', 'door', 'state', 'rpm', 'a.b-c'), value),
  flags: fc.integer({ min: 0, max: 255 }),
});
const range: fc.Arbitrary<SeqRange> = fc.record({ device: name, boot: name, first: count, last: count });
const batch: fc.Arbitrary<Batch> = fc.record({
  readings: fc.array(reading, { maxLength: 30 }),
  ranges: fc.array(range, { maxLength: 10 }),
});

describe('packed batch', () => {
  test('gives back every reading and range as it was', () => {
    fc.assert(
      fc.property(batch, ({ readings, ranges }) => {
        const view = viewBatch(packBatch({ readings, ranges }));
        expect(view.readings()).toStrictEqual(
          readings.map((each) => ({ ...each, values: { ...each.values } })),
        );
        expect(view.ranges()).toStrictEqual(ranges.map((each) => ({ ...each })));
      }),
    );
  });

  test('is read wherever it stands in a larger buffer', () => {
    const { readings } = sampleBatch(1, 3);
    const packed = packBatch({ readings, ranges: [] });
    for (let shift = 0; shift < 8; shift++) {
      const larger = new Uint8Array(packed.length + 8);
      larger.set(packed, shift);
      expect(unpackBatch(larger.subarray(shift, shift + packed.length))).toEqual(readings);
    }
  });

  test('takes more than 65,536 devices and shapes', () => {
    const readings = Array.from({ length: 65_600 }, (_, row): Reading => {
      const base = { boot: 'b', seq: 1, time: 1, receivedAt: 1, flags: 0 };
      return { ...base, device: `d${row}`, values: { [`m${row}`]: row } };
    });
    const unpacked = unpackBatch(packBatch({ readings, ranges: [] }));
    expect(unpacked).toHaveLength(readings.length);
    expect(unpacked[65_599]).toEqual(readings[65_599]);
    expect(unpacked[63]).toEqual(readings[63]);
  });

  test('a metric called __proto__ stays a metric', () => {
    const values = JSON.parse('{"__proto__":1,"a":2}') as Record<string, Value>;
    const [only] = unpackBatch(packBatch({ readings: [{ ...first(), values }], ranges: [] }));
    expect(Object.keys(only?.values ?? {})).toEqual(['__proto__', 'a']);
    expect(Object.getPrototypeOf(only?.values)).toBe(Object.prototype);
  });

  test('costs 74 to 95 bytes a message of five metrics', () => {
    const readings = Array.from({ length: 1000 }, (_, row): Reading => {
      const values = { temperature: 21.5 + row, humidity: 48, pressure: 1013.25, battery: 3.7, door: true };
      return { ...first(), device: `esp-${row % 200}`, values };
    });
    const { length } = packBatch({ readings, ranges: [] });
    expect(length / 1000).toBeGreaterThan(70);
    expect(length / 1000).toBeLessThan(95);
  });

  test('its columns can be read in another thread', async () => {
    const packed = packBatch(sampleBatch(1, 4));
    const worker = new Worker(
      `const { parentPort, workerData } = require('node:worker_threads');
       parentPort.postMessage([workerData.byteLength, new Float64Array(workerData.buffer, 32, 4)]);`,
      { eval: true, workerData: packed, transferList: [packed.buffer] },
    );
    const [bytes, seq] = await new Promise<[number, Float64Array]>((resolve, reject) => {
      worker.once('message', resolve).once('error', reject);
    });
    await worker.terminate();
    expect(packed.byteLength).toBe(0);
    expect(bytes).toBeGreaterThan(32);
    expect([...seq]).toEqual([1, 2, 3, 4]);
  });

  test('bytes that are no batch are refused, never anything worse', () => {
    const packed = packBatch(sampleBatch(1, 3));
    const mutation = fc.array(
      fc.tuple(fc.integer({ min: 0, max: packed.length - 1 }), fc.integer({ min: 0, max: 255 })),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(fc.oneof(mutation, fc.constant([])), fc.nat({ max: packed.length }), (mutations, cut) => {
        const bytes = packed.slice(0, mutations.length > 0 ? packed.length : cut);
        for (const [at, byte] of mutations) bytes[at] = byte;
        try {
          const view = viewBatch(bytes);
          view.readings();
          view.ranges();
        } catch (error) {
          expect(error).toBeInstanceOf(JournalError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

function first(): Reading {
  return sampleBatch(1).readings[0] as Reading;
}
