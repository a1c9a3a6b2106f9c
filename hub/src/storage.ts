import { access, constants, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { SegmentJournal } from '@fieldline/journal';
import type { FastifyBaseLogger } from 'fastify';
import { finishRestores } from './backup/unfinished-restore.js';
import type { Config } from './config.js';
import { FieldlineError } from './errors.js';
import { StateFile } from './state/state-file.js';

/**
 * Newest readings that the journal keeps as objects. Live and latest values take them from the commit itself; the
 * history reads the packed form. Objects that outlive a collection of the young generation are copied and promoted: with
 * fewer of them the hub took about a tenth less CPU time at 20,000 messages a second.
 */
const TAIL_READINGS = 1;

/** Everything that lasts, in the data directory, but the history (history/open-history.ts). */
export interface Storage {
  readonly directory: string;
  readonly state: StateFile;
  readonly journal: SegmentJournal;
}

/**
 * Opens the data directory. The state file comes first: its lock keeps a second hub out of all the rest.
 * @throws FieldlineError (`data_unusable`, `restore_running`, and those of the state file), JournalError: they say what is wrong and
 *   what to do
 */
export async function openStorage(
  config: Config,
  log: FastifyBaseLogger,
  onSyncMs: (durationMs: number) => void,
): Promise<Storage> {
  const directory = await openDirectory(config.data);
  if (await finishRestores(directory))
    log.warn({ directory }, 'a restore that was broken off was carried to its end');
  const state = StateFile.open(join(directory, 'state.sqlite'));
  try {
    const journal = await SegmentJournal.open(join(directory, 'journal'), {
      segmentBytes: config.journal.segmentBytes,
      maxBytes: config.journal.maxBytes,
      minFreeBytes: config.journal.minFreeBytes,
      tailReadings: TAIL_READINGS,
      warn: (message, cause) => log.warn({ err: cause }, message),
      onSync: onSyncMs,
    });
    return { directory, state, journal };
  } catch (error) {
    state.close();
    throw error;
  }
}

/** Makes the data directory where there is none; what is in it is for the user of the hub alone. */
async function openDirectory(data: string): Promise<string> {
  const directory = resolve(data);
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await access(directory, constants.R_OK | constants.W_OK | constants.X_OK);
    return directory;
  } catch (error) {
    const message =
      `The data directory ${directory} cannot be used: ${reasonOf(error)}. Set data (FIELDLINE_DATA) to a directory ` +
      'that the user of the hub may write to; it is made where there is none.';
    throw new FieldlineError('data_unusable', message, { status: 503, cause: error });
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && error.code === 'EEXIST' ? 'it is not a directory' : error.message;
}
