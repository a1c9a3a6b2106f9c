import { expect, it } from 'vitest';
import { MalformedLimit } from './malformed-limit.js';

it('ten within a minute are too many', () => {
  const limit = new MalformedLimit();
  for (let n = 1; n <= 9; n++) expect(limit.count(n * 1_000)).toBe(false);
  expect(limit.count(60_999)).toBe(true);
});

it('ten in more than a minute are not, however many came before', () => {
  const limit = new MalformedLimit();
  for (let n = 0; n < 100; n++) expect(limit.count(n * 7_000)).toBe(false);
});
