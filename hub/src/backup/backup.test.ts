import { randomBytes } from 'node:crypto';
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { type BackupOptions, Backups } from './backup.js';
import { unpack } from './unpack.js';

let directory: string;
/** What is held back at the moment, in the order in which it was. */
let held: string[];
let options: BackupOptions;

const letGo = (name: string) => {
  held = held.filter((other) => other !== name);
};

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fieldline-backup-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  mkdirSync(join(directory, 'profiles'));
  for (const name of [
    'state.sqlite',
    'history.duckdb',
    '1.seg',
    'admin-token',
    'profiles/pump.yaml',
    'my.yaml',
  ]) {
    writeFileSync(join(directory, name), `what is in ${name}`);
  }
  const file = (name: string) => ({
    path: join(directory, name),
    sizeBytes: statSync(join(directory, name)).size,
  });
  held = [];
  options = {
    directory,
    settings: {
      profiles: join(directory, 'profiles'),
      configFile: join(directory, 'my.yaml'),
      effective: 'host: x\n',
    },
    state: {
      freeze: () => {
        held.push('state');
        return file('state.sqlite');
      },
      thaw: () => letGo('state'),
    },
    journal: {
      hold: () => {
        held.push('journal');
        return () => letGo('journal');
      },
      files: () => [file('1.seg')],
      head: 7,
      stats: () => ({ trouble: null }),
    },
    history: {
      freeze: async () => {
        held.push('history', 'writes');
        return file('history.duckdb');
      },
      goOn: () => letGo('writes'),
      thaw: async () => {
        letGo('history');
        letGo('writes');
        return true;
      },
    },
    log: { warn: vi.fn() },
    now: () => 1_767_225_600_000,
  };
});

/** To be called with how a backup ended, and a promise of that. */
function ending() {
  let resolve: (error: Error | null) => void = () => undefined;
  const promise = new Promise<Error | null>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** Makes a backup into a file, and answers how it ended. */
async function make(backups: Backups): Promise<{ archive: string; ended: Error | null }> {
  const archive = join(directory, 'backup.tar.gz');
  const end = ending();
  const stream = await backups.start(end.resolve);
  await pipeline(stream, createWriteStream(archive)).catch(() => undefined);
  return { archive, ended: await end.promise };
}

test('what is copied is held, in the order that makes the parts agree, and let go of afterwards', async () => {
  const backups = new Backups(options);
  let atStart: string[] = [];
  const { files } = options.journal;
  options.journal.files = () => {
    atStart = [...held];
    return files();
  };
  const { archive, ended } = await make(backups);
  expect({ ended, atStart, held }).toEqual({
    ended: null,
    atStart: ['journal', 'history', 'writes', 'state'],
    held: [],
  });
  const manifest = await unpack(archive, join(directory, 'unpacked'));
  expect(manifest).toMatchObject({
    format: 1,
    history: 'duckdb',
    journalHead: 7,
    at: '2026-01-01T00:00:00.000Z',
  });
  expect(manifest.files.map(({ name }) => name)).toEqual([
    ...[
      'data/state.sqlite',
      'config/effective.yaml',
      'config/my.yaml',
      'profiles/pump.yaml',
      'data/admin-token',
    ],
    ...['data/journal/1.seg', 'data/history.duckdb'],
  ]);
});

test('one at a time; whoever leaves before its end lets go of everything', async () => {
  // More than the pipes between here and there hold.
  writeFileSync(join(directory, 'history.duckdb'), randomBytes(16 * 1024 * 1024));
  const backups = new Backups(options);
  const end = ending();
  const stream = await backups.start(end.resolve);
  await expect(backups.start(() => undefined)).rejects.toMatchObject({ code: 'backup_running', status: 409 });
  expect(held).toContain('history');
  stream.destroy();
  expect(await end.promise).toBeInstanceOf(Error);
  expect(held).toEqual([]);
  expect((await make(backups)).ended).toBe(null);
});

test('a history that has changed meanwhile makes no backup', async () => {
  const { history } = options;
  if (history !== null) history.thaw = async () => false;
  const { archive, ended } = await make(new Backups(options));
  expect(ended?.message).toContain('opened anew');
  await expect(unpack(archive, join(directory, 'unpacked'))).rejects.toMatchObject({
    code: 'backup_damaged',
  });
});

test('a file that is shorter than it was makes no backup, and is named', async () => {
  options.journal.files = () => [{ path: join(directory, '1.seg'), sizeBytes: 1_000 }];
  expect((await make(new Backups(options))).ended?.message).toMatch(/1\.seg has become shorter/);
  expect(held).toEqual([]);
});

test('a journal that cannot write ends it: the backup keeps space from it', async () => {
  writeFileSync(join(directory, 'history.duckdb'), randomBytes(16 * 1024 * 1024));
  options.journal.stats = () => ({ trouble: 'disk_full' });
  const end = ending();
  // Nobody reads it: it would never end.
  const stream = await new Backups(options).start(end.resolve);
  stream.once('error', () => undefined);
  expect((await end.promise)?.message).toContain('disk_full');
  expect(held).toEqual([]);
});

test('what cannot be frozen is told, and nothing stays held', async () => {
  options.state.freeze = () => {
    throw new Error('the disk is away');
  };
  const backups = new Backups(options);
  await expect(backups.start(() => undefined)).rejects.toMatchObject({ code: 'backup_failed', status: 503 });
  expect(held).toEqual([]);
  expect(existsSync(join(directory, 'state.sqlite'))).toBe(true);
});
