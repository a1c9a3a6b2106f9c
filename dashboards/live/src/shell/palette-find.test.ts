import { describe, expect, it } from 'vitest';
import { type Entry, findEntries } from './palette-find.js';

const entry = (group: Entry['group'], name: string, rest: Partial<Entry> = {}): Entry => ({
  group,
  name,
  icon: 'fleet',
  run: () => {},
  ...rest,
});
const entries = [
  entry('go', 'Fleet'),
  entry('go', 'Alarms'),
  ...Array.from({ length: 50 }, (_, n) =>
    entry('devices', `Cold room ${n}`, { sub: `esp-${1000 + n}`, more: n % 2 ? 'north' : 'harbour' }),
  ),
  entry('page', 'Theme'),
];
const names = (asked: string) => findEntries(entries, asked).map(({ name }) => name);

describe('findEntries', () => {
  it('shows places first, few devices and what the page can do before anything is typed', () => {
    expect(names('')).toEqual([
      'Fleet',
      'Alarms',
      'Cold room 0',
      'Cold room 1',
      'Cold room 2',
      'Cold room 3',
      'Theme',
    ]);
    expect(names('  ')).toEqual(names(''));
  });

  it('finds by name, by id and by tag, with letters left out', () => {
    expect(names('cold room 17')[0]).toBe('Cold room 17');
    expect(names('coldrm17')[0]).toBe('Cold room 17');
    expect(names('esp-1023')[0]).toBe('Cold room 23');
    expect(names('harbour')).toHaveLength(8);
    expect(names('alrm')[0]).toBe('Alarms');
  });

  it('puts the group of the best match first, and finds nothing where nothing fits', () => {
    expect(names('theme')[0]).toBe('Theme');
    expect(names('xyzzy')).toEqual([]);
  });
});
