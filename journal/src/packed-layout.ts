/** "FLB1", little-endian. The digit is the version of the layout. */
export const BATCH_MAGIC = 0x31424c46;

/** Bytes before the first column. */
export const BATCH_HEAD_BYTES = 32;

/** The sizes that a packed batch begins with; everything else follows from them. */
export interface BatchSizes {
  /** Readings. */
  readonly count: number;
  /** Values of all readings together. */
  readonly values: number;
  readonly ranges: number;
  /** Bytes per element of the columns `source` and `shape`: 4 when a table has more than 65,536 rows. */
  readonly width: 2 | 4;
  readonly sourcesBytes: number;
  readonly shapesBytes: number;
  readonly stringsBytes: number;
}

/**
 * Where each column of a packed batch begins, in bytes. The order keeps every column aligned to its element:
 * float64, then uint32, then uint16 or uint32, then bytes, then the tables as UTF-8 JSON.
 */
export function batchLayout(sizes: BatchSizes) {
  const { count, values, ranges, width } = sizes;
  const seq = BATCH_HEAD_BYTES;
  const time = seq + count * 8;
  const receivedAt = time + count * 8;
  const value = receivedAt + count * 8;
  const rangeFirst = value + values * 8;
  const rangeLast = rangeFirst + ranges * 8;
  const rangeSource = rangeLast + ranges * 8;
  const source = rangeSource + ranges * 4;
  const shape = source + count * width;
  const flags = shape + count * width;
  const sources = flags + count;
  const shapes = sources + sizes.sourcesBytes;
  const strings = shapes + sizes.shapesBytes;
  const end = strings + sizes.stringsBytes;
  return {
    seq,
    time,
    receivedAt,
    value,
    rangeFirst,
    rangeLast,
    rangeSource,
    source,
    shape,
    flags,
    sources,
    shapes,
    strings,
    end,
  };
}
