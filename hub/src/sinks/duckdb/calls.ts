import type { SinkErrorKind } from '../sink.js';

/** How a history file is opened and kept. */
export interface HistoryFileOptions {
  readonly path: string;
  /** What DuckDB may use, such as `256MB`; beyond it sorting goes through temporary files. */
  readonly memory: string;
  /** Days older than this are dropped; 0 keeps all. */
  readonly retentionDays: number;
  /** Points in arrival order after which they are sorted into their days. */
  readonly hotPoints: number;
  /** How often the points in arrival order are sorted although they are few, and old days dropped. */
  readonly compactEveryMs: number;
  /** A query that has not ended by then is interrupted; it counts from its arrival. */
  readonly queryTimeoutMs: number;
}

/** What a series holds. A metric that was retyped has several series. */
export type SeriesKind = 'number' | 'boolean' | 'string';

export interface SeriesRow {
  readonly id: number;
  readonly device: string;
  readonly metric: string;
  readonly kind: SeriesKind;
}

/** A packed batch and the offset of its first reading. */
export interface WritePart {
  readonly first: number;
  readonly packed: Uint8Array;
}

/** A range of some series, in µs since 1970; `fromUs` inclusive, `toUs` exclusive. */
export interface SeriesRange {
  readonly series: readonly number[];
  readonly fromUs: number;
  readonly toUs: number;
}

export type BucketFunction = 'mean' | 'last' | 'min' | 'max' | 'sum' | 'count';

export interface BucketsQuery extends SeriesRange {
  readonly intervalUs: number;
  readonly function: BucketFunction;
  readonly limit: number;
}

/** One element per bucket. `start` in µs; `value` by the function asked for; the last three for `mean` only. */
export interface BucketColumns {
  readonly start: Float64Array;
  readonly value: Float64Array;
  /** For `last`: the text, where the newest value is one. */
  readonly text: readonly (string | null)[] | null;
  /** For `last`: the series that the newest value belongs to. */
  readonly series: Int32Array | null;
  readonly min: Float64Array | null;
  readonly max: Float64Array | null;
  readonly count: Float64Array | null;
}

export interface RowsQuery extends SeriesRange {
  /** Rows at `fromUs` that were already delivered. */
  readonly skip: number;
  readonly limit: number;
}

/** One element per value, ordered by time, series and value. `time` in µs. */
export interface RowColumns {
  readonly time: Float64Array;
  readonly series: Int32Array;
  readonly value: Float64Array;
  readonly text: readonly (string | null)[] | null;
}

/** What one compaction did. */
export interface CompactionReport {
  /** Points and texts moved into the tables of their days. */
  readonly moved: number;
  /** Days that were over and in many pieces, sorted as a whole. */
  readonly sortedDays: number;
  readonly droppedDays: number;
}

/** A history file that holds everything up to its cursor, and does not change until it is thawed. */
export interface FrozenFile {
  readonly path: string;
  readonly sizeBytes: number;
}

/** What the store asks of its worker thread, and what it answers. */
export interface Calls {
  open: { input: HistoryFileOptions; output: { readonly series: readonly SeriesRow[] } };
  cursor: { input: { readonly journal: string; readonly head: number }; output: number | null };
  write: {
    /** `block` is the memory that the parts stand in. */
    input: { readonly parts: readonly WritePart[]; readonly block: ArrayBuffer; readonly last: number };
    /** The block, on its way back. */
    output: { readonly added: readonly SeriesRow[]; readonly block: ArrayBuffer };
  };
  buckets: { input: BucketsQuery; output: BucketColumns };
  rows: { input: RowsQuery; output: RowColumns };
  compact: { input: null; output: CompactionReport };
  freeze: { input: null; output: FrozenFile };
  thaw: { input: null; output: boolean };
  close: { input: null; output: null };
}

export type CallName = keyof Calls;

export type Request = {
  [Name in CallName]: { readonly id: number; readonly name: Name; readonly input: Calls[Name]['input'] };
}[CallName];

/** Why a call failed: `timeout` and `busy` concern queries only, `locked` the opening. */
export type FailureKind = SinkErrorKind | 'locked' | 'timeout' | 'busy';

export interface Failure {
  readonly kind: FailureKind;
  readonly message: string;
}

export type Reply =
  | { readonly id: number; readonly output: Calls[CallName]['output'] }
  | { readonly id: number; readonly failure: Failure };

/** Something that went wrong, or happened, without a call: background compaction. */
export interface Notice {
  readonly notice: 'compacted' | 'compaction_failed' | 'failed';
  readonly message: string;
  readonly report: CompactionReport | null;
}
