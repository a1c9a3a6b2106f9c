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
export declare function newCounts(): BoardCounts;
//# sourceMappingURL=counts.d.ts.map