import type { Batch, Entry, Reading, SeqRange } from '@fieldline/journal';

/**
 * Readings without a number of their own that are written together go to the hub as rows of one message. It stays far
 * below the 64 KiB that a hub takes.
 */
const MAX_ROWS = 200;
const MAX_ROWS_CHARS = 16 * 1024;

/** A message of a board on its way to the disk. */
export interface Outgoing {
  /** The telemetry message without `type` and `seq`, as JSON, with its time. Absent in {@link row}. */
  readonly body?: string;
  /** A plain reading: its time (ms since 1970) and its values as JSON. May share a message with its neighbours. */
  readonly row?: { readonly time: number; readonly values: string };
  /** The board's own number, where it has one. */
  readonly number?: { readonly boot: string; readonly seq: number };
}

type Row = NonNullable<Outgoing['row']>;

/** Characters of it. */
export function lengthOf({ body, row }: Outgoing): number {
  return (body ?? row?.values ?? '').length;
}

/** Messages as they stand in the journal: one reading each, whose only value is the body. */
export function batchOf(device: string, group: readonly Outgoing[]): Batch {
  const receivedAt = Date.now() * 1000;
  const readings: Reading[] = [];
  const ranges: SeqRange[] = [];
  for (let at = 0; at < group.length; ) {
    const rows = rowsFrom(group, at);
    const { number, body = bodyOf(rows) } = group[at] as Outgoing;
    at += Math.max(1, rows.length);
    const { boot, seq } = number ?? { boot: '', seq: 0 };
    readings.push({ device, boot, seq, time: receivedAt, receivedAt, values: { body }, flags: 0 });
    if (number !== undefined) ranges.push({ device, boot, first: seq, last: seq });
  }
  return { readings, ranges };
}

/** The bodies of an entry, in their order. */
export function bodiesOf(entry: Entry): string[] {
  return entry.readings().map(({ values }) => String(values.body));
}

/** The plain readings that stand together from `at` on. */
function rowsFrom(group: readonly Outgoing[], at: number): Row[] {
  const rows: Row[] = [];
  let chars = 0;
  for (let next = group[at]; next?.row !== undefined && rows.length < MAX_ROWS; ) {
    chars += next.row.values.length;
    if (rows.length > 0 && chars > MAX_ROWS_CHARS) break;
    rows.push(next.row);
    next = group[at + rows.length];
  }
  return rows;
}

function bodyOf(rows: readonly Row[]): string {
  const [only] = rows;
  if (rows.length === 1 && only !== undefined) return `{"time":${only.time},"values":${only.values}}`;
  return `{"rows":[${rows.map(({ time, values }) => `[${time},${values}]`).join(',')}]}`;
}
