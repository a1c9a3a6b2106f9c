import { describe, expect, it } from 'vitest';
import { freshnessOf, stateOf } from './state.js';

const device = { online: true, lastSeen: 10_000, interval: 1_000 };

describe('stateOf', () => {
  it('becomes stale with the third expected interval', () => {
    expect(stateOf(device, 12_999)).toBe('online');
    expect(stateOf(device, 13_000)).toBe('stale');
  });

  it('is never stale without a known interval', () => {
    expect(stateOf({ ...device, interval: null }, 1e12)).toBe('online');
  });

  it('tells offline from never seen', () => {
    expect(stateOf({ ...device, online: false }, 0)).toBe('offline');
    expect(stateOf({ ...device, online: false, asleep: true }, 0)).toBe('asleep');
    expect(stateOf({ ...device, online: false, lastSeen: null }, 0)).toBe('never');
    expect(stateOf({ ...device, lastSeen: null }, 0)).toBe('online');
  });
});

describe('freshnessOf', () => {
  it('is late past the notch, stale at the end, off without a connection', () => {
    expect([0, 999, 1_000, 2_999, 3_000].map((ms) => freshnessOf(ms, 1_000, true))).toEqual([
      'fresh',
      'fresh',
      'late',
      'late',
      'stale',
    ]);
    expect(freshnessOf(0, 1_000, false)).toBe('off');
    expect(freshnessOf(1e9, null, true)).toBe('fresh');
  });
});
