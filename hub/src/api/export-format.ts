import { stringify } from 'csv-stringify/sync';
import type { ExportRow } from '../history/history.js';
import { isoMicroseconds } from './times.js';

/** How rows become a file. */
export interface Format {
  /** Its media type. */
  readonly type: string;
  /** What comes before the first row. */
  readonly head: string;
  rows(rows: readonly ExportRow[]): string;
}

const ROWS_PER_CHUNK = 500;

/** The formats by the names that a query gives them. */
export const FORMATS: Readonly<Record<'csv' | 'ndjson', Format>> = {
  csv: {
    type: 'text/csv; charset=utf-8; header=present',
    head: stringify([['time', 'device', 'metric', 'value']]),
    rows: (rows) => stringify(rows.map(csvRecord), { escape_formulas: true }),
  },
  ndjson: {
    type: 'application/x-ndjson',
    head: '',
    rows: (rows) => rows.map((row) => `${JSON.stringify(ndjsonRecord(row))}\n`).join(''),
  },
};

function csvRecord({ time, device, metric, value }: ExportRow) {
  return [isoMicroseconds(time), device, metric, typeof value === 'boolean' ? String(value) : value];
}

function ndjsonRecord({ time, device, metric, value }: ExportRow) {
  return { time: Math.floor(time / 1_000), timeUs: time, device, metric, value };
}

/** The file, piece by piece. `first` is the first of `rest`, which was read ahead. */
export async function* render(
  format: Format,
  first: IteratorResult<ExportRow[]>,
  rest: AsyncIterable<ExportRow[]>,
): AsyncGenerator<string> {
  if (format.head !== '') yield format.head;
  if (first.done) return;
  yield format.rows(first.value);
  for await (const rows of rest) yield format.rows(rows);
}

/** Gathers rows to pieces that are large enough to be cheap and small enough to keep nobody waiting. */
export async function* chunks(rows: AsyncIterable<ExportRow>): AsyncGenerator<ExportRow[]> {
  let chunk: ExportRow[] = [];
  for await (const row of rows) {
    chunk.push(row);
    if (chunk.length < ROWS_PER_CHUNK) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
