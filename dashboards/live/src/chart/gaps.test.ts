import { describe, expect, it } from 'vitest';
import { gapsOf } from './gaps.js';

const base = { lengthMs: 1_000, intervalMs: 1_000, from: 0, to: 10_000 };

describe('gapsOf', () => {
  it('calls silence a gap only beyond three expected intervals', () => {
    expect(gapsOf({ ...base, starts: [0, 4_000, 9_000] })).toEqual([{ from: 5_000, to: 9_000 }]);
  });

  it('hatches the time before the first reading and after the last', () => {
    expect(gapsOf({ ...base, starts: [4_000, 5_000] })).toEqual([
      { from: 0, to: 4_000 },
      { from: 6_000, to: 10_000 },
    ]);
  });

  it('hatches everything when nothing is known', () => {
    expect(gapsOf({ ...base, starts: [] })).toEqual([{ from: 0, to: 10_000 }]);
  });

  it('goes by the usual distance of the readings when no interval is known', () => {
    const starts = [0, 2_000, 4_000, 6_000, 20_000, 22_000];
    expect(gapsOf({ ...base, lengthMs: 0, intervalMs: null, starts, to: 24_000 })).toEqual([
      { from: 6_000, to: 20_000 },
    ]);
  });
});
