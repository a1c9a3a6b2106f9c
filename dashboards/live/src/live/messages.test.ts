import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseLive } from './messages.js';

describe('parseLive', () => {
  it('reads what it knows, and leaves what a newer hub may say', () => {
    expect(parseLive('{"type":"lag","dropped":3,"since":1}')).toEqual({ type: 'lag', dropped: 3, since: 1 });
    expect(parseLive('{"type":"weather"}')).toBeUndefined();
    expect(parseLive('{"no":"type"}')).toBeUndefined();
    expect(parseLive(new ArrayBuffer(1))).toBeUndefined();
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseLive(text)));
    fc.assert(fc.property(fc.json(), (text) => void parseLive(text)));
  });
});
