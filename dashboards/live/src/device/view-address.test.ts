import { describe, expect, it } from 'vitest';
import { LEAST_SPAN_MS, MOST_SPAN_MS } from './ranges.js';
import { nameView, viewIn } from './view-address.js';

const HOUR = 3_600_000;
const address = (view: Parameters<typeof nameView>[0]) => {
  const search = new URLSearchParams('tab=log&from=1');
  nameView(view, search);
  return search.toString();
};

describe('the address of a view', () => {
  it.each([
    [{ spanMs: HOUR, end: null }, 'tab=log'],
    [{ spanMs: 6 * HOUR, end: null }, 'tab=log&range=6h'],
    [{ spanMs: 95_000, end: null }, 'tab=log&range=95s'],
    [{ spanMs: HOUR, end: 1_800_000_000_000 }, 'tab=log&from=1799996400000&to=1800000000000'],
  ])('tells it, and is read back: %j', (view, text) => {
    expect(address(view)).toBe(text);
    expect(viewIn(new URLSearchParams(text))).toEqual(view);
  });

  it.each(['', 'range=yesterday', 'from=5', 'from=9&to=5', 'from=a&to=b', 'range=-5m'])(
    'that means nothing shows the default: %s',
    (text) => expect(viewIn(new URLSearchParams(text))).toEqual({ spanMs: HOUR, end: null }),
  );

  it('asks for no more than there is room for', () => {
    expect(viewIn(new URLSearchParams('range=9999999d')).spanMs).toBe(MOST_SPAN_MS);
    expect(viewIn(new URLSearchParams('range=1s')).spanMs).toBe(LEAST_SPAN_MS);
    expect(viewIn(new URLSearchParams('from=1&to=1800000000000')).spanMs).toBe(MOST_SPAN_MS);
  });
});
