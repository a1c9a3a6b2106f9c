import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DirectoryLock } from '@fieldline/journal';
import { FieldlineError } from '../errors.js';
import { type Contents, checkContents, dataOf } from './check.js';
import type { Manifest } from './manifest.js';
import { syncPath } from './sync-path.js';
import { unpack } from './unpack.js';

export interface Restored {
  readonly manifest: Manifest;
  readonly contents: Contents;
  /** Where what was there before is now; null where nothing was. */
  readonly movedTo: string | null;
  /** Where the configuration and the profiles of the backup are: nobody overwrites those of this machine. */
  readonly settings: string;
}

/** Left by a restore that was killed, and what a file system may have made. */
const NOT_DATA = /^(\.restore-|lost\+found$)/;

/**
 * Puts a backup into a data directory: unpacked and checked beside, inside the directory (which may be the mount point
 * of a volume), then renamed into its place. Until then nothing of what was there is touched.
 * @param force moves what is there aside; else a directory that is not empty is refused
 * @throws FieldlineError `data_not_empty`, `backup_damaged` …; JournalError `locked` while a hub runs on it
 */
export async function restore(
  archive: string,
  directory: string,
  { force, nowMs }: { force: boolean; nowMs: number },
): Promise<Restored> {
  const data = resolve(directory);
  await mkdir(data, { recursive: true, mode: 0o700 });
  const before = (await readdir(data)).filter((name) => !NOT_DATA.test(name));
  if (before.length > 0 && !force) {
    const message = `${data} is not empty. Restore into another directory, or use --force: what is there is then moved aside.`;
    throw new FieldlineError('data_not_empty', message);
  }
  for (const name of await readdir(data)) {
    if (name.startsWith('.restore-')) await rm(join(data, name), { recursive: true });
  }
  const lock = existsSync(join(data, 'journal')) ? await DirectoryLock.take(join(data, 'journal')) : null;
  const staged = join(data, `.restore-${stamp(nowMs)}`);
  try {
    await mkdir(staged, { mode: 0o700 });
    const manifest = await unpack(archive, staged);
    const contents = await checkContents(staged, manifest);
    const movedTo = before.length === 0 ? null : join(data, `before-restore-${stamp(nowMs)}`);
    await lock?.release();
    if (movedTo !== null) await moveAll(data, before, movedTo);
    const settings = join(data, 'from-backup');
    await moveAll(
      staged,
      (await readdir(staged)).filter((name) => name !== 'data'),
      settings,
    );
    await moveAll(dataOf(staged), await readdir(dataOf(staged)), data);
    for (const path of [data, join(data, 'journal')]) await syncPath(path);
    return { manifest, contents, movedTo, settings };
  } finally {
    await lock?.release();
    await rm(staged, { recursive: true, force: true });
  }
}

async function moveAll(from: string, names: readonly string[], to: string): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  for (const name of names) await rename(join(from, name), join(to, name));
}

/** `20261120T174500Z` */
function stamp(nowMs: number): string {
  return new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, '');
}
