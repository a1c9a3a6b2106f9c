import { expect, test } from 'vitest';
import { Bell } from './bell.js';

test('a ring before the wait is not missed, and counts once', async () => {
  const bell = new Bell();
  bell.ring();
  bell.ring();
  await bell.wait();
  let woken = false;
  const waiting = bell.wait().then(() => {
    woken = true;
  });
  await Promise.resolve();
  expect(woken).toBe(false);
  bell.ring();
  await waiting;
});

test('a wait ends by itself after its time, and the next one is not disturbed', async () => {
  const bell = new Bell();
  await bell.wait(1);
  const waiting = bell.wait();
  bell.ring();
  await waiting;
});
