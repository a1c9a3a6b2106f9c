import { expect, test } from 'vitest';
import { DEFAULT_OPTIONS } from '../options.js';
import { hubRules } from './hub-rules.js';

/** How far each rule looks back, in s. */
function windows(reportMs: number): Record<string, number> {
  const rules = hubRules({ ...DEFAULT_OPTIONS, reportMs });
  const data = (rule: object) => (rule as { data: { relativeTimeRange: { from: number } }[] }).data;
  return Object.fromEntries(rules.map((rule) => [rule.uid, data(rule)[0]?.relativeTimeRange.from ?? 0]));
}

test('a hub that writes nothing of itself is not called silent', () => {
  expect(windows(0)).toEqual({});
});

test('a hub that writes of itself seldom is called silent after three times that', () => {
  expect(windows(10_000)).toMatchObject({ 'fl-hub-silent': 120, 'fl-hub-journal': 120, 'fl-hub-lag': 120 });
  const seldom = windows(600_000);
  expect(Object.keys(seldom)).toHaveLength(6);
  for (const seconds of Object.values(seldom)) expect(seconds).toBeGreaterThanOrEqual(1_800);
});

test('a device of a large fleet, of which the hub writes in turn, stays stale until its turn comes again', () => {
  // 500 devices every 10 s: of ten thousand each has its turn every 200 s.
  expect(windows(10_000)['fl-device-stale']).toBeGreaterThan(400);
});

test('that a command was contradicted is asked for where it stands when it was found', () => {
  const rules = hubRules(DEFAULT_OPTIONS);
  const query = JSON.stringify(rules.find(({ uid }) => uid === 'fl-command-contradicted'));
  expect(query).toContain('fieldline_event');
  expect(query).not.toContain('fieldline_command');
});
