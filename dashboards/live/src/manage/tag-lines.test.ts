import { describe, expect, it } from 'vitest';
import { readTags, sameTags, writeTags } from './tag-lines.js';

describe('tags, one a line', () => {
  it('are read as they were written', () => {
    const tags = { site: 'north', 'line no': 'B = 2' };
    expect(readTags(writeTags(tags))).toEqual(tags);
    expect(readTags('  site = north \n\n')).toEqual({ site: 'north' });
    expect(readTags('')).toEqual({});
  });

  it('are the same in whichever order', () => {
    expect(sameTags({ site: 'north', hall: 'A' }, { hall: 'A', site: 'north' })).toBe(true);
    expect(sameTags({ site: 'north' }, { site: 'south' })).toBe(false);
    expect(sameTags({ site: 'north' }, { hall: 'north' })).toBe(false);
    expect(sameTags({ site: 'north' }, { site: 'north', hall: 'A' })).toBe(false);
    expect(sameTags({ site: 'north', hall: 'A' }, { site: 'north' })).toBe(false);
  });

  it('say which line is none, and which name stands twice', () => {
    expect(() => readTags('site=north\nhall')).toThrow('“hall” has no value');
    expect(() => readTags('site=')).toThrow('“site=” has no value');
    expect(() => readTags('=north')).toThrow('“=north” has no value');
    expect(() => readTags('site=a\nsite=b')).toThrow('“site” stands there twice');
  });
});
