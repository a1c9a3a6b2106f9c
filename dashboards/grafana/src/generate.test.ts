import { loadProfile } from '@fieldline/protocol';
import { load } from 'js-yaml';
import { beforeAll, describe, expect, test } from 'vitest';
import { boardsIn, oddProfile, repositoryProfiles, yamlIn } from './checks/files.fixture.js';
import { lintBoards } from './checks/lint.fixture.js';
import { lintProvisioning } from './checks/lint-provisioning.fixture.js';
import { faultsOf } from './checks/provisioning.fixture.js';
import { generate } from './generate.js';

type Profiles = Awaited<ReturnType<typeof repositoryProfiles>>;
let profiles: Profiles;
let files: ReadonlyMap<string, string>;

beforeAll(async () => {
  const odd = oddProfile();
  profiles = new Map([...(await repositoryProfiles()), [odd.name, odd]]);
  files = generate(profiles);
});

describe('provisioning', () => {
  test.each([1, 2, 3] as const)('is what Grafana reads, for InfluxDB %i', (influxVersion) => {
    const made = generate(profiles, { influxVersion });
    const yaml = [...made].filter(([path]) => path.endsWith('.yaml'));
    expect(yaml).toHaveLength(6);
    for (const [path, text] of yaml)
      expect({ path, faults: faultsOf(path, load(text)) }).toEqual({ path, faults: [] });
    expect(lintBoards(boardsIn(made))).toEqual([]);
    expect(lintProvisioning(made)).toEqual([]);
  });

  test('each version of InfluxDB is asked what it knows, by whom it lets in', () => {
    const own = (influxVersion: 1 | 2 | 3) => {
      const made = generate(profiles, { influxVersion, database: 'plant' });
      const path = 'provisioning/datasources/fieldline.yaml';
      const { datasources } = yamlIn(made, path) as { datasources: object[] };
      // The policies of single profiles, and the count of series, are those of version 1.
      const asked = JSON.stringify(boardsIn(made)) + made.get('provisioning/alerting/fieldline-rules.yaml');
      return { datasource: datasources[0], isOfOne: /raw_truck|SERIES CARDINALITY/.test(asked) };
    };
    const env = (name: string) => `$${'{'}GRAFANA_INFLUX_${name}}`;
    const common = { uid: 'fieldline-influxdb', type: 'influxdb', access: 'proxy' };
    expect(own(1)).toMatchObject({
      datasource: { ...common, user: env('USERNAME'), secureJsonData: { password: env('PASSWORD') } },
      isOfOne: true,
    });
    for (const version of [2, 3] as const)
      expect(own(version)).toMatchObject({
        datasource: {
          ...common,
          jsonData: { dbName: 'plant', version: 'InfluxQL', httpHeaderName1: 'Authorization' },
          secureJsonData: { httpHeaderValue1: `Token ${env('TOKEN')}` },
        },
        isOfOne: false,
      });
  });

  test('of a hub that writes nothing of itself says so on the boards that show it', () => {
    const boards = boardsIn(generate(profiles, { reportMs: 0 }));
    expect(lintBoards(boards)).toEqual([]);
    const said = boards
      .filter(({ panels }) => panels.some(({ type }) => type === 'text'))
      .map(({ uid }) => uid);
    expect(said).toEqual(['commands', 'fleet', 'freshness', 'ingest'].map((name) => `fieldline-${name}`));
    const asked = JSON.stringify(
      boards.filter(({ uid }) => uid.startsWith('fieldline-device-')).map(({ panels }) => panels),
    );
    expect(asked).not.toContain('fieldline_device');
  });

  test('a key that Grafana would drop is a fault', () => {
    const path = 'provisioning/alerting/fieldline-rules.yaml';
    const content = yamlIn(files, path) as { groups: { rules: Record<string, unknown>[] }[] };
    const [rule] = content.groups[0]?.rules ?? [];
    if (rule) rule.noDatastate = 'OK';
    expect(faultsOf(path, content)).not.toEqual([]);
  });

  test('what people wrote is expanded by nobody, and the macros of queries stay', () => {
    const named = loadProfile(
      'profile: p\nmetrics: { a: { type: number, title: "A $5 {{ x }}", alarm: { above: 1 } } }',
      'p.yaml',
    );
    const made = generate(new Map([['p', named]]), { alertEmail: 'a$b@example.org' });
    const text = made.get('provisioning/alerting/fieldline-rules.yaml') ?? '';
    const summary = '{{ .Labels.device }} is above 1';
    expect(text).toContain(`summary: A {{ "$" }}5 {{ "{{" }} x }} of ${summary}`);
    // Settings of contact points are taken as they stand.
    expect(made.get('provisioning/alerting/fieldline-contact-points.yaml')).toContain(
      'addresses: a$b@example.org',
    );
    expect(text).toContain('WHERE $timeFilter GROUP BY');
  });
});

