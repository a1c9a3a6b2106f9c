import { describe, expect, it } from 'vitest';
import { alarmsHref, connectHref, deviceHref, fleetHref, parseRoute, systemHref } from './route.js';

describe('parseRoute', () => {
  it('reads the places that exist', () => {
    expect(parseRoute('#/login?code=abc')).toEqual({ page: 'login', code: 'abc' });
    expect(parseRoute('#/login')).toEqual({ page: 'login', code: null });
    const device = parseRoute('#/device/esp-7f3a?tab=log');
    expect(device).toMatchObject({ page: 'device', id: 'esp-7f3a' });
    expect(device.page === 'device' && device.search.get('tab')).toBe('log');
    expect(parseRoute('#/system?tab=audit').page).toBe('system');
    expect(parseRoute('#/commands?group=unknown').page).toBe('commands');
    expect(parseRoute('#/alarms').page).toBe('alarms');
    expect(parseRoute('#/connect?profile=pump').page).toBe('connect');
  });

  it('knows what leads nowhere', () => {
    for (const hash of ['#/nowhere', '#/device/', '#/device/%E0%A4%A', '#/system/x', '#/commands/x', '#//']) {
      expect(parseRoute(hash)).toEqual({ page: 'missing' });
    }
  });

  it('takes nothing, and a place in the page, for the fleet', () => {
    for (const hash of ['', '#', '#/', '#main']) expect(parseRoute(hash).page).toBe('fleet');
    const fleet = parseRoute('#/?state=stale');
    expect(fleet.page === 'fleet' && fleet.search.get('state')).toBe('stale');
  });

  it('reads what the links write', () => {
    expect(parseRoute(deviceHref('a/b?c'))).toMatchObject({ page: 'device', id: 'a/b?c' });
    expect(parseRoute(systemHref()).page).toBe('system');
    expect(parseRoute(alarmsHref('past')).page).toBe('alarms');
    expect(parseRoute(connectHref()).page).toBe('connect');
    expect(fleetHref()).toBe('#/');
    expect(fleetHref('q=x')).toBe('#/?q=x');
  });
});
