import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Suspicion } from './suspicion.js';

/** Writes readings 0 to `count - 1` to a sink that fails when one of `poison` is in the batch. */
function deliver(count: number, batch: number, poison: ReadonlySet<number>) {
  const suspicion = new Suspicion();
  const written: number[] = [];
  const givenUp: number[] = [];
  let tries = 0;
  for (let at = 0; at < count; ) {
    tries++;
    const size = Math.min(batch, suspicion.limit, count - at);
    const readings = Array.from({ length: size }, (_, step) => at + step);
    if (!readings.some((reading) => poison.has(reading))) {
      suspicion.succeeded(size);
      written.push(...readings);
      at += size;
    } else if (suspicion.failed('internal', size) === 'give-up') {
      givenUp.push(at);
      at += 1;
    } else if (suspicion.exhausted) break;
  }
  return { written, givenUp, tries };
}

test('exactly the readings that break the sink are given up, in few tries', () => {
  const poisons = fc.uniqueArray(fc.nat(499), { maxLength: 12 });
  fc.assert(
    fc.property(poisons, fc.integer({ min: 1, max: 600 }), (list, batch) => {
      // Eight in a row are taken for a broken sink: keep them apart.
      const poison = new Set(list.map((n) => n - (n % 2)));
      const { written, givenUp, tries } = deliver(500, batch, poison);
      expect(givenUp).toEqual([...poison].sort((a, b) => a - b));
      expect(written).toEqual(Array.from({ length: 500 }, (_, n) => n).filter((n) => !poison.has(n)));
      expect(tries).toBeLessThan(500 / batch + 1 + 60 * (poison.size + 1));
    }),
  );
});

test('a sink that always fails costs a few readings, and no more until it succeeds', () => {
  const { written, givenUp } = deliver(500, 100, new Set(Array.from({ length: 500 }, (_, n) => n)));
  expect(written).toEqual([]);
  expect(givenUp).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

test('failures with a known cause never lead to a suspicion', () => {
  const suspicion = new Suspicion();
  for (let tries = 0; tries < 1000; tries++) expect(suspicion.failed('network', 1)).toBe('again');
  expect(suspicion.limit).toBe(Number.POSITIVE_INFINITY);
});
