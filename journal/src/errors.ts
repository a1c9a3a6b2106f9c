/**
 * Why the journal refused. The first three are {@link JournalTrouble}: they pass, and the same batch may be
 * appended again.
 * - `journal_full`: readers still need as much as the log may hold.
 * - `disk_full`: the disk refused a write, or has less free space than the operator wants kept.
 * - `sync_failed`: fdatasync failed; the log goes on in a new segment.
 * - `closed`: called after `close`.
 * - `locked`: another process has the directory open.
 * - `unsupported_format`: written by another version, or by several logs at once.
 * - `unknown_reader`: a cursor was used without `attach`.
 * - `too_large`: one reading that no record can hold.
 * - `damaged`: bytes that are no packed batch.
 */
export type JournalErrorCode =
  | 'journal_full'
  | 'disk_full'
  | 'sync_failed'
  | 'closed'
  | 'locked'
  | 'unsupported_format'
  | 'unknown_reader'
  | 'too_large'
  | 'damaged';

/** The one error class of this package. `code` is stable; `message` says what to do where somebody can. */
export class JournalError extends Error {
  override readonly name = 'JournalError';
  readonly code: JournalErrorCode;

  constructor(code: JournalErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
