import { signal } from '@preact/signals';
import { describe, expect, it } from 'vitest';
import type { Health } from '../system/health.js';
import { ARRIVALS_KEPT, Arrivals, arrivalRate } from './arrivals.js';

const sink = (name: string, written: number, lag = 0) => ({ name, written, lag, skipped: 0 });

describe('arrivalRate', () => {
  it('counts what was journaled, whether a sink has it or not', () => {
    const before = { at: 10_000, sinks: [sink('influx', 100)] };
    expect(arrivalRate(before, { at: 12_000, sinks: [sink('influx', 150, 350)] })).toBe(200);
    // The sink catches up: nothing new has arrived.
    expect(
      arrivalRate(
        { at: 12_000, sinks: [sink('influx', 150, 350)] },
        { at: 14_000, sinks: [sink('influx', 500)] },
      ),
    ).toBe(0);
  });

  it('is not known from one answer, nor across a restart of the hub', () => {
    const after = { at: 12_000, sinks: [sink('influx', 5)] };
    expect(arrivalRate(null, after)).toBeNull();
    expect(arrivalRate({ at: 10_000, sinks: [sink('influx', 900)] }, after)).toBeNull();
    expect(arrivalRate({ at: 10_000, sinks: [] }, after)).toBeNull();
  });
});

describe('Arrivals', () => {
  it('keeps five minutes and no more', () => {
    const health = signal<Health | null>(null);
    const arrivals = new Arrivals(health);
    arrivals.open();
    for (let n = 0; n <= ARRIVALS_KEPT + 20; n++) {
      health.value = { at: n * 2_000, sinks: [sink('duckdb', n * 10)] } as unknown as Health;
    }
    expect(arrivals.perSecond.value).toBe(5);
    expect(arrivals.rates.value).toHaveLength(ARRIVALS_KEPT);
    arrivals.close();
  });
});
