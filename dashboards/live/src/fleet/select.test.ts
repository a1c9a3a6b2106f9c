import { describe, expect, it } from 'vitest';
import { aDevice } from './device.fixture.js';
import { WHOLE_FLEET } from './fleet-url.js';
import { countStates, facetsOf, selectDevices, selectRows } from './select.js';

const NOW = 1_500;
const fleet = [
  aDevice('b', { name: 'Room 10', tags: { site: 'north' }, profile: 'cold-room' }),
  aDevice('a', { name: 'Room 9', tags: { site: 'south' } }),
  aDevice('c', { online: false, lastSeen: 400, tags: { site: 'north' } }),
  aDevice('d', { online: false, lastSeen: null }),
  aDevice('e', { lastSeen: -10_000 }),
];
const ids = (view: Partial<typeof WHOLE_FLEET>) =>
  selectDevices(fleet, { ...WHOLE_FLEET, ...view }, NOW).map(({ id }) => id);

describe('selectDevices', () => {
  it('puts trouble first, then sorts names as people count', () => {
    expect(ids({})).toEqual(['e', 'c', 'd', 'a', 'b']);
  });

  it('sorts by name, and by the longest silence', () => {
    expect(ids({ sort: 'name' })).toEqual(['c', 'd', 'e', 'a', 'b']);
    expect(ids({ sort: 'silent' })).toEqual(['e', 'd', 'c', 'a', 'b']);
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
    return selectRows(selectDevices(fleet, whole, NOW), whole, NOW).map(({ key }) => key);
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
      tagged: true,
    });
  });
});
