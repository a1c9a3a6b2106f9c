export { type Disk, nodeDisk } from './disk.js';
export { JournalError, type JournalErrorCode } from './errors.js';
export type { SegmentJournalOptions } from './options.js';
export { packBatch } from './pack.js';
export { SegmentJournal } from './segment-journal.js';
export * from './types.js';
export { BatchView, type Shape, unpackBatch, type ValueType, viewBatch } from './view.js';
export { applyRange, classify, emptyWatermark, MAX_GAPS } from './watermark.js';
