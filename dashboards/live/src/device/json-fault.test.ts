import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonFault } from './json-fault.js';

/** The text with what offends in brackets. */
function marked(text: string): string {
  const fault = jsonFault(text);
  if (!fault) return text;
  const end = fault.at + fault.length;
  return `${text.slice(0, fault.at)}⟨${text.slice(fault.at, end)}⟩${text.slice(end)}`;
}

describe('what is wrong with a frame', () => {
  it.each([
    ['{"temperature":nan,"door":true}', '{"temperature":⟨nan⟩,"door":true}'],
    ['{"t":-inf}', '{"t":⟨-inf⟩}'],
    ['{"t":NaN}', '{"t":⟨NaN⟩}'],
    ['{"t":1,}', '{"t":1,⟨}⟩'],
    ['{t:1}', '{⟨t⟩:1}'],
    ["{'t':1}", "{⟨'t'⟩:1}"],
    ['{"t":01}', '{"t":⟨01⟩}'],
    ['{"t":1.}', '{"t":⟨1.⟩}'],
    ['{"t" 1}', '{"t" ⟨1⟩}'],
    ['{"t":1}{"u":2}', '{"t":1}⟨{⟩"u":2}'],
    ['[1 2]', '[1 ⟨2⟩]'],
    ['{"t":"a\u0007"}', '{"t":⟨"⟩a\u0007"}'],
    ['{"t":True}', '{"t":⟨True⟩}'],
  ])('%s', (text, expected) => expect(marked(text)).toBe(expected));

  it.each(['{"t":', '{"t', '{"t":1', '[1,', ''])('nothing offends in what is only cut off: %s', (text) => {
    expect(jsonFault(text)).toBeNull();
  });

  it('is nothing where the text is JSON, and always lies within it', () => {
    fc.assert(fc.property(fc.json({ maxDepth: 6 }), (text) => jsonFault(text) === null));
    fc.assert(
      fc.property(fc.string(), (text) => {
        const fault = jsonFault(text);
        if (fault) {
          expect(fault.length).toBeGreaterThan(0);
          expect(fault.at + fault.length).toBeLessThanOrEqual(text.length);
          expect(() => JSON.parse(text)).toThrow();
        }
      }),
    );
  });
});
