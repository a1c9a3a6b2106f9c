import { applyRange, classify, emptyWatermark, type Watermark } from '@fieldline/journal';

/** So many boots of a board are remembered, as the journal does. */
const BOOTS = 4;

/** A range without anything in it. */
const NONE = [Number.POSITIVE_INFINITY, 0] as const;

/** What is known of one boot's numbers. */
interface Marks {
  /** What is on the disk. */
  synced: Watermark;
  /** On their way there. */
  readonly pending: Set<number>;
  /** The highest number that came. */
  high: number;
  /** The board has told which number is its oldest: it sends again what is missing. */
  repeats: boolean;
  /** From the lowest to the highest that came and could not be kept; those of them that are gaps still are missing. */
  refused: readonly [first: number, last: number] | undefined;
}

/**
 * The numbers that a board gives its own messages. A serial line loses frames, unlike a socket: so a board that says
 * (in `hello.oldest`) what it still keeps is acknowledged up to the first gap only, and sends the rest again. For one
 * that does not say it, a gap is lost, as on the device socket (protocol §1.2 "Ack"): all but what came and could not be
 * kept, which is never acknowledged.
 */
export class BoardNumbers {
  readonly #boots = new Map<string, Marks>();

  /** @param onDisk the marks of what is on the disk from before */
  constructor(onDisk: readonly Watermark[]) {
    for (const mark of onDisk) this.#boots.set(mark.boot, marksOf(mark));
  }

  /** Whether the message is one to keep; it is then on its way to the disk, until `synced` or `giveBack`. */
  take(boot: string, seq: number): 'new' | 'late' | 'duplicate' {
    const marks = this.#of(boot);
    const kind = marks.pending.has(seq) ? 'duplicate' : classify(marks.synced, seq);
    if (kind !== 'duplicate') marks.pending.add(seq);
    marks.high = Math.max(marks.high, seq);
    return kind;
  }

  /** It could not be kept: it is not acknowledged, and when it comes again, it is new. */
  giveBack(boot: string, seq: number): void {
    const marks = this.#of(boot);
    marks.pending.delete(seq);
    const [first, last] = marks.refused ?? [seq, seq];
    marks.refused = [Math.min(first, seq), Math.max(last, seq)];
  }

  /** The message is on the disk. */
  synced(boot: string, seq: number): void {
    const marks = this.#of(boot);
    marks.pending.delete(seq);
    marks.synced = applyRange(marks.synced, seq, seq);
  }

  /** The board keeps nothing older than `oldest` any more: what is missing below is lost. */
  oldest(boot: string, oldest: number): void {
    const marks = this.#of(boot);
    marks.repeats = true;
    marks.high = Math.max(marks.high, oldest - 1);
    marks.synced = withoutGapsBelow(marks.synced, oldest);
  }

  /** Up to here the board may forget; 0: nothing yet. */
  acknowledged(boot: string): number {
    const { synced, repeats, refused: [first, last] = NONE } = this.#of(boot);
    const gap = synced.gaps.find((missing) => repeats || (missing[1] >= first && missing[0] <= last));
    if (gap === undefined) return synced.high;
    return (repeats ? gap[0] : Math.max(gap[0], first)) - 1;
  }

  /** Whether the board should be asked to send something again: a number is neither on the disk nor on its way there. */
  hasGap(boot: string): boolean {
    const { synced, pending, high, repeats } = this.#of(boot);
    if (!repeats) return false;
    const missing = synced.gaps.reduce((sum, [first, last]) => sum + last - first + 1, high - synced.high);
    return missing > pending.size;
  }

  #of(boot: string): Marks {
    const known = this.#boots.get(boot);
    if (known !== undefined) return known;
    const marks = marksOf(emptyWatermark(boot));
    this.#boots.set(boot, marks);
    for (const oldest of this.#boots.keys()) {
      if (this.#boots.size <= BOOTS) break;
      this.#boots.delete(oldest);
    }
    return marks;
  }
}

function marksOf(synced: Watermark): Marks {
  return { synced, pending: new Set(), high: synced.high, repeats: false, refused: undefined };
}

function withoutGapsBelow(mark: Watermark, oldest: number): Watermark {
  // Nothing below `oldest` was ever assigned above the highest that came: then it is taken as received.
  const reached = oldest - 1 > mark.high ? applyRange(mark, mark.high + 1, oldest - 1) : mark;
  return reached.gaps
    .filter(([first]) => first < oldest)
    .reduce((filled, [first, last]) => applyRange(filled, first, Math.min(last, oldest - 1)), reached);
}
