import type { FaultReason } from './board-codec.js';

/** What a board said so far, counted. */
export interface BoardCounts {
  readings: number;
  duplicates: number;
  logLines: number;
  /** Times that its port was opened. */
  openings: number;
  /** Readings that were not taken, since the queue or its disk was full. */
  refused: number;
  readonly dropped: Record<FaultReason, number>;
}

export function newCounts(): BoardCounts {
  return {
    readings: 0,
    duplicates: 0,
    logLines: 0,
    openings: 0,
    refused: 0,
    dropped: { bad_crc: 0, no_crc: 0, malformed: 0, too_long: 0 },
  };
}
