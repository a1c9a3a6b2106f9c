import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { dataNames, finishRestores, Restore } from './unfinished-restore.js';

const PLAN = {
  aside: 'before-restore-1',
  names: ['state.sqlite', 'journal', 'history.duckdb', 'from-backup'],
};

let data: string;

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'fieldline-restore-'));
  onTestFinished(() => rmSync(data, { recursive: true }));
  write(data, {
    'state.sqlite': 'old',
    'journal/1.seg': 'old',
    'history.duckdb': 'old',
    'from-backup/profiles/pump.yaml': 'older',
  });
});

function write(directory: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(directory, dirname(name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
}

/** Every file below the data directory, and what is in it. */
function files(): Record<string, string> {
  const names = readdirSync(data, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = names.map(({ parentPath, name }) => join(parentPath, name));
  return Object.fromEntries(paths.map((path) => [path.slice(data.length + 1), readFileSync(path, 'utf8')]));
}

/** A restore whose archive has been unpacked. */
async function unpacked(): Promise<Restore> {
  const restore = await Restore.begin(data, '1');
  write(restore.directory, {
    'data/state.sqlite': 'new',
    'data/journal/7.seg': 'new',
    'data/admin-token': 'new',
    'profiles/pump.yaml': 'new',
    'manifest.json': 'new',
  });
  return restore;
}

/** What the process that restores leaves when it is killed: its lock is nobody's any more. */
function killed(): void {
  for (const name of readdirSync(data, { recursive: true }) as string[]) {
    if (/\/lock\.\d+\./.test(name)) rmSync(join(data, name));
  }
}

const RESTORED = {
  'state.sqlite': 'new',
  'journal/7.seg': 'new',
  'admin-token': 'new',
  'from-backup/profiles/pump.yaml': 'new',
  'from-backup/manifest.json': 'new',
  'before-restore-1/state.sqlite': 'old',
  'before-restore-1/journal/1.seg': 'old',
  'before-restore-1/history.duckdb': 'old',
  'before-restore-1/from-backup/profiles/pump.yaml': 'older',
};

test('a restore puts the backup into place, and what was there aside', async () => {
  const restore = await unpacked();
  expect((await dataNames(data)).sort()).toEqual([...PLAN.names].sort());
  await restore.complete(PLAN);
  await restore.abandon();
  expect(files()).toEqual(RESTORED);
});

// Nine things have to be moved, and then the directory that they were in.
test.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])(
  'killed after %i of its steps it is carried on where it was',
  async (steps) => {
    const restore = await unpacked();
    let left = steps;
    const completing = restore.complete(PLAN, async (from, to) => {
      if (left-- === 0) throw new Error('killed');
      await rename(from, to);
    });
    await expect(completing).rejects.toThrow('killed');
    expect(files()).not.toEqual(RESTORED);
    killed();
    expect(await finishRestores(data)).toBe(true);
    expect(files()).toEqual(RESTORED);
    expect(await finishRestores(data)).toBe(false);
  },
);

test('killed while it removes what it needed it is done, and the next start removes the rest', async () => {
  const restore = await unpacked();
  let moved = '';
  const completing = restore.complete(PLAN, async (from, to) => {
    await rename(from, to);
    if (from !== join(data, '.restored-1')) return;
    moved = to;
    rmSync(join(to, 'plan.json'));
    rmSync(join(to, 'data'), { recursive: true });
    throw new Error('killed');
  });
  await expect(completing).rejects.toThrow('killed');
  killed();
  expect(existsSync(moved)).toBe(true);
  expect(await finishRestores(data)).toBe(false);
  expect(files()).toEqual(RESTORED);
  expect(existsSync(moved)).toBe(false);
});

test('killed before its archive was checked it has changed nothing, and leaves nothing', async () => {
  const before = files();
  await unpacked();
  killed();
  expect(await finishRestores(data)).toBe(false);
  expect(files()).toEqual(before);
});

test('while it runs nobody opens the directory', async () => {
  const restore = await unpacked();
  await expect(finishRestores(data)).rejects.toMatchObject({ code: 'restore_running' });
  await restore.abandon();
  expect(await finishRestores(data)).toBe(false);
});

test('a directory that is not there has no restores', async () => {
  expect(existsSync(join(data, 'none'))).toBe(false);
  expect(await finishRestores(join(data, 'none'))).toBe(false);
});
