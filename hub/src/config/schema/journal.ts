import Type from 'typebox';
import { bytes, ms } from '../setting.js';
import { GIB, KIB, MIB, TIB } from './sizes.js';

/** The durable log that everything accepted goes through. */
export const journalSettings = Type.Object({
  maxBytes: bytes({
    default: 10 * GIB,
    minimum: MIB,
    maximum: 1024 * TIB,
    description: 'Largest size of the journal on disk; at least twice journal.segmentBytes.',
  }),
  segmentBytes: bytes({
    default: 64 * MIB,
    minimum: 64 * KIB,
    maximum: GIB,
    description: 'Size of one file of the journal.',
  }),
  minFreeBytes: bytes({
    default: 256 * MIB,
    minimum: 0,
    maximum: 1024 * TIB,
    description: 'Free space that the journal leaves on its disk.',
  }),
  commitDelayMs: ms({
    default: 5,
    minimum: 0,
    maximum: 1_000,
    description: 'How long messages are gathered for one sync.',
  }),
});
