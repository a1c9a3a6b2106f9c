import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadProfile, type Profile } from '@fieldline/protocol';
import { load } from 'js-yaml';
import { expect, onTestFinished, test } from 'vitest';
import { faultsOf } from '../checks/provisioning.fixture.js';
import { generate } from '../generate.js';
import { compareTree, writeTree } from '../tree.js';
import { RULES_PATH, rulesBefore } from './rules-before.js';

async function emptyDirectory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'fieldline-rules-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

const pump = (limits: string) =>
  loadProfile(`profile: pump\nmetrics: { pressure: { type: number, ${limits} } }`, 'pump.yaml');

/** Makes the files anew, as the command does. */
async function make(directory: string, profiles: readonly Profile[], reportMs = 10_000) {
  const before = await rulesBefore(directory);
  const named = new Map(profiles.map((profile) => [profile.name, profile]));
  return generate(named, { rulesBefore: before, reportMs });
}

function deletedIn(files: ReadonlyMap<string, string>): string[] {
  const content = load(files.get(RULES_PATH) ?? '') as { deleteRules?: { uid: string }[] };
  expect(faultsOf(RULES_PATH, content)).toEqual([]);
  return (content.deleteRules ?? []).map(({ uid }) => uid);
}

test('a rule of a limit that is gone is deleted, for as long as the limit is gone', async () => {
  const directory = await emptyDirectory();
  const both = [pump('warn: { above: 5 }, alarm: { above: 8, below: 1 }')];
  await writeTree(directory, await make(directory, both));
  expect(deletedIn(await make(directory, both))).toEqual([]);

  const one = [pump('warn: { above: 5 }')];
  const gone = ['fl-pump-pressure-alarm-above', 'fl-pump-pressure-alarm-below'];
  expect(deletedIn(await make(directory, one))).toEqual(gone);
  await writeTree(directory, await make(directory, one));
  // What is there by then is what would be made: the next look finds nothing to do, and forgets nothing.
  expect(await compareTree(directory, await make(directory, one))).toEqual([]);

  await writeTree(directory, await make(directory, []));
  expect(deletedIn(await make(directory, []))).toEqual([...gone, 'fl-pump-pressure-warn-above']);
  expect(deletedIn(await make(directory, both))).toEqual([]);
});

test('the rules of a hub that no longer writes of itself are deleted', async () => {
  const directory = await emptyDirectory();
  await writeTree(directory, await make(directory, []));
  const files = await make(directory, [], 0);
  expect(load(files.get(RULES_PATH) ?? '')).toMatchObject({ groups: [] });
  expect(deletedIn(files)).toContain('fl-hub-silent');
});

test('rules that nobody can know any more are not forgotten without a word', async () => {
  const directory = await emptyDirectory();
  await writeTree(directory, await make(directory, []));
  await writeFile(join(directory, RULES_PATH), '<<<<<<< ours\ngroups: []\n=======\n');
  await expect(rulesBefore(directory)).rejects.toThrow(/fieldline-rules\.yaml cannot be read/);
});
