import pico from 'picocolors';
import { expect, test } from 'vitest';
import { pairs, table } from './table.js';

test('columns are as wide as their widest cell, and lines end without spaces', () => {
  const lines = table(
    [{ heading: 'ID' }, { heading: 'VALUE', align: 'right' }, { heading: 'UNIT' }],
    [['temperature', '21.5', 'Cel'], ['door', 'true', ''], ['short']],
  );
  expect(lines).toEqual([
    'ID           VALUE  UNIT',
    'temperature   21.5  Cel',
    'door          true',
    'short',
  ]);
});

test('colours take no room', () => {
  const { red } = pico.createColors(true);
  const [, first, second] = table(
    [{ heading: 'A' }, { heading: 'B' }],
    [
      [red('x'), '1'],
      ['y', '2'],
    ],
  );
  expect(first).toBe(`${red('x')}  1`);
  expect(second).toBe('y  2');
});

test('pairs align their values', () => {
  expect(
    pairs([
      ['id', 'a'],
      ['last seen', 'now'],
      ['tags', ''],
    ]),
  ).toEqual(['id         a', 'last seen  now', 'tags']);
});