describe('the files', () => {
  test('are the same each time, whatever the order of the profiles', () => {
    expect(generate(new Map([...profiles].reverse()))).toEqual(files);
  });

  test('change with the edit of a profile where that profile is shown, and nowhere else', () => {
    const edited = loadProfile(
      'profile: pump\ninterval: 1s\nmetrics: { pressure: { type: number, unit: bar }, level: { type: number, unit: m } }',
      'pump.yaml',
    );
    const after = generate(new Map([...profiles, ['pump', edited]]));
    expect([...after.keys()]).toEqual([...files.keys()]);
    const changed = [...after].filter(([path, text]) => files.get(path) !== text).map(([path]) => path);
    expect(changed).toEqual([
      'dashboards/fieldline-device-pump.json',
      'provisioning/alerting/fieldline-rules.yaml',
    ]);
  });

  test('a new profile has a board and rules of its own, and those of the others stay', () => {
    const known = new Map([...profiles].filter(([name]) => name !== 'pump'));
    const before = generate(known);
    expect([...files.keys()].filter((path) => !before.has(path))).toEqual([
      'dashboards/fieldline-device-pump.json',
    ]);
    const changed = [...before].filter(([path, text]) => files.get(path) !== text).map(([path]) => path);
    // Boards that show all devices, and the one of those without a board of their own.
    const shared = ['device-default', 'fleet', 'freshness'].map(
      (name) => `dashboards/fieldline-${name}.json`,
    );
    expect(changed).toEqual([...shared, 'provisioning/alerting/fieldline-rules.yaml']);
    const board = boardsIn(files).find(({ uid }) => uid === 'fieldline-device-pump');
    const titles = board?.panels.map(({ title }) => title);
    for (const { title } of profiles.get('pump')?.metrics.values() ?? []) expect(titles).toContain(title);
  });

  test('there is a map where a profile has positions, and none where no profile has', async () => {
    const types = (made: ReadonlyMap<string, string>) =>
      boardsIn(made)
        .find(({ uid }) => uid === 'fieldline-fleet')
        ?.panels.map(({ type }) => type);
    expect(types(files)).toContain('geomap');
    expect(types(generate(await repositoryProfiles()))).not.toContain('geomap');
  });

  test('panels keep their ids when others come before them', () => {
    const one = loadProfile('profile: p\nmetrics: { b: { type: number } }', 'p.yaml');
    const two = loadProfile('profile: p\nmetrics: { a: { type: number }, b: { type: number } }', 'p.yaml');
    const idOfB = (profile: typeof one) =>
      boardsIn(generate(new Map([['p', profile]])))
        .find(({ uid }) => uid === 'fieldline-device-p')
        ?.panels.find(({ title }) => title === 'b')?.id;
    expect(idOfB(two)).toBe(idOfB(one));
  });

  test('a metric that was given another type is shown as that', () => {
    const retyped = new Map([['pump', new Map([['pressure', 'string' as const]])]]);
    const board = boardsIn(generate(profiles, { retyped })).find(
      ({ uid }) => uid === 'fieldline-device-pump',
    );
    const panel = board?.panels.find(({ title }) => title === 'Discharge pressure');
    expect(panel?.type).toBe('state-timeline');
    expect(panel?.targets?.[0]?.query).toContain('last(/^pressure(_string(_[0-9]+)?)?$/)');
    expect(generate(profiles, { retyped }).get('provisioning/alerting/fieldline-rules.yaml')).not.toContain(
      'pump: pressure',
    );
  });
});
