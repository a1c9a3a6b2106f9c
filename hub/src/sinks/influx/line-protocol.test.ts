import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseLines } from './line-protocol.fixture.js';
import {
  fitsInteger,
  floatText,
  integerText,
  keyText,
  measurementText,
  prefixText,
  stringText,
  tagText,
} from './line-protocol.js';

/** Texts full of what the protocol means something by. */
const awkward = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'\\,= "\n\r\t#ab🚿é'), maxLength: 12 }),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
);
const name = awkward.filter((text) => text !== '' && text !== 'time' && !/[\n\r]|\\$/.test(text));

test('what is written is read back by the rules of influxd', () => {
  const tags = fc.dictionary(name, awkward, { maxKeys: 4 });
  const fields = fc.dictionary(name, awkward, { minKeys: 1, maxKeys: 4 });
  const measurement = name.filter((text) => !text.startsWith('#'));
  fc.assert(
    fc.property(measurement, tags, fields, fc.maxSafeNat(), (measurement, tags, fields, time) => {
      const written = Object.entries(fields).map(([key, value]) => `${keyText(key)}=${stringText(value)}`);
      const line = `${prefixText(measurement, tags)} ${written.join(',')} ${time}\n`;
      // A second line shows that the first one has ended where it should.
      const [parsed, second, ...more] = parseLines(`${line}next a=1 2\n`);
      expect(parsed).toEqual({
        measurement,
        tags: Object.fromEntries(Object.entries(tags).filter(([, value]) => canBeTag(value))),
        fields: Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, `"${value}`])),
        time: `${time}`,
      });
      expect([second?.measurement, more]).toEqual(['next', []]);
    }),
    { numRuns: 1_000 },
  );
});

function canBeTag(value: string): boolean {
  return value !== '' && !/[\n\r]/.test(value) && !value.endsWith('\\');
}

test('tags that InfluxDB would read otherwise are left out', () => {
  for (const value of ['', 'a\nb', 'a\rb', 'a\\', '\\', 'x\nadmin f=1'])
    expect(tagText(value)).toBeUndefined();
  expect(prefixText('m', { device: 'd', site: 'a\\', room: '', 'a\nb': 'x', time: 'x' })).toBe('m,device=d');
  expect(tagText('a\\b')).toBe('a\\b');
});

test('tags are sorted, and only what has to be is escaped', () => {
  expect(prefixText('a b,c=d"', { site: 'Nord, 2=b', 'c d': '"' })).toBe(
    'a\\ b\\,c=d",c\\ d=",site=Nord\\,\\ 2\\=b',
  );
});

test('names that no escape would save are refused', () => {
  for (const bad of ['', 'a\nb', 'a\rb', 'a\\']) {
    expect(() => measurementText(bad)).toThrow(RangeError);
    expect(() => keyText(bad)).toThrow(RangeError);
  }
  expect(() => measurementText('#comment')).toThrow(RangeError);
  expect(() => keyText('time')).toThrow(RangeError);
});

test('numbers read back as they were', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(floatText(value)).toMatch(/^-?[0-9]+(\.[0-9]+)?(e[+-][0-9]+)?$/);
      expect(Number(floatText(value))).toBe(value);
    }),
  );
  expect(floatText(-0)).toBe('-0');
});

test('integers keep all their digits, up to 64 bits', () => {
  expect([integerText(20), integerText(-1), integerText(-0)]).toEqual(['20i', '-1i', '0i']);
  expect(integerText(2 ** 63 - 1024)).toBe('9223372036854774784i');
  expect(integerText(-(2 ** 63))).toBe('-9223372036854775808i');
  expect([2 ** 63, -(2 ** 63) - 2048, 0.5, 1e21, Number.NaN].some(fitsInteger)).toBe(false);
  expect([2 ** 63 - 1024, -(2 ** 63), 0, -0].every(fitsInteger)).toBe(true);
});
