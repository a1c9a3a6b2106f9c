import { describe, expect, it } from 'vitest';
import { Arrivals, readingsBetween, type Sample } from './arrivals.js';

const samples = (from: number, to: number): Sample[] =>
  Array.from({ length: (to - from) / 5_000 }, (_, n) => ({ at: from + (n + 1) * 5_000, readings: n }));

describe('Arrivals', () => {
  it('asks for what is new, and keeps five minutes', async () => {
    const asked: (number | undefined)[] = [];
    const answers = [samples(0, 900_000), samples(900_000, 910_000), []];
    const arrivals = new Arrivals(async (after) => {
      asked.push(after);
      return { samples: answers.shift() ?? [] };
    });
    for (let n = 0; n < 3; n++) await arrivals.ask();
    expect(asked).toEqual([undefined, 900_000, 910_000]);
    expect(arrivals.samples.value).toHaveLength(60);
    expect(arrivals.samples.value.at(-1)?.at).toBe(910_000);
  });

  it('keeps what it knows while the hub is away', async () => {
    let away = false;
    const arrivals = new Arrivals(async () => {
      if (away) throw new Error('unreachable');
      return { samples: samples(0, 10_000) };
    });
    await arrivals.ask();
    away = true;
    await arrivals.ask();
    expect(arrivals.samples.value).toHaveLength(2);
  });
});

describe('what came during a break', () => {
  const told: Sample[] = [5_000, 10_000, 15_000].map((at) => ({ at, readings: 100 }));

  it('is counted by the parts of the samples in it', () => {
    expect(readingsBetween(told, 4_000, 11_000)).toBe(700);
    expect(readingsBetween(told, 6_000, 8_500)).toBe(250);
  });

  it('is not known while the hub has not told, or was away itself', () => {
    expect(readingsBetween(told, 12_000, 30_000)).toBeNull();
    expect(readingsBetween([], 0, 5_000)).toBeNull();
    const restarted = told.filter(({ at }) => at !== 10_000);
    expect(readingsBetween(restarted, 4_000, 12_000)).toBeNull();
  });
});
