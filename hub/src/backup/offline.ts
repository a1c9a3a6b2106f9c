import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { DirectoryLock } from '@fieldline/journal';
import { FieldlineError } from '../errors.js';
import { hubVersion } from '../version.js';
import {
  DATA,
  HISTORY_NAME,
  JOURNAL_NAME,
  type Settings,
  STATE_NAME,
  settingFiles,
  smallFiles,
  whole,
} from './data-files.js';
import { formatsOf } from './data-formats.js';
import { BACKUP_FORMAT, type Manifest } from './manifest.js';
import { GZIP_LEVEL, type PackFile, pack } from './pack.js';
import { finishRestores } from './unfinished-restore.js';

/**
 * The backup of a data directory whose hub does not run, as a stream. It keeps a hub from starting until it has ended.
 * @throws FieldlineError `no_data`, `backup_damaged`, and those of the state file; JournalError `locked` when a hub runs on it
 */
export async function packStopped(directory: string, settings: Settings, nowMs: number): Promise<Readable> {
  await finishRestores(directory);
  if (!existsSync(join(directory, 'state.sqlite'))) {
    throw new FieldlineError(
      'no_data',
      `${directory} is no data directory of a hub: it has no state.sqlite.`,
    );
  }
  const lock = await DirectoryLock.take(join(directory, 'journal'));
  const formats = await formatsOf(directory).catch(async (error: unknown) => {
    await lock.release();
    throw error;
  });
  const archive = Readable.from(archiveOf(directory, { settings, formats, nowMs }), { objectMode: false });
  const packed = archive.pipe(createGzip({ level: GZIP_LEVEL }));
  archive.once('error', (error) => packed.destroy(error));
  packed.once('close', () => {
    archive.destroy();
    void lock.release();
  });
  return packed;
}

interface About {
  readonly settings: Settings;
  readonly formats: Manifest['formats'];
  readonly nowMs: number;
}

async function* archiveOf(directory: string, { settings, formats, nowMs }: About): AsyncGenerator<Buffer> {
  const files: PackFile[] = [
    // What a killed hub left in a write-ahead log belongs to its file.
    ...present(directory, [STATE_NAME, `${STATE_NAME}-wal`]),
    ...settingFiles(settings),
    ...smallFiles(directory),
    ...(await segments(directory)),
    ...present(directory, [HISTORY_NAME, `${HISTORY_NAME}.wal`]),
  ];
  yield* pack(files, {
    nowMs,
    describe: async () => ({
      format: BACKUP_FORMAT,
      hub: hubVersion(),
      at: new Date(nowMs).toISOString(),
      formats,
      history: files.some(({ name }) => name === HISTORY_NAME) ? 'duckdb' : 'influx',
      journalHead: null,
    }),
  });
}

function present(directory: string, names: readonly string[]): PackFile[] {
  return names.flatMap((name) => {
    const path = join(directory, name.slice(DATA.length));
    return existsSync(path) ? [whole(name, path)] : [];
  });
}

async function segments(directory: string): Promise<PackFile[]> {
  const names = await readdir(join(directory, 'journal'));
  return names
    .filter((name) => name.endsWith('.seg'))
    .sort()
    .map((name) => whole(`${JOURNAL_NAME}${name}`, join(directory, 'journal', name)));
}
