import { loadProfile, type MetricProfile } from '@fieldline/protocol';
import { describe, expect, test } from 'vitest';
import { lookOf, thresholdsOf } from './metric-look.js';

function metric(text: string): MetricProfile {
  const [found] = loadProfile(`profile: p\nmetrics: { m: { ${text} } }`, 'p.yaml').metrics.values();
  if (found === undefined) throw new Error('no metric');
  return found;
}

describe('thresholds', () => {
  test.each([
    ['type: number', [['text', null]]],
    [
      'type: number, warn: { above: 5 }, alarm: { above: 8 }',
      [
        ['green', null],
        ['orange', 5],
        ['red', 8],
      ],
    ],
    [
      'type: number, warn: { below: 3.5 }, alarm: { below: 3.3 }',
      [
        ['red', null],
        ['orange', 3.3],
        ['green', 3.5],
      ],
    ],
    [
      'type: number, warn: { below: 207 }, alarm: { above: 253 }',
      [
        ['orange', null],
        ['green', 207],
        ['red', 253],
      ],
    ],
    [
      'type: number, alarm: { above: 8, below: -30 }',
      [
        ['red', null],
        ['green', -30],
        ['red', 8],
      ],
    ],
  ])('of %s', (text, steps) => {
    expect(thresholdsOf(metric(text)).steps.map(({ color, value }) => [color, value])).toEqual(steps);
  });
});

test('units, digits and states are those of the profile', () => {
  expect(lookOf(metric('type: number, unit: Cel, decimals: 1'))).toMatchObject({
    unit: 'celsius',
    decimals: 1,
  });
  expect(lookOf(metric('type: integer, unit: "{widgets}"'))).toMatchObject({
    unit: 'suffix:{widgets}',
    decimals: 0,
  });
  const door = lookOf(metric('type: boolean, alarm: { equals: true }')).mappings?.[0]?.options;
  expect(door).toMatchObject({ true: { text: 'yes', color: 'red' }, false: { text: 'no' } });
  const mode = lookOf(metric('type: string, enum: [a, b], warn: { equals: b }')).mappings?.[0]?.options;
  expect(mode).toMatchObject({ a: { index: 0 }, b: { color: 'orange', index: 1 } });
});
