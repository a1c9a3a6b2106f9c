import { beforeAll, expect, test } from 'vitest';
import { generate } from '../generate.js';
import { oddProfile, repositoryProfiles, yamlIn } from './files.fixture.js';
import { faultsOf } from './provisioning.fixture.js';

const FILES = [
  'datasources/fieldline.yaml',
  'dashboards/fieldline.yaml',
  ...['rules', 'contact-points', 'policies', 'mute-times'].map((name) => `alerting/fieldline-${name}.yaml`),
].map((name) => `provisioning/${name}`);

let files: ReadonlyMap<string, string>;
beforeAll(async () => {
  const odd = oddProfile();
  const profiles = new Map([...(await repositoryProfiles()), [odd.name, odd]]);
  files = generate(profiles, { influxVersion: 2, rulesBefore: ['fl-gone'] });
});

/** Each object of a file's content: of a list its first and its last, as they are all alike. */
function objectsIn(content: unknown): Record<string, unknown>[] {
  if (typeof content !== 'object' || content === null) return [];
  if (Array.isArray(content)) return [content[0], content.at(-1)].flatMap(objectsIn);
  return [content as Record<string, unknown>, ...Object.values(content).flatMap(objectsIn)];
}

test('these are the files that there are', () => {
  expect([...files.keys()].filter((path) => path.endsWith('.yaml')).sort()).toEqual([...FILES].sort());
});

test.each(FILES)('%s: a key that Grafana does not know is a fault, wherever it stands', (path) => {
  const content = yamlIn(files, path);
  expect(faultsOf(path, content)).toEqual([]);
  const places = objectsIn(content);
  expect(places.length).toBeGreaterThan(1);
  for (const place of places) {
    place.notGrafanas = 1;
    expect(faultsOf(path, content), JSON.stringify(place)).not.toEqual([]);
    delete place.notGrafanas;
  }
});

test.each(FILES)('%s: without its version Grafana would drop half of it', (path) => {
  expect(faultsOf(path, { ...(yamlIn(files, path) as object), apiVersion: undefined })).not.toEqual([]);
});

test('a password in a file is a fault', () => {
  const path = 'provisioning/datasources/fieldline.yaml';
  const content = yamlIn(files, path) as { datasources: { secureJsonData: Record<string, string> }[] };
  const [datasource] = content.datasources;
  if (datasource) datasource.secureJsonData.httpHeaderValue1 = 'Token hunter2';
  expect(faultsOf(path, content)).not.toEqual([]);
});
