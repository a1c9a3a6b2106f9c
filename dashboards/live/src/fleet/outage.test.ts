import { describe, expect, it } from 'vitest';
import { aDevice } from './device.fixture.js';
import { outageOf } from './outage.js';

const gone = (id: string, at: number, site = 'harbour') =>
  aDevice(id, { online: false, tags: { site }, lastDisconnect: { reason: 'timeout', at } });

describe('outageOf', () => {
  it('finds those that went together, and the tag that they share', () => {
    const fleet = [
      aDevice('on', { tags: { site: 'north' } }),
      gone('early', 1_000),
      gone('a', 60_000),
      gone('b', 61_500),
      gone('c', 62_000),
      gone('late', 90_000, 'north'),
    ];
    expect(outageOf(fleet)).toEqual({ count: 3, from: 60_000, spreadMs: 2_000, tag: ['site', 'harbour'] });
  });

  it('names no tag that tells them from nobody', () => {
    const fleet = [gone('a', 0), gone('b', 0), gone('c', 0)];
    expect(outageOf(fleet)?.tag).toBeNull();
    expect(outageOf([...fleet.slice(1), gone('d', 0, 'north')])?.tag).toBeNull();
  });

  it('takes two for chance, and sleepers for what they are', () => {
    expect(outageOf([gone('a', 0), gone('b', 100)])).toBeUndefined();
    const asleep = aDevice('z', {
      online: false,
      sleeping: true,
      lastDisconnect: { reason: 'sleeping', at: 50 },
    });
    expect(outageOf([gone('a', 0), gone('b', 100), asleep])).toBeUndefined();
  });
});
