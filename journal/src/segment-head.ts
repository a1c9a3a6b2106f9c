import { JournalError } from './errors.js';
import { encodeRecord, RecordKind, type StoredRecord } from './record.js';
import type { Watermark } from './types.js';
import type { WatermarkTable } from './watermark-table.js';

/** The format that this version writes and reads. */
export const FORMAT = 1;

/** A part of the snapshot is cut when it has so many devices: some 10 to 100 KB of JSON. */
const DEVICES_PER_PART = 1000;

/** What the first record of a segment says. */
export interface SegmentHeader {
  readonly format: number;
  /** Id of the log. */
  readonly journal: string;
  readonly segment: number;
  /** Offset of the first reading that the segment may hold. */
  readonly first: number;
}

/** As it stands on disk: boot, high, and the gaps' bounds one after another. */
type PackedMark = readonly [boot: string, high: number, gaps: readonly number[]];

interface SnapshotPart {
  readonly devices: readonly (readonly [device: string, marks: readonly PackedMark[]])[];
  /** In the last part only, as is the log's id: it is lost only with two records. */
  readonly cursors?: Readonly<Record<string, number>>;
  readonly journal?: string;
}

/**
 * The records that a segment begins with: its header, and a snapshot of the watermarks and cursors, so that
 * no earlier segment is needed to know them. One record at a time, since ten thousand devices make megabytes.
 */
export function* segmentHead(
  tag: number,
  header: SegmentHeader,
  marks: WatermarkTable,
  cursors: Readonly<Record<string, number>>,
  time: number,
): Generator<Buffer> {
  const record = (kind: number, more: boolean, content: object) =>
    encodeRecord(
      tag,
      { kind, more, count: 0, first: header.first, time },
      Buffer.from(JSON.stringify(content)),
    );
  yield record(RecordKind.segment, false, header);
  let devices: [string, PackedMark[]][] = [];
  for (const [device, boots] of marks.entries()) {
    devices.push([device, boots.map(({ boot, high, gaps }) => [boot, high, gaps.flat()])]);
    if (devices.length < DEVICES_PER_PART) continue;
    yield record(RecordKind.snapshot, true, { devices } satisfies SnapshotPart);
    devices = [];
  }
  yield record(RecordKind.snapshot, false, {
    devices,
    cursors,
    journal: header.journal,
  } satisfies SnapshotPart);
}

/**
 * The content of a header record. Its first record has the same frame in every version of the format.
 * @throws JournalError `unsupported_format`
 */
export function parseHeader(record: StoredRecord, path: string): SegmentHeader {
  const header = JSON.parse(record.payload.toString()) as SegmentHeader;
  if (header.format === FORMAT) return header;
  throw new JournalError(
    'unsupported_format',
    `${path} is in format ${header.format}, and this version reads format ${FORMAT}. ` +
      'Start the version that wrote it, or move the directory away to begin a new log.',
  );
}

/** Puts a part of a snapshot into the table; returns what only the last part has. */
export function loadSnapshot(
  record: StoredRecord,
  marks: WatermarkTable,
): { cursors: Readonly<Record<string, number>> | undefined; journal: string | undefined } {
  const { devices, cursors, journal } = JSON.parse(record.payload.toString()) as SnapshotPart;
  for (const [device, boots] of devices) marks.set(device, boots.map(unpackMark));
  return { cursors, journal };
}

function unpackMark([boot, high, bounds]: PackedMark): Watermark {
  const gaps: [number, number][] = [];
  for (let at = 0; at + 1 < bounds.length; at += 2) {
    gaps.push([bounds[at] as number, bounds[at + 1] as number]);
  }
  return { boot, high, gaps };
}
