import { describe, expect, it } from 'vitest';
import { aDevice, aView } from '../fleet/device.fixture.js';

const metric = { type: 'number', unit: null, time: 500, value: 5 } as const;

describe('LiveDevice', () => {
  it('keeps the value with the greatest time, though a late one is a sign of life', () => {
    const device = aDevice('a', { metrics: { t: metric }, lastSeen: 500 });
    device.reading(400, { t: 4, h: 1 }, 900);
    expect(device.latest.get('t')).toEqual({ time: 500, value: 5 });
    expect(device.latest.get('h')).toEqual({ time: 400, value: 1 });
    expect(device.lastSeen).toBe(900);
    device.reading(600, { t: 6 }, 950);
    expect(device.latest.get('t')).toEqual({ time: 600, value: 6 });
  });

  it('does not go back when the registry answers with something older', () => {
    const device = aDevice('a');
    device.reading(2_000, { t: 2 }, 2_000);
    device.refresh(aView('a', { metrics: { t: metric }, lastSeen: 1_500, firmware: '2' }));
    expect(device.latest.get('t')?.value).toBe(2);
    expect(device.lastSeen).toBe(2_000);
    expect(device.view.firmware).toBe('2');
  });

  it('takes a snapshot as what is known now, and no reading as from the future', () => {
    const device = aDevice('a', { online: false, lastSeen: null });
    device.snapshot({ id: 'a', online: true, values: { t: [9_999, 7] } }, 5_000);
    expect(device.online).toBe(true);
    expect(device.lastSeen).toBe(5_000);
  });

  it('does not take a lost connection for a sign of life', () => {
    const device = aDevice('a');
    device.status(false, 'timeout', 60_000);
    expect(device.lastSeen).toBe(1_000);
    device.status(true, null, 70_000);
    expect(device.lastSeen).toBe(70_000);
  });

  it('knows no time of a change that it did not see', () => {
    const device = aDevice('a');
    device.status(false, 'timeout', 60_000);
    device.refresh(aView('a', { online: true }));
    expect(device.statusAt).toBeNull();
  });

  it('wakes what draws it with each change', () => {
    const device = aDevice('a');
    const before = device.changed.value;
    device.reading(2_000, { t: 1 }, 2_000);
    expect(device.changed.value).toBeGreaterThan(before);
  });
});
