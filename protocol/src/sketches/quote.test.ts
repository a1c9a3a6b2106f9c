import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cString, javaScriptString, pythonString, shellWord } from './quote.js';

const NASTY = [
  '"',
  "'",
  '\\',
  '\n',
  '\r\n',
  '\0',
  '`',
  '$(id)',
  '%s',
  '??/',
  '*/',
  '//',
  '#',
  'é',
  '😀',
  '\u2028',
  '',
];
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(...NASTY),
  fc.array(fc.constantFrom(...NASTY)).map((all) => all.join('')),
);

describe('a literal', () => {
  it('of JavaScript is the text again, in ASCII', () => {
    fc.assert(
      fc.property(text, (given) => {
        const literal = javaScriptString(given);
        expect(JSON.parse(literal)).toBe(given);
        expect(literal).toMatch(/^"[\x20-\x7e]*"$/);
      }),
    );
  });

  it('of C ends where it should, and is its UTF-8', () => {
    fc.assert(
      fc.property(text, (given) => {
        const literal = cString(given);
        expect(literal).toMatch(/^"(?:[^"\\\n]|\\[0-7]{3}|\\["\\?])*"$/);
        expect(literal).not.toContain('??');
        const bytes = literal
          .slice(1, -1)
          .replace(/\\([0-7]{3}|["\\?])/g, (_, code: string) =>
            code.length === 3 ? String.fromCharCode(Number.parseInt(code, 8)) : code,
          );
        expect(Buffer.from(bytes, 'latin1')).toEqual(Buffer.from(new TextEncoder().encode(given)));
      }),
    );
  });

  it('of Python has no way out either', () => {
    fc.assert(
      fc.property(text, (given) => {
        expect(pythonString(given)).toMatch(
          /^"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\bfnrt]|\\u[0-9a-f]{4}|\\U[0-9a-f]{8})*"$/,
        );
      }),
    );
    expect(pythonString('a"\n😀é')).toBe('"a\\"\\n\\U0001f600\\u00e9"');
  });

  it.each(NASTY.filter((each) => each !== '\0'))('of a shell is one word, taken literally: %j', (given) => {
    const said = execFileSync('sh', ['-c', `printf %s ${shellWord(`a${given}b`)}`], { encoding: 'utf8' });
    expect(said).toBe(`a${given}b`);
  });
});
