import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { compareTree, writeTree } from './tree.js';

async function directory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'fieldline-tree-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

const FILES = new Map([
  ['dashboards/fieldline-a.json', 'a\n'],
  ['provisioning/alerting/fieldline-rules.yaml', 'rules\n'],
]);

test('says what is missing, differs, or is left over, and puts it right', async () => {
  const path = await directory();
  expect(await compareTree(path, FILES)).toEqual([
    { path: 'dashboards/fieldline-a.json', what: 'missing' },
    { path: 'provisioning/alerting/fieldline-rules.yaml', what: 'missing' },
  ]);
  await writeTree(path, FILES);
  expect(await compareTree(path, FILES)).toEqual([]);

  await writeFile(join(path, 'dashboards/fieldline-a.json'), 'edited\n');
  await writeFile(join(path, 'dashboards/fieldline-gone.json'), 'of a profile that is gone\n');
  const differences = [
    { path: 'dashboards/fieldline-a.json', what: 'differs' },
    { path: 'dashboards/fieldline-gone.json', what: 'left over' },
  ];
  expect(await compareTree(path, FILES)).toEqual(differences);
  expect(await writeTree(path, FILES)).toEqual(differences);
  expect(await compareTree(path, FILES)).toEqual([]);
  expect(await readFile(join(path, 'dashboards/fieldline-a.json'), 'utf8')).toBe('a\n');
});

test("leaves other people's files alone, and its own that are right", async () => {
  const path = await directory();
  await writeTree(path, FILES);
  await mkdir(join(path, 'provisioning/datasources'), { recursive: true });
  await writeFile(join(path, 'provisioning/datasources/loki.yaml'), 'theirs\n');
  await writeFile(join(path, 'dashboards/kitchen.json'), 'theirs\n');
  const before = await stat(join(path, 'dashboards/fieldline-a.json'));
  expect(await writeTree(path, FILES)).toEqual([]);
  expect((await stat(join(path, 'dashboards/fieldline-a.json'))).mtimeMs).toBe(before.mtimeMs);
  expect(await readdir(join(path, 'dashboards'))).toEqual(['fieldline-a.json', 'kitchen.json']);
  expect(await readdir(join(path, 'provisioning/datasources'))).toEqual(['loki.yaml']);
});
