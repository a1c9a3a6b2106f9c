import { describe, expect, it } from 'vitest';
import { Arrivals } from './arrivals.js';

const START = Date.UTC(2026, 10, 20);

/** Feeds readings that come `gaps` apart, each measured as it comes; answers the interval learned. */
function learned(gaps: readonly number[], arrivals = new Arrivals(), startMs = START) {
  let at = startMs;
  arrivals.note(at, at);
  for (const gap of gaps) {
    at += gap;
    arrivals.note(at, at);
  }
  return { arrivals, at, intervalMs: arrivals.intervalMs };
}
const times = (count: number, gap: number) => new Array<number>(count).fill(gap);

describe('the interval of a device', () => {
  it('is known from ten readings on', () => {
    expect(learned(times(8, 10_000)).intervalMs).toBeNull();
    expect(learned(times(9, 10_000)).intervalMs).toBe(10_000);
  });

  it('is not moved by jitter, by one outage, or by rows of one message', () => {
    const jitter = [9_000, 11_500, 10_000, 8_700, 10_300, 12_000, 10_000, 9_900, 10_100, 10_000];
    expect(learned(jitter).intervalMs).toBe(10_000);
    expect(learned([...times(5, 10_000), 86_400_000, ...times(5, 10_000)]).intervalMs).toBe(10_000);
    expect(learned(times(12, 60_000).flatMap((gap) => [gap, 0, 3, 1])).intervalMs).toBe(60_004);
  });

  it('is the pause where the device sends several messages at a time', () => {
    expect(learned([...times(4, 200), 60_000, ...times(4, 200), 60_000]).intervalMs).toBe(60_000);
  });

  it('follows when the device changes its pace', () => {
    const { arrivals, at } = learned(times(10, 10_000));
    expect(learned(times(10, 2_000), arrivals, at + 2_000).intervalMs).toBe(2_000);
  });

  it('is not learned from a backlog, in order or mixed with what is new', () => {
    const { arrivals, at } = learned(times(10, 10_000));
    let now = at + 3_600_000;
    for (let step = 1; step <= 360; step++) {
      now += 15;
      arrivals.note(now, at + step * 10_000);
    }
    expect(arrivals.intervalMs).toBe(10_000);
    for (let step = 1; step <= 40; step++) {
      now += 10_000;
      arrivals.note(now, now);
      for (let old = 0; old < 60; old++) {
        arrivals.note(now + old * 120, at - 100_000_000 + (step * 60 + old) * 10_000);
      }
    }
    expect(arrivals.intervalMs).toBe(10_000);
  });

  it('is learned again by a device whose clock was set back', () => {
    const { arrivals, at } = learned(times(10, 10_000));
    for (let step = 1; step <= 50; step++) arrivals.note(at + step * 4_000, at - 50_000_000 + step * 4_000);
    expect(arrivals.intervalMs).toBe(4_000);
  });

  it('is never below a second', () => {
    expect(learned(times(10, 120)).intervalMs).toBe(1_000);
  });
});
