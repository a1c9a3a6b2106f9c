import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { loadProfile } from './load.js';
import { ProfileDocument } from './schema.js';

const docs = readFileSync(new URL('../../../docs/profiles.md', import.meta.url), 'utf8');

it('docs/profiles.md shows a profile that is one', () => {
  const [, yaml = ''] = /```yaml\n(.*?)```/s.exec(docs) ?? [];
  expect(loadProfile(yaml, 'lamp.yaml')).toMatchObject({ name: 'lamp', mode: 'learn', intervalMs: 10_000 });
});

it.each(Object.keys(ProfileDocument.properties))('docs/profiles.md tells of the key %s', (key) => {
  expect(docs).toMatch(new RegExp(`\`${key}\`|^${key}:`, 'm'));
});
