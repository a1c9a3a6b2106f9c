import type { Entry, Reading } from '@fieldline/journal';

/** One value, or a whole reading, that the far side will never take. It goes to the quarantine. */
export interface Rejection {
  readonly reading: Reading;
  /** Absent when the whole reading was refused. */
  readonly metric?: string;
  /** A stable code, such as `sink_rejected`. */
  readonly code: string;
  /** The far side's own reason. */
  readonly message: string;
}

/** How a failed write is to be taken: by whose fault it is. */
export type SinkErrorKind = 'overload' | 'network' | 'credentials' | 'full' | 'damaged' | 'internal';

/**
 * Where readings go. A sink opens, writes and closes; batching, retry, cursor, quarantine and counting live
 * once, in the pump around it.
 */
export interface Sink {
  /** Its name in metrics, in `/readyz` and as the name of its cursor: `duckdb`, `influx`, `mqtt`. */
  readonly name: string;
  /** How the pump gathers for it: at most so many readings a write, waiting at most so long for more. */
  readonly batch: { readonly maxReadings: number; readonly lingerMs: number };
  /**
   * Of a far side that confirms what it has in its memory only: how long it takes until that is on its disk. `onForgotten`
   * calls back whenever it may have lost what was younger when it was last heard of; that is written again then.
   */
  readonly forgets?: Forgets | undefined;
  /** Opens it. Resolves with its own cursor where it keeps one durably with its data, else null. */
  open(): Promise<number | null>;
  /**
   * Makes the entries durable on the far side. Entries start after the cursor and are in order.
   * @returns what the far side refused for good; everything else is written
   * @throws SinkError: nothing may be taken as written; the pump keeps all and tries again
   */
  write(entries: readonly Entry[], signal: AbortSignal): Promise<readonly Rejection[]>;
  close(): Promise<void>;
}

export interface Forgets {
  readonly savedAfterMs: number;
  /** @returns what ends it */
  onForgotten(listener: () => void): () => void;
}

/** A write that failed as a whole. */
export class SinkError extends Error {
  override readonly name = 'SinkError';
  readonly kind: SinkErrorKind;
  constructor(kind: SinkErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** How a sink is doing, for `/readyz`, `/metrics` and the page. */
export interface SinkStatus {
  readonly state: 'starting' | 'running' | 'retrying' | 'holding' | 'closed';
  /** Readings in the journal that it has not confirmed. */
  readonly lag: number;
  /** When the oldest of them was appended, ms since 1970; null when it has caught up. */
  readonly oldest: number | null;
  readonly written: number;
  readonly skipped: number;
  readonly errors: Readonly<Partial<Record<SinkErrorKind, number>>>;
  /** The last error, while it lasts. */
  readonly error?: string;
}
