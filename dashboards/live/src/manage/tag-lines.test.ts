import { describe, expect, it } from 'vitest';
import { readTags, writeTags } from './tag-lines.js';

describe('tags, one a line', () => {
  it('are read as they were written', () => {
    const tags = { site: 'north', 'line no': 'B = 2' };
    expect(readTags(writeTags(tags))).toEqual(tags);
    expect(readTags('  site = north \n\n')).toEqual({ site: 'north' });
    expect(readTags('')).toEqual({});
  });

  it('say which line is none, and which name stands twice', () => {
    expect(() => readTags('site=north\nhall')).toThrow('“hall” has no value');
    expect(() => readTags('site=')).toThrow('“site=” has no value');
    expect(() => readTags('=north')).toThrow('“=north” has no value');
    expect(() => readTags('site=a\nsite=b')).toThrow('“site” stands there twice');
  });
});
