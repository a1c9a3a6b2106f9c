import type { Value } from '@fieldline/journal';
import type { HistoryPoint } from '@fieldline/protocol';
import type { BucketAggregate } from './bucket-statements.js';

/** What one field, or one segment, has to say of a bucket. Absent: nothing of that kind was asked. */
export interface Part {
  /** 0 where the part only adds to one that counts. */
  readonly count: number;
  readonly sum?: number;
  readonly min?: number;
  readonly max?: number;
  /** How many were true. */
  readonly trues?: number;
  readonly last?: Value;
  /** The part is not to be relied on: the bucket is to be made from single readings. */
  readonly isUnsure?: boolean;
}

interface Bucket {
  count: number;
  sums: number[];
  min: number;
  max: number;
  /** Booleans, and how many of them were true. */
  booleans: number;
  trues: number;
  last: Value | undefined;
  /** Of which segment `last` is; −1 for none. */
  lastSegment: number;
  /** Several fields have a last value in the same segment: which is later, the buckets do not say. */
  isTied: boolean;
}

/** Buckets that are put together of parts: of several fields, and of rollups beside raw readings. */
export class Buckets {
  readonly #buckets = new Map<number, Bucket>();
  #isUnsure = false;

  /** Whether some part was not to be relied on. */
  get isUnsure(): boolean {
    return this.#isUnsure;
  }

  /** @param segment parts of a later segment have a greater number */
  add(startMs: number, part: Part, segment: number, isBoolean: boolean): void {
    if (part.isUnsure === true) this.#isUnsure = true;
    const bucket = this.#at(startMs);
    bucket.count += part.count;
    if (isBoolean) bucket.booleans += part.count;
    bucket.trues += part.trues ?? 0;
    if (part.sum !== undefined) bucket.sums.push(part.sum);
    if (part.min !== undefined) bucket.min = Math.min(bucket.min, part.min);
    if (part.max !== undefined) bucket.max = Math.max(bucket.max, part.max);
    if (part.last === undefined || segment < bucket.lastSegment) return;
    bucket.isTied = segment === bucket.lastSegment;
    bucket.last = part.last;
    bucket.lastSegment = segment;
  }

  /** The buckets whose last value is one of several. */
  tied(): number[] {
    return [...this.#buckets].filter(([, { isTied }]) => isTied).map(([start]) => start);
  }

  /** Says which value of a bucket is the last. */
  setLast(startMs: number, last: Value): void {
    const bucket = this.#buckets.get(startMs);
    if (bucket !== undefined) bucket.last = last;
  }

  /** The first buckets in order of time, as points; the first one begins at `from` at the earliest. */
  points(aggregate: BucketAggregate, from: number, limit: number): HistoryPoint[] {
    return [...this.#buckets]
      .filter(([, { count }]) => count > 0)
      .sort(([a], [b]) => a - b)
      .slice(0, limit)
      .map(([start, bucket]) => pointOf(Math.max(from, start), bucket, aggregate));
  }

  #at(startMs: number): Bucket {
    let bucket = this.#buckets.get(startMs);
    if (bucket === undefined) {
      const [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
      bucket = {
        ...{ count: 0, sums: [], min, max, booleans: 0, trues: 0 },
        ...{ last: undefined, lastSegment: -1, isTied: false },
      };
      this.#buckets.set(startMs, bucket);
    }
    return bucket;
  }
}

function pointOf(t: number, bucket: Bucket, aggregate: BucketAggregate): HistoryPoint {
  const { count, booleans, trues } = bucket;
  // A boolean counts as 0 or 1.
  const min = Math.min(bucket.min, booleans === 0 ? bucket.min : trues === booleans ? 1 : 0);
  const max = Math.max(bucket.max, booleans === 0 ? bucket.max : trues > 0 ? 1 : 0);
  const sum = bucket.sums.reduce((total, part) => total + part, 0) + trues;
  switch (aggregate) {
    case 'mean': {
      const parts = [...bucket.sums, trues];
      const fits = Number.isFinite(sum);
      return [t, fits ? sum / count : parts.reduce((mean, part) => mean + part / count, 0), min, max, count];
    }
    case 'min':
      return [t, min];
    case 'max':
      return [t, max];
    case 'sum':
      return [t, Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, sum))];
    case 'count':
      return [t, count];
    case 'last':
      return [t, bucket.last ?? 0];
  }
}
