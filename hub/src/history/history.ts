import type { Value } from '@fieldline/journal';
import type { Aggregate, HistoryView } from '@fieldline/protocol';

export interface HistoryQuery {
  readonly device: string;
  readonly metric: string;
  /** Inclusive, ms since 1970. */
  readonly from: number;
  /** Exclusive, ms since 1970. */
  readonly to: number;
  /** How many buckets the range is divided into, at the most. Ignored for `raw`. */
  readonly points: number;
  readonly aggregate: Aggregate;
  /** How many points one answer may hold. */
  readonly limit: number;
  /** `next` of the answer before. */
  readonly cursor?: string;
}

/** What the store itself knows of the answer. */
export type HistoryAnswer = Pick<HistoryView, 'interval' | 'points' | 'next'>;

/** One row of an export: one value, in order of time. */
export interface ExportRow {
  readonly device: string;
  readonly metric: string;
  /** Microseconds since 1970. */
  readonly time: number;
  readonly value: Value;
}

export interface ExportQuery {
  readonly device: string;
  /** Absent for all metrics of the device. */
  readonly metric?: string;
  readonly from: number;
  readonly to: number;
}

/** Reading back what the history sink stored. */
export interface History {
  query(query: HistoryQuery): Promise<HistoryAnswer>;
  export(query: ExportQuery, signal?: AbortSignal): AsyncIterable<ExportRow>;
  /** Bytes that it occupies on disk here; null where it lives elsewhere. */
  bytes(): number | null;
}
