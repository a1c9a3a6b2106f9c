import { describe, expect, it } from 'vitest';
import { aDevice } from './device.fixture.js';
import { WHOLE_FLEET } from './fleet-url.js';
import { type Around, countStates, facetsOf, selectDevices, selectRows, sortByName } from './select.js';

const NOW = 1_500;
const around: Around = {
  now: NOW,
  raised: new Map(),
  valueOf: (device) => ({ a: 2, b: -1, e: 30 })[device.id],
};
const fleet = [
  aDevice('b', { name: 'Room 10', tags: { site: 'north' }, profile: 'cold-room' }),
  aDevice('a', { name: 'Room 9', tags: { site: 'south' } }),
  aDevice('c', { online: false, lastSeen: 400, tags: { site: 'north' } }),
  aDevice('d', { online: false, lastSeen: null }),
  aDevice('e', { lastSeen: -10_000 }),
];
const ids = (view: Partial<typeof WHOLE_FLEET>) =>
  selectDevices(sortByName(fleet), { ...WHOLE_FLEET, ...view }, around).map(({ id }) => id);

describe('selectDevices', () => {
  it('puts trouble first, then sorts names as people count', () => {
    expect(ids({})).toEqual(['e', 'c', 'd', 'a', 'b']);
  });

  it('sorts by name, and by the longest silence', () => {
    expect(ids({ sort: 'name' })).toEqual(['c', 'd', 'e', 'a', 'b']);
    expect(ids({ sort: 'silent' })).toEqual(['e', 'd', 'c', 'a', 'b']);
  });

  it('sorts by the reading, highest first, and those without one last', () => {
    expect(ids({ sort: 'value' })).toEqual(['e', 'a', 'b', 'c', 'd']);
  });

  it('puts a raised alarm before all else, and filters by it', () => {
    const alarmed: Around = { ...around, raised: new Map([['b', 'alarm']]) };
    const select = (view: Partial<typeof WHOLE_FLEET>) =>
      selectDevices(sortByName(fleet), { ...WHOLE_FLEET, ...view }, alarmed).map(({ id }) => id);
    expect(select({})).toEqual(['b', 'e', 'c', 'd', 'a']);
    expect(select({ state: 'alarm' })).toEqual(['b']);
  });

  it('filters by state, profile, tag and text', () => {
    expect(ids({ state: 'offline' })).toEqual(['c']);
    expect(ids({ profile: 'cold-room' })).toEqual(['b']);
    expect(ids({ tags: { site: 'north' } })).toEqual(['c', 'b']);
    expect(ids({ q: '  ROOM 1 ' })).toEqual(['b']);
    expect(ids({ q: 'south' })).toEqual(['a']);
  });
});

describe('selectRows', () => {
  const rows = (view: Partial<typeof WHOLE_FLEET>) => {
    const whole = { ...WHOLE_FLEET, ...view };
    return selectRows(selectDevices(sortByName(fleet), whole, around), whole, around).map(({ key }) => key);
  };

  it('heads what needs attention and what does not', () => {
    expect(rows({})).toEqual([':needs-attention', 'e', 'c', 'd', ':as-expected', 'a', 'b']);
  });

  it('has no headings where they would say nothing', () => {
    expect(rows({ sort: 'name' })).toEqual(['c', 'd', 'e', 'a', 'b']);
    expect(rows({ q: 'room' })).toEqual([':as-expected', 'a', 'b']);
    expect(rows({ state: 'never' })).toEqual(['d']);
  });
});

describe('countStates', () => {
  it('counts all, filtered or not', () => {
    expect(countStates(fleet, NOW)).toEqual({ online: 2, asleep: 0, stale: 1, offline: 1, never: 1 });
  });
});

describe('facetsOf', () => {
  it('offers what divides the fleet', () => {
    expect(facetsOf(fleet)).toEqual({
      profiles: ['cold-room'],
      tags: [{ name: 'site', values: ['north', 'south'] }],
      more: [],
      hasSignal: false,
      tagged: true,
    });
  });
});
