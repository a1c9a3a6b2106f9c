import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { shortText } from './short-text.js';

it('keeps what is short enough', () => {
  expect(shortText('Überhitzt', 256)).toBe('Überhitzt');
  expect(shortText('x'.repeat(256), 256)).toBe('x'.repeat(256));
});

it('cuts between characters and shows it', () => {
  expect(shortText('x'.repeat(257), 256)).toBe(`${'x'.repeat(253)}…`);
  expect(shortText('ä'.repeat(5), 8)).toBe('ää…');
  expect(shortText('🙂🙂🙂', 11)).toBe('🙂🙂…');
});

it('replaces NUL', () => {
  expect(shortText('a\0b', 256)).toBe('a␀b');
});

it('is within its limit, valid, and begins like the original, whatever comes', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 100 }),
      fc.integer({ min: 8, max: 120 }),
      (text, maxBytes) => {
        const short = shortText(text, maxBytes);
        const bytes = Buffer.from(short);
        expect(bytes.length).toBeLessThanOrEqual(maxBytes);
        expect(isUtf8(bytes)).toBe(true);
        expect(short).not.toContain('\0');
        const original = Buffer.from(text).toString().replaceAll('\0', '␀');
        if (short.endsWith('…')) expect(original.startsWith(short.slice(0, -1))).toBe(true);
        else expect(bytes.toString()).toBe(original);
      },
    ),
  );
});
