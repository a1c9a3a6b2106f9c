import type { SignalProfile } from '@fieldline/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomFrom } from './random.js';
import { type SignalBounds, signalOf } from './signal.js';

const base: SignalProfile = {
  wave: 'sine',
  mean: 0,
  amplitude: 0,
  periodMs: 60_000,
  noise: 0,
  step: 0,
  values: [],
  everyMs: null,
  probability: 0,
  dropout: 0,
};

const number: SignalBounds = { type: 'number', integer: false, min: null, max: null, decimals: null };

const finite = fc.double({ min: -1e6, max: 1e6, noNaN: true });
const numeric = fc.record({
  wave: fc.constantFrom('sine', 'diurnal', 'walk', 'noise', 'constant'),
  mean: finite,
  amplitude: fc.double({ min: 0, max: 1e6, noNaN: true }),
  periodMs: fc.integer({ min: 1, max: 10 * 86_400_000 }),
  noise: fc.double({ min: 0, max: 100, noNaN: true }),
  step: fc.double({ min: 0, max: 1e7, noNaN: true }),
  dropout: fc.double({ min: 0, max: 1, noNaN: true }),
});
const times = fc
  .array(fc.integer({ min: 0, max: 86_400_000 }), { maxLength: 50 })
  .map((steps) => steps.map((_, at) => steps.slice(0, at + 1).reduce((sum, step) => sum + step, 0)));

describe('any numeric signal', () => {
  test('is within the bounds of its metric, rounded as it says', () => {
    fc.assert(
      fc.property(numeric, times, finite, fc.nat(1_000), fc.nat(4), (signal, at, min, span, decimals) => {
        const low = Math.round(min);
        const bounds = { ...number, min: low, max: low + span, decimals };
        const next = signalOf({ ...base, ...signal }, bounds, randomFrom('seed'));
        for (const timeMs of at) {
          const value = next(timeMs);
          if (value === null) continue;
          expect(value).toBeGreaterThanOrEqual(low);
          expect(value).toBeLessThanOrEqual(low + span);
          expect(Number(Number(value).toFixed(decimals))).toBe(value);
          expect(Object.is(value, -0)).toBe(false);
        }
      }),
    );
  });

  test('stays within mean ± amplitude while it has no noise', () => {
    fc.assert(
      fc.property(numeric, times, ({ noise: _, ...signal }, at) => {
        const next = signalOf({ ...base, ...signal }, undefined, randomFrom('seed'));
        const slack = 1e-9 * (1 + Math.abs(signal.mean) + signal.amplitude);
        for (const timeMs of at) {
          const value = next(timeMs);
          if (value === null) continue;
          expect(Math.abs(Number(value) - signal.mean)).toBeLessThanOrEqual(signal.amplitude + slack);
        }
      }),
    );
  });

  test('is the same for the same seed and times, and another for another seed', () => {
    fc.assert(
      fc.property(numeric, times, fc.string(), (signal, at, seed) => {
        const [one, two] = [0, 1].map(() => signalOf({ ...base, ...signal }, number, randomFrom(seed)));
        expect(at.map((timeMs) => one?.(timeMs))).toEqual(at.map((timeMs) => two?.(timeMs)));
      }),
    );
    const walk: SignalProfile = { ...base, wave: 'walk', amplitude: 10, step: 1 };
    const series = (seed: string) => {
      const next = signalOf(walk, number, randomFrom(seed));
      return Array.from({ length: 10 }, (_, at) => next(at));
    };
    expect(series('a')).not.toEqual(series('b'));
  });
});

describe('waves', () => {
  test('a sine has its period and amplitude', () => {
    const next = signalOf({ ...base, mean: 20, amplitude: 5 }, { ...number, decimals: 3 }, randomFrom(''));
    expect([0, 15_000, 30_000, 45_000, 60_000].map(next)).toEqual([20, 25, 20, 15, 20]);
  });

  test('a diurnal signal is highest at 16:00 UTC, on every device', () => {
    const diurnal: SignalProfile = { ...base, wave: 'diurnal', amplitude: 1, periodMs: 86_400_000 };
    const hours = Array.from({ length: 24 }, (_, hour) => Date.UTC(2026, 0, 1, hour));
    for (const seed of ['a', 'b']) {
      const values = hours.map(signalOf(diurnal, undefined, randomFrom(seed), 12_345));
      expect(values.indexOf(Math.max(...values.map(Number)))).toBe(16);
    }
  });

  test('steps go round their values, of any type', () => {
    const steps: SignalProfile = {
      ...base,
      wave: 'steps',
      values: ['idle', 'cooling', true],
      everyMs: 1_000,
    };
    const next = signalOf(steps, undefined, randomFrom(''));
    expect([0, 999, 1_000, 2_500, 3_000].map(next)).toEqual(['idle', 'idle', 'cooling', true, 'idle']);
  });

  test('a device offset moves sine and steps together', () => {
    const sine = signalOf({ ...base, amplitude: 1 }, number, randomFrom(''), 15_000);
    const steps = signalOf(
      { ...base, wave: 'steps', values: [0, 1], everyMs: 15_000 },
      number,
      randomFrom(''),
      15_000,
    );
    expect([sine(0), steps(0)]).toEqual([1, 1]);
  });

  test('a toggle changes once per `every`, or by chance', () => {
    const regular = signalOf({ ...base, wave: 'toggle', everyMs: 1_000 }, undefined, randomFrom(''));
    expect([0, 999, 1_000, 2_000].map(regular)).toEqual([false, false, true, false]);
    const random = signalOf({ ...base, wave: 'toggle', probability: 0.25 }, undefined, randomFrom('x'));
    const values = Array.from({ length: 4_000 }, (_, at) => random(at));
    const changes = values.filter((value, at) => at > 0 && value !== values[at - 1]).length;
    expect(changes).toBeGreaterThan(850);
    expect(changes).toBeLessThan(1_150);
  });

  test('a dropout leaves out about its share', () => {
    const next = signalOf({ ...base, wave: 'constant', mean: 1, dropout: 0.1 }, number, randomFrom('x'));
    const missing = Array.from({ length: 4_000 }, (_, at) => next(at)).filter(
      (value) => value === null,
    ).length;
    expect(missing).toBeGreaterThan(300);
    expect(missing).toBeLessThan(500);
  });
});

describe('the generator', () => {
  test('is evenly spread, and normal numbers have mean 0 and deviation 1', () => {
    const random = randomFrom('spread');
    const count = 20_000;
    const even = Array.from({ length: count }, () => random.next());
    expect(even.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(even.reduce((sum, value) => sum + value, 0) / count).toBeCloseTo(0.5, 1);
    const normal = Array.from({ length: count }, () => random.normal());
    const mean = normal.reduce((sum, value) => sum + value, 0) / count;
    const variance = normal.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
    expect(mean).toBeCloseTo(0, 1);
    expect(variance).toBeCloseTo(1, 1);
  });
});
