import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { localTicks } from './local-ticks.js';

const HOUR = 3_600_000;

describe('localTicks', () => {
  beforeEach(() => {
    vi.stubEnv('TZ', 'Europe/Berlin');
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });
  const hours = (from: number, to: number, every: number) =>
    localTicks(from, to, every).map((t) => new Date(t).getHours());

  it('stands at round hours of the viewer', () => {
    const from = Date.UTC(2026, 6, 1, 4, 10);
    expect(hours(from, from + 12 * HOUR, 3 * HOUR)).toEqual([9, 12, 15, 18]);
  });

  it('stays at midnight when the clocks change', () => {
    const spring = Date.UTC(2026, 2, 28, 12);
    expect(hours(spring, spring + 72 * HOUR, 24 * HOUR)).toEqual([0, 0, 0]);
    const autumn = Date.UTC(2026, 9, 24, 12);
    expect(hours(autumn, autumn + 72 * HOUR, 24 * HOUR)).toEqual([0, 0, 0]);
  });

  it('tells the hour that does not exist once', () => {
    const from = Date.UTC(2026, 2, 29, 0);
    const ticks = localTicks(from, from + 4 * HOUR, HOUR);
    expect(new Set(ticks).size).toBe(ticks.length);
  });
});
