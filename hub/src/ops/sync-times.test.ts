import { describe, expect, it } from 'vitest';
import { syncTimes } from './sync-times.js';

const INF = Number.POSITIVE_INFINITY;

describe('the times of syncs', () => {
  it('are unknown where there was none', () => {
    expect(
      syncTimes([
        [0.001, 0],
        [INF, 0],
      ]),
    ).toBeNull();
    expect(
      syncTimes(
        [
          [0.001, 5],
          [INF, 5],
        ],
        [
          [0.001, 5],
          [INF, 5],
        ],
      ),
    ).toBeNull();
  });

  it('are interpolated inside the bucket that the quantile falls into', () => {
    // 50 up to 1 ms, 50 between 1 and 2 ms.
    const times = syncTimes([
      [0.001, 50],
      [0.002, 100],
      [INF, 100],
    ]);
    expect(times?.median).toBeCloseTo(1);
    expect(times?.p99).toBeCloseTo(1.98);
  });

  it('count only what has come since the look before', () => {
    const times = syncTimes(
      [
        [0.001, 100],
        [0.01, 110],
        [INF, 110],
      ],
      [
        [0.001, 100],
        [0.01, 100],
        [INF, 100],
      ],
    );
    expect(times?.median).toBeCloseTo(5.5);
  });

  it('say the last bound of what was beyond it', () => {
    expect(
      syncTimes([
        [0.001, 0],
        [2.5, 0],
        [INF, 3],
      ]),
    ).toEqual({ median: 2500, p99: 2500 });
  });
});
