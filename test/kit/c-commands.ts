import fc from 'fast-check';
import { expect } from 'vitest';
import type { Pairs } from '../../firmware-bridge/src/lines/line.js';

/** As `FL_PARAMS` of fieldline.h, which no test changes. */
export const MOST_PARAMS = 8;
/** As `FL_ANSWERS`. */
const REMEMBERED = 16;
/** Ends a line. */
export const NEWLINE = 10;

const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.-]{0,12}$/).filter((text) => text !== 'time');
const number = fc.oneof(
  fc.integer(),
  fc.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }),
  // Beyond it the library's rounding of a text may already come to infinity.
  fc.double({ noNaN: true, min: -1e308, max: 1e308 }),
  fc.double({ noNaN: true, min: -1_000, max: 1_000 }),
  fc.float({ noNaN: true, noDefaultInfinity: true }),
);
/** What a line can hold, too. */
export const text = fc
  .oneof(
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.string({ unit: fc.constantFrom('"', '\\', ' ', '=', 'ü', '🌡', '*', '@'), maxLength: 12 }),
  )
  .filter((value) => !/\p{Cc}|\p{Cs}/u.test(value));
const value = fc.oneof(number, fc.boolean(), fc.constant(null), text);
const params = fc.dictionary(name, value, { maxKeys: MOST_PARAMS + 2, noNullPrototype: true });
/** Parameters of commands, at times more than the library takes. */
export const batch = fc.array(params, { minLength: 40, maxLength: 40 });
/** Every run is one process with a whole batch. */
export const runs = { numRuns: 15 };

/** The id of the command at that place of a batch. */
export const idOf = (index: number) => `id${index}`;

/** Which execution each request is answered with. */
export function executions(ids: readonly number[]): number[] {
  return memoryOf(ids.map((id) => ({ id, again: false }))) as number[];
}

/** As {@link executions}; undefined for what comes again and is not remembered. */
export function memoryOf(all: readonly { id: number; again: boolean }[]): (number | undefined)[] {
  const memory: { id: number; executed: number }[] = [];
  let executed = 0;
  return all.map(({ id, again }) => {
    const known = memory.find((each) => each.id === id);
    if (known !== undefined || again) return known?.executed;
    executed += 1;
    memory.push({ id, executed });
    if (memory.length > REMEMBERED) memory.shift();
    return executed;
  });
}

/** The same names, with values that are alike. */
export function expectAlike(got: Pairs, wanted: Pairs, isAlike: (a: unknown, b: unknown) => boolean): void {
  expect(Object.keys(got).sort()).toEqual(Object.keys(wanted).sort());
  for (const [key, each] of Object.entries(wanted)) {
    expect(isAlike(got[key], each), `${key}: ${got[key]} for ${each}`).toBe(true);
  }
}

/**
 * Flips bits, but not those of the byte that ends the line or frame. The digits of a line's check are left alone, too,
 * since they may be of either case. @param end that byte
 */
export function flip(bytes: Buffer, bits: readonly number[], end: number): Buffer {
  const spoilt = Buffer.from(bytes);
  const spared = end === NEWLINE ? 5 : 1;
  for (const bit of new Set(bits.map((each) => each % ((bytes.length - spared) * 8)))) {
    spoilt[bit >> 3] = (spoilt[bit >> 3] as number) ^ (1 << (bit & 7));
  }
  return spoilt;
}
