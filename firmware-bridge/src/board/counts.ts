import { FAULT_REASONS, type FaultReason } from './board-codec.js';

/** What a board said so far, counted. */
export interface BoardCounts {
  /** Messages with readings that were taken, or were to be. */
  readings: number;
  /** Numbered messages that had been kept before. */
  duplicates: number;
  logLines: number;
  /** Times that its port was opened. */
  openings: number;
  /** Readings that were not taken, since the queue or its disk was full. */
  refused: number;
  /** Acknowledgements, errors and rejects that the board has no room for. */
  untold: number;
  /** What came and was dropped, by its reason. */
  readonly dropped: Record<FaultReason, number>;
  readonly commands: CommandCounts;
}

/** What became of commands and configurations for a board. */
export interface CommandCounts {
  /** Written to the line. */
  written: number;
  answered: number;
  /** No answer came in time; one that comes late is passed on, and counted as answered, too. */
  unanswered: number;
  /** Never written: the board was not there, or cannot take it. */
  refused: number;
}

export function newCounts(): BoardCounts {
  return {
    readings: 0,
    duplicates: 0,
    logLines: 0,
    openings: 0,
    refused: 0,
    untold: 0,
    dropped: Object.fromEntries(FAULT_REASONS.map((reason) => [reason, 0])) as Record<FaultReason, number>,
    commands: { written: 0, answered: 0, unanswered: 0, refused: 0 },
  };
}
