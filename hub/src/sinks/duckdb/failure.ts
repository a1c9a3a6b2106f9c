import type { Failure, FailureKind } from './calls.js';

/** A failed call, thrown in the worker and again in the store. */
export class HistoryFailure extends Error {
  override readonly name = 'HistoryFailure';
  readonly kind: FailureKind;
  constructor(kind: FailureKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** DuckDB tells causes apart only by their text (src/storage and src/common/local_file_system.cpp). */
const KINDS: readonly (readonly [pattern: RegExp, kind: FailureKind])[] = [
  [/could not set lock|conflicting lock/i, 'locked'],
  [/no space left|disk is full|not enough disk space|disk quota/i, 'full'],
  [
    /corrupt|not a valid duckdb|could not read enough bytes|checksum|replaying wal|serialization error/i,
    'damaged',
  ],
  // A query that took too long is told by whoever interrupted it; else the file is being closed or opened again.
  [/interrupt/i, 'overload'],
  [/out of memory/i, 'overload'],
];

/** Finds out what a DuckDB error means. */
export function failureOf(error: unknown): Failure {
  if (error instanceof HistoryFailure) return { kind: error.kind, message: error.message };
  const message = error instanceof Error ? error.message : String(error);
  const kind = KINDS.find(([pattern]) => pattern.test(message))?.[1] ?? 'internal';
  return { kind, message };
}
