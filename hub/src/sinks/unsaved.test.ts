import { expect, test } from 'vitest';
import { Unsaved } from './unsaved.js';

test('what was confirmed is saved once something is confirmed so much later', () => {
  let now = 0;
  const unsaved = new Unsaved(1_000, () => now);
  expect(unsaved.confirmed(10)).toBeUndefined();
  now = 400;
  expect(unsaved.confirmed(20)).toBeUndefined();
  now = 999;
  expect(unsaved.confirmed(30)).toBeUndefined();
  now = 1_000;
  expect(unsaved.confirmed(40)).toBe(10);
  now = 60_000;
  expect(unsaved.confirmed(50)).toBe(40);
  expect(unsaved.confirmed(60)).toBeUndefined();
});

test('what was forgotten is not saved by what is confirmed afterwards', () => {
  let now = 0;
  const unsaved = new Unsaved(1_000, () => now);
  unsaved.confirmed(10);
  unsaved.forget();
  now = 5_000;
  expect(unsaved.confirmed(5)).toBeUndefined();
});
