import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Pacer } from './pacer.js';

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

function pacer(periodMs: number, phase = 0) {
  const beats: number[] = [];
  let missed = 0;
  const made = new Pacer({
    periodMs,
    phase,
    onBeat: (dueMs) => beats.push(dueMs - 1_000_000),
    onMissed: (count) => {
      missed += count;
    },
  });
  return { pacer: made, beats, missed: () => missed };
}

test('it beats at once, then on the grid of its phase', () => {
  const { pacer: slow, beats } = pacer(1_000, 0.25);
  slow.start();
  vi.advanceTimersByTime(3_500);
  expect(beats).toEqual([0, 1_250, 2_250, 3_250]);
  slow.stop();
  vi.advanceTimersByTime(5_000);
  expect(beats).toHaveLength(4);
});

test('rates above the resolution of timers are kept by several beats in a row', () => {
  const { pacer: fast, beats } = pacer(0.25);
  fast.start();
  vi.advanceTimersByTime(100);
  fast.stop();
  expect(beats.length).toBeGreaterThanOrEqual(397);
  expect(beats.length).toBeLessThanOrEqual(401);
});

test('a short delay is made up for, a long one is given up and counted', () => {
  const { pacer: late, beats, missed } = pacer(100);
  late.start();
  vi.setSystemTime(1_000_000 + 550);
  vi.advanceTimersToNextTimer();
  expect(beats).toEqual([0, 100, 200, 300, 400, 500, 600]);
  expect(missed()).toBe(0);
  vi.setSystemTime(1_000_000 + 60_050);
  vi.advanceTimersToNextTimer();
  expect(missed()).toBeGreaterThan(590);
  expect(beats.length).toBeLessThan(12);
  late.stop();
});

test('a beat may stop it', () => {
  const beats: number[] = [];
  const stopping: Pacer = new Pacer({
    periodMs: 1,
    phase: 0,
    onBeat: (dueMs) => {
      beats.push(dueMs);
      if (beats.length === 3) stopping.stop();
    },
    onMissed: () => undefined,
  });
  stopping.start();
  vi.advanceTimersByTime(100);
  expect(beats).toHaveLength(3);
});
