import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STATES } from '../live/state.js';
import { type FleetView, filters, formatFleetView, parseFleetView, SORTS, WHOLE_FLEET } from './fleet-url.js';

const parse = (text: string) => parseFleetView(new URLSearchParams(text));

describe('the fleet in the address', () => {
  it('is empty for the whole fleet', () => {
    expect(formatFleetView(WHOLE_FLEET)).toBe('');
    expect(parse('')).toEqual(WHOLE_FLEET);
    expect(filters(WHOLE_FLEET)).toBe(false);
  });

  it('ignores what it does not know', () => {
    expect(parse('state=adrift&sort=size&view=map&profile=&tag.=&x=1')).toEqual({
      ...WHOLE_FLEET,
      tags: {},
    });
  });

  it('comes back as it went', () => {
    const text = fc.string({ minLength: 1 });
    const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.-]{0,9}$/);
    const view: fc.Arbitrary<FleetView> = fc.record({
      state: fc.constantFrom(null, ...STATES),
      q: fc.string(),
      profile: fc.option(text),
      tags: fc.dictionary(name, text, { noNullPrototype: true }),
      sort: fc.constantFrom(...SORTS),
      tiles: fc.boolean(),
    });
    fc.assert(
      fc.property(view, (given) => {
        expect(parse(formatFleetView(given))).toEqual(given);
      }),
    );
  });
});
