import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DirectoryLock } from '@fieldline/journal';
import { FieldlineError } from '../errors.js';
import { type Contents, checkContents } from './check.js';
import type { Manifest } from './manifest.js';
import { dataNames, finishRestores, Restore, settingsOf } from './unfinished-restore.js';
import { unpack } from './unpack.js';

export interface Restored {
  readonly manifest: Manifest;
  readonly contents: Contents;
  /** Where what was there before is now; null where nothing was. */
  readonly movedTo: string | null;
  /** Where the configuration and the profiles of the backup are: nobody overwrites those of this machine. */
  readonly settings: string;
}

/**
 * Puts a backup into a data directory: unpacked and checked beside, inside the directory (which may be the mount point
 * of a volume), then renamed into its place. Until then nothing of what was there is touched; from then on it is carried
 * to its end, if need be by the next start of the hub (unfinished-restore.ts).
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
  await finishRestores(data);
  await refuseNotEmpty(data, force);
  const stamp = stampOf(nowMs);
  const lock = existsSync(join(data, 'journal')) ? await DirectoryLock.take(join(data, 'journal')) : null;
  const work = await Restore.begin(data, stamp);
  try {
    const manifest = await unpack(archive, work.directory);
    const contents = await checkContents(work.directory, manifest);
    const names = await dataNames(data);
    // Unpacking takes its time, and where no journal was to be locked a hub may have been started meanwhile.
    await refuseNotEmpty(data, force && (lock !== null || !names.includes('journal')));
    const aside = names.length === 0 ? null : `before-restore-${stamp}`;
    await lock?.release();
    await work.complete({ aside, names });
    const movedTo = aside === null ? null : join(data, aside);
    return { manifest, contents, movedTo, settings: settingsOf(data) };
  } finally {
    await lock?.release();
    await work.abandon();
  }
}

async function refuseNotEmpty(data: string, force: boolean): Promise<void> {
  if (force || (await dataNames(data)).length === 0) return;
  const message =
    `${data} is not empty. Restore into another directory (FIELDLINE_DATA=DIR), or use --force: ` +
    'what is there is then moved aside.';
  throw new FieldlineError('data_not_empty', message);
}

/** `20261120T174500123Z` */
function stampOf(nowMs: number): string {
  return new Date(nowMs).toISOString().replace(/[-:.]/g, '');
}
