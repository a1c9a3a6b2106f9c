import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLog } from './api/log.js';
import { openProfiles } from './profiles.js';

const home = process.cwd();
let directory: string;
let logged: { level: string; msg: string }[];
const log = createLog('info', { write: (line) => void logged.push(JSON.parse(line)) });

beforeEach(async () => {
  logged = [];
  directory = await mkdtemp(join(tmpdir(), 'fieldline-profiles-'));
});

afterEach(async () => {
  process.chdir(home);
  await rm(directory, { recursive: true });
});

test('the profiles of a directory', async () => {
  await writeFile(join(directory, 'pump.yaml'), 'profile: pump\nmetrics:\n  pressure: {type: number}\n');
  expect([...(await openProfiles(directory, log)).keys()]).toEqual(['pump']);
  expect(logged).toEqual([]);
});

test('an empty directory holds none, and that is no news', async () => {
  expect(await openProfiles(directory, log)).toEqual(new Map());
  expect(logged).toEqual([]);
});

test('a directory that was named must be there, and be one', async () => {
  const missing = join(directory, 'missing');
  const file = join(directory, 'file');
  await writeFile(file, '');
  for (const path of [missing, file]) {
    const failure = openProfiles(path, log);
    await expect(failure).rejects.toMatchObject({ code: 'profiles_unusable' });
    await expect(failure).rejects.toThrow(path);
    await expect(failure).rejects.toThrow('FIELDLINE_PROFILES');
  }
});

test('without the default directory there are no profiles, and the log says so', async () => {
  process.chdir(directory);
  expect(await openProfiles('./profiles', log)).toEqual(new Map());
  expect(logged).toMatchObject([{ level: 'warn', directory: join(process.cwd(), 'profiles') }]);
  await mkdir('profiles');
  await openProfiles('./profiles', log);
  expect(logged).toHaveLength(1);
});
