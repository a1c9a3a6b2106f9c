import { describe, expect, it } from 'vitest';
import { UptimeClock } from './uptime-clock.js';

const BOOTED = Date.UTC(2026, 10, 20);

describe('UptimeClock', () => {
  it('takes the smallest delay as the truth', () => {
    const clock = new UptimeClock();
    clock.observe(1_000, BOOTED + 1_000 + 400);
    clock.observe(2_000, BOOTED + 2_000 + 30);
    clock.observe(3_000, BOOTED + 3_000 + 900);
    expect(clock.toWallClock(3_000)).toBe(BOOTED + 3_030);
    expect(clock.toWallClock(500)).toBe(BOOTED + 530);
  });

  it('follows a crystal that runs slow, within an hour', () => {
    const clock = new UptimeClock();
    const hour = 3_600_000;
    for (let real = 0; real <= 4 * hour; real += 60_000) clock.observe(real * 0.999, BOOTED + real);
    const error = Math.abs(clock.toWallClock(4 * hour * 0.999) - (BOOTED + 4 * hour));
    expect(error).toBeLessThanOrEqual(hour * 0.001 + 1);
  });

  it('goes on when the 32-bit counter wraps, also for rows from before it', () => {
    const clock = new UptimeClock();
    const wrap = 2 ** 32;
    clock.observe(wrap - 1_000, BOOTED + wrap - 1_000);
    clock.observe(500, BOOTED + wrap + 500);
    expect(clock.toWallClock(500)).toBe(BOOTED + wrap + 500);
    expect(clock.toWallClock(wrap - 200)).toBe(BOOTED + wrap - 200);
  });

  it('takes no old message for a wrap, however old it is', () => {
    const clock = new UptimeClock();
    const day = 86_400_000;
    clock.observe(30 * day, BOOTED + 30 * day);
    clock.observe(day, BOOTED + 30 * day + 1_000);
    expect(clock.toWallClock(day)).toBe(BOOTED + day);
    expect(clock.toWallClock(30 * day)).toBe(BOOTED + 30 * day);
  });

  it('takes a small step back as an old message, not as a wrap', () => {
    const clock = new UptimeClock();
    clock.observe(10_000, BOOTED + 10_000);
    clock.observe(8_000, BOOTED + 10_500);
    expect(clock.toWallClock(10_000)).toBe(BOOTED + 10_000);
  });
});
