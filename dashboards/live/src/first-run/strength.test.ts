import { expect, it } from 'vitest';
import { strengthOf } from './strength.js';

it.each([
  ['', 'none'],
  ['hunter2', 'short'],
  ['aaaaaaaaaaaaaaaa', 'weak'],
  ['hunter2hunter2', 'weak'],
  ['123456789012', 'weak'],
  ['mara.pohl-mara.pohl', 'weak'],
  ['krumme Gurke', 'fair'],
  ['the door creaks', 'fair'],
  ['the old door creaks', 'good'],
  ['the old door creaks at night', 'strong'],
])('%j is %s', (password, strength) => {
  expect(strengthOf(password, 'mara.pohl').strength).toBe(strength);
});

it('characters are counted as people do', () => {
  expect(strengthOf('ü'.normalize('NFD').repeat(11), 'a')).toEqual({ strength: 'short', missing: 1 });
  expect(strengthOf('😀', 'a').missing).toBe(11);
});
