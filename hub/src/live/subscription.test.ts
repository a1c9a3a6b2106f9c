import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FieldlineError } from '../errors.js';
import { parseSubscription, selects } from './subscription.js';

const base = { type: 'subscribe', id: 1, devices: '*' };

describe('parseSubscription', () => {
  it('fills in the defaults', () => {
    expect(parseSubscription(base)).toMatchObject({
      id: 1,
      selector: { kind: 'all' },
      metrics: null,
      what: new Set(['telemetry']),
      periodMs: 100,
    });
  });

  it.each([
    [0, 0],
    [1, 10],
    [99.6, 100],
    [3_600_000, 60_000],
  ])('takes a period of %s as %s', (minPeriod, periodMs) => {
    expect(parseSubscription({ ...base, minPeriod }).periodMs).toBe(periodMs);
  });

  it.each([
    ['id', { id: 'one' }],
    ['id', { id: -1 }],
    ['devices', { devices: undefined }],
    ['devices', { devices: ['a b'] }],
    ['devices', { devices: {} }],
    ['devices', { devices: Array.from({ length: 1_001 }, (_, index) => `d${index}`) }],
    ['devices.tags', { devices: { tags: {} } }],
    ['devices.tags', { devices: { tags: { site: 1 } } }],
    [
      'devices.tags',
      { devices: { tags: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [i, ''])) } },
    ],
    ['metrics', { metrics: [] }],
    ['metrics', { metrics: ['time'] }],
    ['metrics', { metrics: Array.from({ length: 257 }, (_, index) => `m${index}`) }],
    ['what', { what: [] }],
    ['what', { what: ['everything'] }],
    ['what', { what: 'telemetry' }],
    ['minPeriod', { minPeriod: -1 }],
    ['minPeriod', { minPeriod: '100' }],
  ])('refuses a bad %s and names it', (field, change) => {
    expect(() => parseSubscription({ ...base, ...change })).toThrow(
      expect.objectContaining({ code: 'bad_subscription', message: expect.stringMatching(`^${field}: `) }),
    );
  });

  it('gives equal keys to what asks for the same', () => {
    const one = parseSubscription({ ...base, devices: ['b', 'a', 'b'], metrics: ['y', 'x'] });
    const two = parseSubscription({
      ...base,
      id: 2,
      devices: ['a', 'b'],
      metrics: ['x', 'y'],
      minPeriod: 100,
    });
    const three = parseSubscription({ ...base, devices: ['a', 'b'], metrics: ['x'] });
    expect(one.key).toBe(two.key);
    expect(one.key).not.toBe(three.key);
  });

  it('never throws anything but its own error', () => {
    const field = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom('*', ['a'], { tags: { site: 'x' } }, ['status'], 0),
    );
    fc.assert(
      fc.property(
        fc.record({ id: field, devices: field, metrics: field, what: field, minPeriod: field }),
        (message) => {
          try {
            parseSubscription(message);
          } catch (error) {
            expect(error).toBeInstanceOf(FieldlineError);
          }
        },
      ),
    );
  });
});

describe('selects', () => {
  it('needs every tag to match', () => {
    const { selector } = parseSubscription({ ...base, devices: { tags: { site: 'north', floor: '2' } } });
    expect(selects(selector, 'a', { site: 'north', floor: '2', room: '7' })).toBe(true);
    expect(selects(selector, 'a', { site: 'north' })).toBe(false);
    expect(selects(selector, 'a', {})).toBe(false);
  });

  it('does not find tags on the prototype', () => {
    const { selector } = parseSubscription({ ...base, devices: { tags: { toString: 'x' } } });
    expect(selects(selector, 'a', {})).toBe(false);
  });
});
