import { describe, expect, it } from 'vitest';
import { BoardClock, BoardClocks } from './board-clock.js';

const NOW = 1_795_000_000_000;
const DAY = 86_400_000;

describe('the clock of a board', () => {
  it('is set by what is of this moment, and by the least delay', () => {
    const clock = new BoardClock();
    expect([clock.isSet, clock.timeOf(5_000, NOW)]).toEqual([false, NOW]);
    clock.observe(60_000, NOW + 300);
    clock.observe(61_000, NOW + 1_000);
    expect(clock.timeOf(60_000, NOW + 2_000)).toBe(NOW);
    expect(clock.timeOf(1_000, NOW + 2_000)).toBe(NOW - 59_000);
  });

  it('gives no time that is still to come', () => {
    const clock = new BoardClock();
    clock.observe(1_000, NOW);
    expect(clock.timeOf(9_000, NOW + 10)).toBe(NOW + 10);
  });

  it.each([
    ['in the first weeks', 3 * DAY],
    ['after a month', 30 * DAY],
    ['just before the wrap', 2 ** 32 - 3_600_000],
  ])('begins anew with a restart %s', (_, uptime) => {
    const clock = new BoardClock();
    clock.observe(uptime, NOW);
    clock.observe(20, NOW + 5_000);
    clock.observe(1_020, NOW + 6_000);
    expect(clock.timeOf(1_020, NOW + 6_000)).toBe(NOW + 6_000);
  });

  it('goes on over the wrap of a 32-bit counter, also for what was measured before it', () => {
    const clock = new BoardClock();
    clock.observe(2 ** 32 - 600_000, NOW);
    // A crystal that is a little slow, after ten minutes of silence.
    clock.observe(500, NOW + 600_600);
    expect(clock.timeOf(500, NOW + 600_600)).toBe(NOW + 600_500);
    expect(clock.timeOf(2 ** 32 - 1_000, NOW + 600_600)).toBe(NOW + 599_000);
  });

  it('takes a line that came late for that', () => {
    const clock = new BoardClock();
    clock.observe(10_000, NOW);
    clock.observe(9_100, NOW + 50);
    expect(clock.timeOf(9_100, NOW + 50)).toBe(NOW - 900);
  });
});

describe('the clocks of the boots of a board', () => {
  it('are kept by their names, as many as there are boots', () => {
    const clocks = new BoardClocks();
    clocks.of('a').observe(1_000, NOW);
    clocks.of(undefined).observe(1_000, NOW);
    clocks.opened();
    expect([clocks.of('a').isSet, clocks.of(undefined).isSet]).toEqual([true, false]);
    for (const boot of ['b', 'c', 'a', 'd', 'e']) clocks.of(boot);
    expect(clocks.of('a').isSet).toBe(true);
    clocks.forget('a');
    expect(clocks.of('a').isSet).toBe(false);
  });
});
