import { expect, it } from 'vitest';
import { beginningOf, idFault, readTags, suggestId } from './new-id.js';

it('an id is suggested by its kind, with the first free number', () => {
  expect(suggestId(beginningOf('cold-room'), ['cold-room-1', 'cold-room-3'])).toBe('cold-room-2');
  expect(suggestId(beginningOf(null), [])).toBe('device-1');
  expect(idFault(suggestId(beginningOf(`${'x.'.repeat(32)}`), []))).toBeNull();
});

it.each([
  ['', 'empty'],
  ['-a', 'start'],
  ['esp 1', 'characters'],
  ['küche', 'characters'],
  ['x'.repeat(65), 'long'],
  ['esp-1', null],
])('%j as an id: %s', (id, fault) => {
  expect(idFault(id)).toBe(fault);
});

it('tags are read as they are written', () => {
  expect(readTags('site=north, line = B ,')).toEqual({ site: 'north', line: 'B' });
  expect(readTags('')).toEqual({});
  for (const bad of ['site', '=x', 'si te=x', 'site=', '__proto__=x', 'time=x'])
    expect(readTags(bad)).toBeNull();
});
