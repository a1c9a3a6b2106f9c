import { describe, expect, it } from 'vitest';
import { breachOf, figure, lookOf, stateTroubleOf, titleOf } from './metric.js';

const view = { type: 'number', unit: 'Cel', time: 1, value: 3 } as const;

describe('lookOf', () => {
  it('takes the profile before the registry', () => {
    const look = lookOf('temperature', view, {
      type: 'number',
      title: 'Air',
      decimals: 1,
      warn: { above: 6, for: '10m' },
      alarm: { above: 8, below: -40 },
    });
    expect(look).toMatchObject({ title: 'Air', unit: '°C', decimals: 1, numeric: true });
    expect(look.limits).toEqual([
      { kind: 'warn', side: 'above', at: 6, hold: '10\u00a0min' },
      { kind: 'alarm', side: 'above', at: 8, hold: '' },
      { kind: 'alarm', side: 'below', at: -40, hold: '' },
    ]);
  });

  it('leaves out what the profile says of another type than the metric has now', () => {
    const retyped = { type: 'string', unit: null, time: 1, value: 'warm' } as const;
    const stated = { type: 'integer', title: 'Air', unit: 'Cel', warn: { above: 6 } } as const;
    expect(lookOf('temperature', retyped, stated)).toMatchObject({
      ...{ title: 'Air', unit: '', decimals: null, numeric: false, limits: [] },
    });
  });

  it('makes a word of the name without a profile', () => {
    expect(titleOf('soil_moisture')).toBe('Soil moisture');
    expect(lookOf('rssi', view, undefined)).toMatchObject({ title: 'Rssi', decimals: null, limits: [] });
  });
});

describe('figure', () => {
  const look = lookOf('t', view, { type: 'number', decimals: 1 });

  it('keeps the unit apart, and words have none', () => {
    expect(figure(look, -3.04)).toEqual({ text: '\u22123.0', unit: '°C' });
    expect(figure(look, true)).toEqual({ text: 'on', unit: '' });
    expect(figure(look, 'idle')).toEqual({ text: 'idle', unit: '' });
  });
});

describe('stateTroubleOf', () => {
  const door = lookOf(
    'door',
    { type: 'boolean', unit: null, time: 1, value: true },
    {
      type: 'boolean',
      warn: { equals: true, for: '1m' },
      alarm: { equals: true, for: '5m' },
    },
  );

  it('names the worst that a state is which has held for long enough', () => {
    expect(stateTroubleOf(door, true, 59_000)).toBeUndefined();
    expect(stateTroubleOf(door, true, 60_000)?.kind).toBe('warn');
    expect(stateTroubleOf(door, true, 300_000)?.kind).toBe('alarm');
    expect(stateTroubleOf(door, false, 300_000)).toBeUndefined();
  });
});

describe('breachOf', () => {
  const look = lookOf('t', view, { type: 'number', warn: { above: 6 }, alarm: { above: 8 } });

  it('names the worst limit that a value is beyond', () => {
    expect(breachOf(look, 6)).toBeUndefined();
    expect(breachOf(look, 7)?.kind).toBe('warn');
    expect(breachOf(look, 9)?.kind).toBe('alarm');
    expect(breachOf(look, 'hot')).toBeUndefined();
  });
});
