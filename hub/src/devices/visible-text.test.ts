import { expect, it } from 'vitest';
import { visibleText } from './visible-text.js';

const shown = (text: string, maxBytes = 1_000) => visibleText(Buffer.from(text), maxBytes);

it.each([
  ['{"type":"hello","token":"fld_secret"}', '{"type":"hello","token":"…"}'],
  ['{"token" : "fld_secret","a":"b"}', '{"token" : "…","a":"b"}'],
  ['{"tok\\u0065n":"fld_secret"}', '{"tok\\u0065n":"…"}'],
  ['{"a":"x\\u0020y","\\u0074oken":"fld_secret"}', '{"a":"x\\u0020y","\\u0074oken":"…"}'],
  ['{"a":"b, "token":"fld_secret","c":nan', '{"a":"b, "token":"…","c":nan'],
  ['{"token":"fld_sec', '{"token":"…'],
])('blanks a token out: %s', (text, expected) => expect(shown(text)).toBe(expected));

it('leaves alone what is no token, and cuts what is long', () => {
  expect(shown('{"note":"the \\u201ctoken\\u201d: is here"}')).toBe(
    '{"note":"the \\u201ctoken\\u201d: is here"}',
  );
  expect(shown('{"t":1}', 4)).toBe('{"t"');
});
