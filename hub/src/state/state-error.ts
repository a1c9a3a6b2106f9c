import { FieldlineError } from '../errors.js';
import { DamagedCell } from './column.js';

/** Primary result codes, https://www.sqlite.org/rescode.html. */
const BUSY = 5;
const LOCKED = 6;
const NOMEM = 7;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const NOTADB = 26;
/** Extended codes of failed reads: the disk cannot give back what it took. */
const FAILED_READS: ReadonlySet<number> = new Set([266, 522, 8202, 8458]);

/** The result code of an error of the SQLite binding; undefined for any other error. */
export function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('rawCode' in error)) return undefined;
  return typeof error.rawCode === 'number' ? error.rawCode : undefined;
}

/**
 * What went wrong with the state file, as the hub's own error: `state_damaged`, `state_unwritable`,
 * `state_locked`. Anything else comes back as it is.
 */
export function stateError(error: unknown, path: string): unknown {
  if (error instanceof DamagedCell) return damaged(path, error.message, error);
  const code = resultCode(error);
  if (code === undefined || !(error instanceof Error)) return error;
  if (FAILED_READS.has(code)) return damaged(path, error.message, error);
  switch (code & 0xff) {
    case CORRUPT:
    case NOTADB:
      return damaged(path, error.message, error);
    case BUSY:
    case LOCKED:
      return locked(path, error);
    case FULL:
    case IOERR:
    case READONLY:
    case CANTOPEN:
    case NOMEM:
      return unwritable(path, error);
    default:
      return error;
  }
}

/** The file's content cannot be trusted. Says what to do, and what is at stake. */
export function damaged(path: string, finding: string, cause?: unknown): FieldlineError {
  const message =
    `The state file ${path} is damaged: ${finding}. Stop the hub, then either put a backup in its place, or ` +
    'move it away together with its -wal file to begin anew: the registry of devices, all tokens, log-ins, the ' +
    'quarantine and the device logs are then lost; readings in the journal and in the history are not.';
  return new FieldlineError('state_damaged', message, { status: 503, cause });
}

/** Another process holds the file. */
export function locked(path: string, cause?: unknown): FieldlineError {
  const message =
    `The state file ${path} is locked by another process: another hub runs on this data directory. ` +
    'Stop it, or give this one a data directory of its own (FIELDLINE_DATA).';
  return new FieldlineError('state_locked', message, { status: 503, cause });
}

/** The change was not made, nothing of it; later it may be possible. */
export function unwritable(path: string, cause: Error): FieldlineError {
  const message =
    `The state file ${path} cannot be written: ${cause.message}. ` +
    'Check the free space of its disk and the rights to its directory.';
  return new FieldlineError('state_unwritable', message, { status: 503, retryAfterMs: 5_000, cause });
}

/** A newer version of the hub wrote it. */
export function newer(path: string, found: number, known: number): FieldlineError {
  const message =
    `The state file ${path} has schema version ${found}, and this hub knows only up to ${known}: ` +
    'a newer hub wrote it. Run that one, or put back a backup made by this version.';
  return new FieldlineError('state_newer', message, { status: 503 });
}
