import type { SystemSample } from '@fieldline/protocol';
import { expect, it } from 'vitest';
import { withBreaks } from './breaks.js';

it('a line is broken where nobody looked', () => {
  const samples = [0, 5_000, 60_000, 65_000].map((at) => ({ at }) as SystemSample);
  const rows = withBreaks(samples, 15_000);
  expect(rows.map(({ at, sample }) => [at, sample === null])).toEqual([
    [0, false],
    [5_000, false],
    [5_001, true],
    [60_000, false],
    [65_000, false],
  ]);
});
