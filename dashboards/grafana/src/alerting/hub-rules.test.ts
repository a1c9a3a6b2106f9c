import { expect, test } from 'vitest';
import { repositoryProfiles } from '../checks/files.fixture.js';
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
  expect(Object.keys(seldom)).toHaveLength(7);
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

test('a device whose profile has limits of alarm is told of at night, too, when it falls silent', async () => {
  const rules = hubRules(DEFAULT_OPTIONS, [...(await repositoryProfiles()).values()]);
  const of = (severity: string) =>
    JSON.stringify(
      rules.filter(
        ({ uid, labels }) => uid.startsWith('fl-device-stale') && Object(labels).severity === severity,
      ),
    );
  expect(of('alarm')).toMatch(/profile\W+ =~ \/\^\((.*[(|])?cold-room[|)]/);
  expect(of('warn')).toMatch(/profile\W+ !~ \/\^\((.*[(|])?cold-room[|)]/);
});
