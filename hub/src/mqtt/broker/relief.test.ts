import { beforeEach, expect, it } from 'vitest';
import type { ClientStream } from './client-stream.js';
import { Relief } from './relief.js';

let now = 0;
let stream: { unsentBytes: number; takenBytes: number; destroyed: boolean };
let relief: Relief;

beforeEach(() => {
  now = 0;
  stream = { unsentBytes: 0, takenBytes: 0, destroyed: false };
  relief = new Relief(() => now);
});

function at(ms: number, change: Partial<typeof stream>): boolean {
  now = ms;
  Object.assign(stream, change);
  relief.watch(stream as ClientStream);
  return relief.isNeeded();
}

it('waits for a client that reads fast, from the high mark to the low one', () => {
  expect(at(0, { unsentBytes: 262_143 })).toBe(false);
  expect(at(0, { unsentBytes: 262_144 })).toBe(true);
  expect(at(100, { unsentBytes: 100_000 })).toBe(true);
  expect(at(250, { unsentBytes: 100_000, takenBytes: 131_072 })).toBe(true);
  expect(at(260, { unsentBytes: 65_536 })).toBe(false);
});

it('waits a moment for one that does not, and not again until it has caught up', () => {
  expect(at(0, { unsentBytes: 300_000 })).toBe(true);
  expect(at(249, {})).toBe(true);
  expect(at(250, { takenBytes: 131_071 })).toBe(false);
  expect(at(251, { unsentBytes: 900_000 })).toBe(false);
  expect(at(900, { unsentBytes: 65_000 })).toBe(false);
  expect(at(901, { unsentBytes: 300_000 })).toBe(true);
});

it('waits for nobody who is gone', () => {
  expect(at(0, { unsentBytes: 300_000 })).toBe(true);
  expect(at(1, { destroyed: true })).toBe(false);
});
