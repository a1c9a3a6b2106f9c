import { describe, expect, it } from 'vitest';
import type { Readiness, SinkReadiness } from '../api/readiness.js';
import { HealthWatch, watched } from './health.js';

const SINK: SinkReadiness = { state: 'running', lag: 0, oldest: null, written: 100, skipped: 0 };

function answer(sink: Partial<SinkReadiness> = {}): Readiness {
  return {
    status: 'ready',
    journal: { bytes: 1, maxBytes: 10, segments: 1, damaged: 0, trouble: null },
    sinks: { duckdb: { ...SINK, ...sink } },
  };
}

describe('what the page has watched', () => {
  it('tells since when a sink is in its state, and how much it writes a second', () => {
    const first = watched(null, answer(), 1_000);
    expect(first.sinks[0]).toMatchObject({ name: 'duckdb', since: 1_000, perSecond: null });
    const second = watched(first, answer({ written: 500 }), 3_000);
    expect(second.sinks[0]).toMatchObject({ since: 1_000, perSecond: 200 });
    const third = watched(second, answer({ written: 500, state: 'retrying' }), 5_000);
    expect(third.sinks[0]).toMatchObject({ since: 5_000, perSecond: 0 });
  });

  it('takes a sink that was away before for away since its oldest reading, and no other', () => {
    const away = answer({ state: 'retrying', oldest: 400, lag: 1 });
    const first = watched(null, away, 1_000);
    expect(first.sinks[0]?.since).toBe(400);
    expect(watched(null, answer({ oldest: 400, lag: 1 }), 1_000).sinks[0]?.since).toBe(1_000);
    // While a backlog drains, one retry is no outage.
    const draining = watched(null, answer({ oldest: 400, lag: 1 }), 1_000);
    expect(watched(draining, away, 3_000).sinks[0]?.since).toBe(3_000);
  });

  it('knows no rate where there is none: a hub that started again, two answers at one time', () => {
    const first = watched(null, answer(), 1_000);
    expect(watched(first, answer({ written: 3 }), 3_000).sinks[0]?.perSecond).toBeNull();
    expect(watched(first, answer({ written: 300 }), 1_000).sinks[0]?.perSecond).toBeNull();
  });
});

describe('the watch', () => {
  it('keeps what it knew while the hub is away', async () => {
    let isAway = false;
    const ask = async () => {
      if (isAway) throw new Error('away');
      return answer();
    };
    const watch = new HealthWatch({ ask, now: () => 7 });
    await watch.ask();
    isAway = true;
    await watch.ask();
    expect(watch.health.value).toMatchObject({ at: 7, sinks: [{ name: 'duckdb' }] });
  });

  it('asks one question at a time', async () => {
    let asked = 0;
    let settle = (_: Readiness) => {};
    const ask = () => {
      asked++;
      return new Promise<Readiness>((resolve) => {
        settle = resolve;
      });
    };
    const watch = new HealthWatch({ ask, now: () => 0 });
    const first = watch.ask();
    await watch.ask();
    expect(asked).toBe(1);
    settle(answer());
    await first;
    void watch.ask();
    expect(asked).toBe(2);
  });
});
