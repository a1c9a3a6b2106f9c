import { FieldlineError } from '../../errors.js';
import type { HistoryFailure } from './failure.js';

/**
 * What the operator is told when the history file cannot be opened; undefined for what mends itself or needs
 * no decision (a full disk, too little memory): then the hub starts, and the sink tries again.
 */
export function startError(failure: HistoryFailure, path: string): FieldlineError | undefined {
  const options = { status: 503, cause: failure };
  switch (failure.kind) {
    case 'locked':
      return new FieldlineError(
        'history_locked',
        `Another process has the history open: ${path}. Stop it, or give this hub a data directory of its own.`,
        options,
      );
    case 'damaged':
      return new FieldlineError('history_damaged', damaged(failure.message, path), options);
    case 'full':
    case 'overload':
      return undefined;
    default:
      return new FieldlineError('history_unreadable', `Cannot open ${path}: ${failure.message}`, options);
  }
}

function damaged(reason: string, path: string): string {
  const walOnly = /WAL/.test(reason);
  const files = walOnly ? `${path}.wal` : `${path} and ${path}.wal`;
  const rest = walOnly
    ? 'the history then lacks what was written since its last checkpoint'
    : 'a new history then begins; the old one is in what you moved, or in your backup';
  return `The history is damaged: ${files} (${reason}). Move ${walOnly ? 'it' : 'them'} aside and start again: ${rest}.`;
}
