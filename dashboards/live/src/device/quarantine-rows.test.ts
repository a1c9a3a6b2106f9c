import type { QuarantineItem } from '@fieldline/protocol/browser';
import { expect, it } from 'vitest';
import { quarantineRows, reasonOf } from './quarantine-rows.js';

const item = (rest: Partial<QuarantineItem>): QuarantineItem => ({
  ...{ time: 1, metric: 't', value: 1, code: 'out_of_range', message: 'below -40', source: 'ws' },
  ...rest,
});

it('tells neighbours that are alike once, by the newest of them', () => {
  const rows = quarantineRows([
    item({ time: 9, value: -127 }),
    item({ time: 8, value: -126 }),
    item({ time: 7, metric: 'u' }),
    item({ time: 6 }),
  ]);
  expect(rows.map(({ item: { time }, count }) => [time, count])).toEqual([
    [9, 2],
    [7, 1],
    [6, 1],
  ]);
});

it('keeps whole messages apart that differ, and finds what offends in them', () => {
  const malformed = { metric: null, code: 'malformed', message: 'not JSON' };
  const rows = quarantineRows([
    item({ ...malformed, value: '{"t":nan}' }),
    item({ ...malformed, value: '{"t":inf}' }),
    item({ ...malformed, value: '{"t":inf}' }),
    item({ ...malformed, value: '{"type":"telemetry"}', message: 'values missing' }),
  ]);
  expect(rows.map(({ count, fault }) => [count, fault])).toEqual([
    [1, { at: 5, length: 3 }],
    [2, { at: 5, length: 3 }],
    [1, null],
  ]);
});

it('says why as a sentence', () => {
  const reason = (rest: Partial<QuarantineItem>) => quarantineRows([item(rest)]).map(reasonOf)[0];
  expect(reason({ message: 'below -40' })).toBe('Below \u221240.');
  const frame = { metric: null, code: 'malformed', message: 'Unexpected token' };
  expect(reason({ ...frame, value: '{"t":nan}' })).toBe('Not JSON at character 6: nan is no value here.');
  expect(reason({ ...frame, value: '{"t":' })).toBe('Unexpected token.');
});

it('says what to do', () => {
  const advice = (rest: Partial<QuarantineItem>) => quarantineRows([item(rest)])[0]?.advice;
  const conflict = { code: 'type_conflict', message: 'number expected, got string' };
  expect(advice({ value: -127 })).toContain('DS18B20');
  expect(advice({ ...conflict, value: '14W' })).toContain('Send 14;');
  expect(advice({ ...conflict, value: 'warm' })).toContain('Send the type');
  expect(advice({ code: 'invented' })).toBe('');
});
