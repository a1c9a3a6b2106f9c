import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ClockOffset } from './clock-offset.js';

describe('ClockOffset', () => {
  const local = Date.UTC(2026, 10, 20, 12);
  beforeEach(() => vi.useFakeTimers({ now: local }));
  afterEach(() => void vi.useRealTimers());
  const header = (t: number) => new Date(t).toUTCString();

  it('follows a hub whose clock is elsewhere', () => {
    const clock = new ClockOffset();
    clock.learn(header(local + 300_000), local, local);
    expect(clock.now() - local).toBeGreaterThan(299_000);
    expect(clock.now() - local).toBeLessThan(301_000);
  });

  it('takes what a whole second cannot tell for equal', () => {
    const clock = new ClockOffset();
    clock.learn(header(local), local, local);
    expect(clock.now()).toBe(local);
  });

  it('learns nothing from an answer without a date', () => {
    const clock = new ClockOffset();
    clock.learn(null, local, local);
    clock.learn('yesterday', local, local);
    expect(clock.now()).toBe(local);
  });
});
