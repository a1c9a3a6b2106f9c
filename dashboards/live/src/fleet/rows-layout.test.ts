import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aDevice } from './device.fixture.js';
import { RowsLayout } from './rows-layout.js';
import type { Row } from './select.js';

const device = aDevice('a');
const rows = (kinds: string): Row[] =>
  [...kinds].map((kind, i) =>
    kind === 'g'
      ? { kind: 'group', key: `:${i}`, needy: true, outage: undefined, count: 1 }
      : { kind: 'device', key: String(i), device },
  );

describe('RowsLayout', () => {
  it('stacks rows, with headings of their own height', () => {
    const layout = new RowsLayout(rows('gddgd'), 64);
    expect([0, 1, 2, 3, 4].map((i) => layout.top(i))).toEqual([0, 36, 100, 164, 200]);
    expect(layout.height).toBe(264);
  });

  it('never leaves a hole in the window', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(36, 64),
        fc.integer({ min: 0, max: 500 }),
        fc.integer({ min: 0, max: 40_000 }),
        fc.integer({ min: 1, max: 2_000 }),
        (rowPx, count, top, height) => {
          const layout = new RowsLayout(rows(`g${'d'.repeat(count)}g${'d'.repeat(count)}`), rowPx);
          const { from, to } = layout.window(top, height);
          const bottom = Math.min(top + height, layout.height);
          if (top >= layout.height) return;
          expect(layout.top(from)).toBeLessThanOrEqual(top);
          expect(layout.top(to)).toBeGreaterThanOrEqual(bottom);
        },
      ),
    );
  });
});
