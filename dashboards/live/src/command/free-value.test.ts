import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { freeText, paramText, readFree } from './free-value.js';
import { readRows } from './value-rows.js';

describe('readFree', () => {
  it.each([
    ['true', true],
    ['12', 12],
    ['-0.5', -0.5],
    ['"12"', '12'],
    ['idle', 'idle'],
    ['012', '012'],
    ['"unclosed', '"unclosed'],
  ])('reads %s', (text, value) => expect(readFree(text)).toEqual({ kind: 'value', value }));

  it('refuses what is no value', () => {
    expect(readFree('').kind).toBe('fault');
    expect(readFree('1e999').kind).toBe('fault');
    expect(readFree('x'.repeat(257)).kind).toBe('fault');
  });

  it('reads back what it writes', () => {
    const value = fc.oneof(
      fc.string({ maxLength: 60 }).filter((text) => !text.includes('\0')),
      fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Object.is(n, -0)),
      fc.boolean(),
    );
    fc.assert(
      fc.property(
        value,
        (one) => void expect(readFree(freeText(one))).toEqual({ kind: 'value', value: one }),
      ),
    );
  });

  it('writes parameters as the command line takes them', () => {
    expect(paramText({ on: true, name: '12', mode: 'idle' })).toBe('on=true name="12" mode=idle');
  });
});

describe('readRows', () => {
  const row = (key: number, name: string, text: string) => ({ key, name, text });
  it('passes over rows that nobody has touched', () => {
    expect(readRows([row(1, '', ''), row(2, 'a', '1')]).values).toEqual({ a: 1 });
  });

  it('finds names that will not do, and values that are missing', () => {
    const rows = [
      row(1, '1a', '1'),
      row(2, 'b', '1'),
      row(3, 'b', '2'),
      row(4, 'c', ''),
      row(5, 'taken', '1'),
    ];
    const { values, faults } = readRows(rows, ['taken']);
    expect(values).toEqual({ b: 1 });
    expect([...faults.keys()]).toEqual([1, 3, 4, 5]);
  });
});
