import type { Value } from '@fieldline/protocol/browser';
import { describe, expect, it } from 'vitest';
import { Seam } from './seam.js';

function seam() {
  const taken: (readonly [number, Value])[] = [];
  return { taken, seam: new Seam((time, value) => taken.push([time, value])) };
}

describe('Seam', () => {
  it('takes after the history what the history cannot hold', () => {
    const { seam: s, taken } = seam();
    s.asked(1_000);
    s.live({ time: 900, value: 1, arrivedAt: 1_010 });
    s.live({ time: 1_005, value: 2, arrivedAt: 1_020 });
    expect(taken).toEqual([]);
    s.answered(1_030);
    expect(taken).toEqual([[1_005, 2]]);
    s.live({ time: 1_040, value: 3, arrivedAt: 1_050 });
    expect(taken.at(-1)).toEqual([1_040, 3]);
  });

  it('does not count twice what was conflated on its way past the answer', () => {
    const { seam: s, taken } = seam();
    s.asked(1_000);
    s.answered(1_030);
    s.live({ time: 990, value: 1, arrivedAt: 1_100 });
    expect(taken).toEqual([]);
  });

  it('takes a backfill that arrives later, whatever its time', () => {
    const { seam: s, taken } = seam();
    s.asked(1_000);
    s.answered(1_030);
    s.live({ time: 10, value: 1, arrivedAt: 5_000 });
    expect(taken).toEqual([[10, 1]]);
  });

  it('takes all that waited when the history failed', () => {
    const { seam: s, taken } = seam();
    s.asked(1_000);
    s.live({ time: 900, value: 1, arrivedAt: 1_010 });
    s.answered(11_000, true);
    expect(taken).toEqual([[900, 1]]);
  });
});
