import type { ParamDocument } from '@fieldline/protocol/browser';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundsOf, type Field, fieldsOf, readField, readForm, textOf, valueWords } from './field.js';

function field(document: ParamDocument): Field {
  const [first] = fieldsOf({ p: document });
  if (!first) throw new Error('no field');
  return first;
}
const setpoint = field({ type: 'number', unit: 'Cel', min: -30, max: 15, required: true });

describe('readField', () => {
  it.each([
    ['3.5', 3.5],
    ['\u22122', -2],
    [' 1e1 ', 10],
    ['.5', 0.5],
  ])('reads %s as a number', (text, value) =>
    expect(readField(setpoint, text)).toEqual({ kind: 'value', value }),
  );

  it.each(['3,5', 'x', '0x10', '1.2.3', 'Infinity', '1e999', '--1'])('takes no %s for a number', (text) =>
    expect(readField(setpoint, text).kind).toBe('fault'),
  );

  it('says what the bounds are, with the unit', () => {
    expect(readField(setpoint, '16')).toEqual({ kind: 'fault', fault: 'At most 15\u00a0°C.' });
    expect(readField(setpoint, '-31')).toEqual({ kind: 'fault', fault: 'At least \u221230\u00a0°C.' });
    expect(boundsOf(setpoint)).toBe('From \u221230 to 15\u00a0°C');
  });

  it('leaves out what is empty, unless it is needed and has no default', () => {
    expect(readField(setpoint, '').kind).toBe('fault');
    expect(readField(setpoint, '  ').kind).toBe('fault');
    expect(readField(field({ type: 'integer', default: 20 }), '')).toEqual({ kind: 'none' });
    expect(readField(field({ type: 'integer', required: true, default: 20 }), '')).toEqual({ kind: 'none' });
  });

  it('wants whole numbers for integers', () => {
    expect(readField(field({ type: 'integer' }), '2.5').kind).toBe('fault');
    expect(readField(field({ type: 'integer' }), '2.0')).toEqual({ kind: 'value', value: 2 });
  });

  it('tells choices apart by type', () => {
    const mixed = field({ type: 'string', enum: ['1', 'true'] });
    expect(readField(mixed, textOf(mixed, '1'))).toEqual({ kind: 'value', value: '1' });
    expect(readField(mixed, '1').kind).toBe('fault');
    const relay = field({ type: 'boolean', required: true });
    expect(readField(relay, textOf(relay, false))).toEqual({ kind: 'value', value: false });
  });

  it('counts bytes of a text, not characters', () => {
    expect(readField(field({ type: 'string' }), 'ä'.repeat(128)).kind).toBe('value');
    expect(readField(field({ type: 'string' }), 'ä'.repeat(129)).kind).toBe('fault');
  });

  it('reads back every number that it writes', () => {
    const any = field({ type: 'number' });
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const read = readField(any, textOf(any, value));
        expect(read.kind === 'value' && read.value === value).toBe(true);
      }),
    );
  });
});

describe('readForm', () => {
  it('gathers values and faults by name', () => {
    const fields = fieldsOf({
      on: { type: 'boolean', required: true },
      level: { type: 'integer', max: 9 },
      note: { type: 'string' },
    });
    expect(readForm(fields, { on: 'true', level: '10' })).toEqual({
      values: { on: true },
      faults: { level: 'At most 9.' },
    });
  });
});

describe('valueWords', () => {
  it('keeps every decimal of a wish', () => {
    expect(valueWords(setpoint, 3.125)).toBe('3.125\u00a0°C');
    expect(valueWords(field({ type: 'boolean' }), true)).toBe('on');
  });
});
