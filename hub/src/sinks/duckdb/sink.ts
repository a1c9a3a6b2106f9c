import type { Entry, Journal } from '@fieldline/journal';
import { type Rejection, type Sink, SinkError, type SinkErrorKind } from '../sink.js';
import { failureOf } from './failure.js';
import type { DuckDbStore } from './store.js';

/** A transaction about every second: a commit costs some 10 ms, and a reader that waits hastens it. */
const BATCH = { maxReadings: 50_000, lingerMs: 1_000 } as const;

/**
 * Writes readings into the embedded history, exactly once: its cursor moves in the same transaction as its rows.
 * The store is opened before and closed after it, because the history reads from it too.
 */
export class DuckDbSink implements Sink {
  readonly name = 'duckdb';
  readonly batch = BATCH;
  readonly #store: DuckDbStore;
  readonly #journalId: string;
  /** Where the journal's head was when it was opened: at the first opening of the sink it shows a lost end. */
  #recoveredHead: number;

  /** @param journal just opened, with nothing appended yet */
  constructor(store: DuckDbStore, journal: Pick<Journal, 'id' | 'head'>) {
    this.#store = store;
    this.#journalId = journal.id;
    this.#recoveredHead = journal.head;
  }

  async open(): Promise<number | null> {
    try {
      const position = await this.#store.cursor(this.#journalId, this.#recoveredHead);
      this.#recoveredHead = Number.POSITIVE_INFINITY;
      return position;
    } catch (error) {
      throw sinkError(error);
    }
  }

  /** DuckDB takes every value that a reading can hold: there are no rejections. */
  async write(entries: readonly Entry[]): Promise<readonly Rejection[]> {
    const last = entries.at(-1)?.last;
    if (last === undefined) return [];
    try {
      await this.#store.write(entries, last);
    } catch (error) {
      throw sinkError(error);
    }
    return [];
  }

  /** Nothing: the store outlives the sink. */
  async close(): Promise<void> {}
}

function sinkError(error: unknown): SinkError {
  const { kind, message } = failureOf(error);
  return new SinkError(SINK_KINDS[kind] ?? 'internal', message, { cause: error });
}

const SINK_KINDS: Readonly<Record<string, SinkErrorKind>> = {
  overload: 'overload',
  busy: 'overload',
  timeout: 'overload',
  full: 'full',
  damaged: 'damaged',
  locked: 'damaged',
};
