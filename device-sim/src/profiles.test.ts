import { readFileSync } from 'node:fs';
import { loadProfiles, type Profile } from '@fieldline/protocol';
import { describe, expect, test } from 'vitest';
import { measureOf } from './readings.js';

const directory = new URL('../../profiles/', import.meta.url).pathname;
const profiles = await loadProfiles(directory);

/** Hours of readings at the profile's own interval, at most so many. */
const READINGS = 3_000;
const START_MS = Date.UTC(2026, 0, 1);

test('the profiles that come with Fieldline are all here', () => {
  expect([...profiles.keys()].sort()).toEqual([
    'cold-room',
    'env-sensor',
    'power-meter',
    'pump',
    'soil-probe',
  ]);
});

describe.each([...profiles.values()])('$name', (profile: Profile) => {
  const intervalMs = profile.intervalMs ?? 1_000;
  const measure = measureOf(profile, 'device-001', 'seed');
  const readings = Array.from({ length: READINGS }, (_, at) => measure(START_MS + at * intervalMs));

  test('simulates every metric that it declares, and no other', () => {
    expect([...profile.simulate.keys()].sort()).toEqual([...profile.metrics.keys()].sort());
  });

  test.each([...profile.metrics.values()])('$name is as declared', (metric) => {
    const values = readings.flatMap((reading) => reading[metric.name] ?? []);
    expect(values.length).toBeGreaterThan(READINGS * 0.9);
    for (const value of values) {
      expect(typeof value).toBe(metric.type);
      if (typeof value === 'number') {
        expect(value).toBeGreaterThanOrEqual(metric.min ?? -Infinity);
        expect(value).toBeLessThanOrEqual(metric.max ?? Infinity);
        if (metric.integer) expect(Number.isInteger(value)).toBe(true);
      }
      if (metric.enum !== null) expect(metric.enum).toContain(value);
    }
  });

  test('a chart of it is alive: signals that move do move', () => {
    for (const [name, signal] of profile.simulate) {
      const metric = profile.metrics.get(name);
      if (signal.wave === 'constant' || metric?.type !== 'number') continue;
      expect(new Set(readings.map((reading) => reading[name])).size, name).toBeGreaterThan(5);
    }
  });

  test('its file is commented', () => {
    expect(readFileSync(`${directory}${profile.name}.yaml`, 'utf8')).toMatch(/^# /);
  });
});
