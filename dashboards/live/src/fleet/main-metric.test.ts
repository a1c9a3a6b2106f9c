import { describe, expect, it } from 'vitest';
import { aDevice } from './device.fixture.js';
import { mainMetric } from './main-metric.js';

const metric = (type: 'number' | 'boolean', value: number | boolean) => ({
  type,
  unit: null,
  time: 1,
  value,
});
const device = aDevice('a', { metrics: { door: metric('boolean', true), hum: metric('number', 4) } });

describe('mainMetric', () => {
  it('is the first of the profile that was read, else the first number, else the first', () => {
    expect(mainMetric(device, { metrics: { temp: { type: 'number' }, door: { type: 'boolean' } } })).toBe(
      'door',
    );
    expect(mainMetric(device, { metrics: {} })).toBe('hum');
    expect(mainMetric(aDevice('b', { metrics: { door: metric('boolean', true) } }), { metrics: {} })).toBe(
      'door',
    );
    expect(mainMetric(aDevice('c'), { metrics: {} })).toBeUndefined();
  });

  it('is the strength of the radio only where there is nothing else', () => {
    const rssi = metric('number', -60);
    const both = aDevice('d', { metrics: { rssi, open: metric('boolean', true) } });
    expect(mainMetric(both, { metrics: {} })).toBe('open');
    expect(mainMetric(aDevice('e', { metrics: { rssi } }), { metrics: {} })).toBe('rssi');
  });
});
