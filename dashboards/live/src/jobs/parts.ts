import type { JobView } from '@fieldline/protocol/browser';
import type { IconName } from '../shell/icon.js';

/** What became of the devices of a job, as its picture shows it: the proven first, what has not begun last. */
export const PARTS = [
  'verified',
  'answered',
  'contradicted',
  'unknown',
  'failed',
  'left',
  'way',
  'waiting',
] as const;
export type Part = (typeof PARTS)[number];

/** The shape and the colour of each part, by the design's classes. */
export const PART_LOOKS: Readonly<Record<Part, readonly [icon: IconName, look: string]>> = {
  verified: ['verified', 'is-verified'],
  answered: ['ok', ''],
  contradicted: ['contradicted', 'is-contradicted'],
  unknown: ['unknown', 'is-unknown'],
  failed: ['failed', 'is-failed'],
  left: ['expired', ''],
  way: ['busy', 'is-pending'],
  waiting: ['next', ''],
};

/** More squares than this are no picture any more: then each stands for several devices. */
const MOST_SQUARES = 400;

export type Counted = Pick<JobView, 'counts' | 'verifications'>;

/** How many devices are in each part. What is sent and not answered is on the way; no answer is never a failure. */
export function partsOf({ counts, verifications }: Counted): Record<Part, number> {
  const { pending, verified, contradicted } = verifications;
  return {
    verified,
    answered: counts.succeeded - pending - verified - contradicted,
    contradicted,
    unknown: counts.timed_out,
    failed: counts.failed + counts.rejected + counts.expired + counts.refused,
    left: counts.cancelled + counts.skipped,
    way: counts.queued + counts.sent + counts.accepted + pending,
    waiting: counts.waiting,
  };
}

/** How many devices are done, whatever came of it. */
export function doneOf(job: Counted): number {
  const { way: _, waiting: __, ...done } = partsOf(job);
  return Object.values(done).reduce((sum, count) => sum + count, 0);
}

/** What of a job somebody should look at: parts that have a device, the worst first. */
export function troubleOf(job: Counted): { part: Part; count: number }[] {
  const parts = partsOf(job);
  return (['contradicted', 'unknown', 'failed', 'left'] as const)
    .filter((part) => parts[part] > 0)
    .map((part) => ({ part, count: parts[part] }));
}

/** Which part of the devices that are done has failed, by the hub's own reckoning, in percent; null before one is. */
export function failedPercent({ counts, verifications }: Counted): number | null {
  const failed =
    counts.failed + counts.rejected + counts.expired + counts.timed_out + counts.cancelled + counts.refused;
  const done = failed + counts.succeeded - verifications.pending;
  return done === 0 ? null : (100 * (failed + verifications.contradicted)) / done;
}

/** The picture: parts as squares, each of which stands for `each` devices. No part with a device has no square. */
export function squaresOf(parts: Readonly<Record<Part, number>>): { each: number; squares: Part[] } {
  const all = Object.values(parts).reduce((sum, count) => sum + count, 0);
  const each = Math.max(1, Math.ceil(all / MOST_SQUARES));
  const squares = PARTS.flatMap((part) => Array<Part>(Math.ceil(parts[part] / each)).fill(part));
  return { each, squares };
}
