import { FieldlineError } from '../errors.js';

/** Where the next page of buckets begins, and how wide they are: `to` may have moved on since. */
export interface BucketCursor {
  readonly kind: 'bucket';
  readonly intervalMs: number;
  readonly startMs: number;
}

/** Where the next page of single readings begins: `skip` rows of that very time were delivered. */
export interface RowCursor {
  readonly kind: 'row';
  readonly timeUs: number;
  readonly skip: number;
}

export type PageCursor = BucketCursor | RowCursor;

/** The cursor as text that means nothing to a client. */
export function encodePageCursor(cursor: PageCursor): string {
  const parts =
    cursor.kind === 'bucket' ? ['b', cursor.intervalMs, cursor.startMs] : ['r', cursor.timeUs, cursor.skip];
  return Buffer.from(parts.join(' ')).toString('base64url');
}

/** @throws FieldlineError 422 `bad_cursor` */
export function decodePageCursor<Kind extends PageCursor['kind']>(
  text: string,
  kind: Kind,
): Extract<PageCursor, { kind: Kind }>;
export function decodePageCursor(text: string, kind: PageCursor['kind']): PageCursor {
  const match = /^([br]) (\d{1,16}) (\d{1,16})$/.exec(Buffer.from(text, 'base64url').toString('latin1'));
  const first = Number(match?.[2]);
  const second = Number(match?.[3]);
  if (match?.[1] === 'b' && kind === 'bucket' && first > 0) {
    return { kind, intervalMs: first, startMs: second };
  }
  if (match?.[1] === 'r' && kind === 'row') return { kind, timeUs: first, skip: second };
  throw new FieldlineError('bad_cursor', 'cursor: not one that this query gave out', { status: 422 });
}
