import type { CursorCap, Journal } from '@fieldline/journal';
import type { Counters } from '../ops/counters.js';
import type { BackoffBounds } from './backoff.js';
import type { RejectionStore } from './quarantine.js';
import type { Sink } from './sink.js';

/** Where the pump tells what happens to its sink; a pino logger is one. */
export interface PumpLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface PumpOptions {
  readonly sink: Sink;
  readonly journal: Journal;
  readonly quarantine: RejectionStore;
  readonly counters: Counters;
  readonly log: PumpLog;
  /** How far the sink may lag before its oldest readings are skipped; absent for one that may lose nothing. */
  readonly cap?: CursorCap;
  /** Waiting between tries of what may mend itself: 100 ms to 30 s. */
  readonly retry?: BackoffBounds;
  /** Waiting between tries of what somebody has to mend (credentials, a full disk): 5 s to 30 s. */
  readonly hold?: BackoffBounds;
  /** A write that has not ended by then is aborted: 60 s. */
  readonly writeTimeoutMs?: number;
  /** How long `open` waits for a sink whose first try hangs: 2 s. */
  readonly openWaitMs?: number;
  readonly random?: () => number;
}

export const RETRY: BackoffBounds = { minMs: 100, maxMs: 30_000 };
export const HOLD: BackoffBounds = { minMs: 5_000, maxMs: 30_000 };
export const WRITE_TIMEOUT_MS = 60_000;
export const OPEN_WAIT_MS = 2_000;
