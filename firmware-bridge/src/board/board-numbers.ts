import { applyRange, classify, emptyWatermark, MAX_GAPS, type Watermark } from '@fieldline/journal';

/** So many boots of a board are remembered, as the journal does. */
const BOOTS = 4;
/**
 * So many gaps may be open for a board that repeats what is missing: at its limit the journal takes the oldest gap for
 * received. Half of it is left for what is on its way to the disk and does not get there.
 */
const GAPS = MAX_GAPS / 2;
/** A board that sends its newest readings again does not go back so far: 64 KiB of them, the library's most, are fewer. */
const FAR = 1_000;
/** In the journal, behind the name of a boot: how often it was used. No name of a boot has it (protocol §1, Names). */
const USES = '~';

/** A range without anything in it. */
const NONE = [Number.POSITIVE_INFINITY, 0] as const;

/** What is known of one boot's numbers. `synced.boot` is what the journal calls them. */
interface Marks {
  /** What is on the disk. */
  synced: Watermark;
  /** On their way there, and both together. */
  readonly pending: Set<number>;
  taken: Watermark;
  /** The highest number that came, or that the board says it has given. */
  high: number;
  /** The board has told which number is its oldest: it sends again what is missing. */
  repeats: boolean;
  /** From the lowest to the highest that came and could not be kept; those of them that are gaps still are missing. */
  refused: readonly [first: number, last: number] | undefined;
}

/** What a number is: to be kept, had before, or too far ahead of what is missing, and to be sent again later. */
export type Standing = 'new' | 'late' | 'duplicate' | 'ahead';

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
    for (const mark of onDisk) {
      const [boot, uses] = usesOf(mark.boot);
      const known = this.#boots.get(boot);
      if (known !== undefined && usesOf(known.synced.boot)[1] > uses) continue;
      this.#boots.delete(boot);
      this.#boots.set(boot, marksOf(mark));
    }
  }

  /**
   * The board's hello. A number below one that came means that the boot's name was used before (protocol §1.2): its
   * numbers begin anew, so that no reading is taken for one of the start before.
   * @param seq the highest number that the board has given
   * @returns whether the name was used before
   */
  greeted(boot: string, seq: number): boolean {
    const before = this.#of(boot);
    const isReused = seq < before.high;
    if (isReused) {
      const [, uses] = usesOf(before.synced.boot);
      this.#boots.set(boot, marksOf(emptyWatermark(`${boot}${USES}${uses + 1}`)));
    }
    this.#of(boot).high = Math.max(this.#of(boot).high, seq);
    return isReused;
  }

  /** The board keeps nothing older than `oldest` any more: what is missing below is lost. */
  oldest(boot: string, oldest: number): void {
    const marks = this.#of(boot);
    marks.repeats = true;
    marks.high = Math.max(marks.high, oldest - 1);
    marks.synced = withoutGapsBelow(marks.synced, oldest);
    marks.taken = withoutGapsBelow(marks.taken, oldest);
  }

  /** What the journal calls the boot. The same name for another start of the board is another one there. */
  nameOf(boot: string): string {
    return this.#of(boot).synced.boot;
  }

  /** Whether no higher number came, or was given before the board said hello: then it is of this moment. */
  isNewest(boot: string, seq: number): boolean {
    return seq > this.#of(boot).high;
  }

  /** Whether it is so old that the board rather counts anew under a name that it had before. */
  isLongAgo(boot: string, seq: number): boolean {
    return this.#of(boot).high - seq > FAR;
  }

  /** Whether the message is one to keep (`new`, `late`): it is then on its way to the disk, until `synced` or `giveBack`. */
  take(boot: string, seq: number): Standing {
    const marks = this.#of(boot);
    marks.high = Math.max(marks.high, seq);
    const { taken, pending, repeats } = marks;
    const standing = classify(taken, seq);
    if (standing === 'duplicate') return standing;
    if (repeats && taken.gaps.length >= GAPS && opensGap(taken, seq)) return 'ahead';
    marks.taken = applyRange(taken, seq, seq);
    pending.add(seq);
    return standing;
  }

  /** It could not be kept: it is not acknowledged, and when it comes again, it is new. @param name as `nameOf` gave it */
  giveBack(name: string, seq: number): void {
    const marks = this.#named(name);
    if (marks === undefined) return;
    marks.pending.delete(seq);
    marks.taken = [...marks.pending].reduce((mark, one) => applyRange(mark, one, one), marks.synced);
    const [first, last] = marks.refused ?? [seq, seq];
    marks.refused = [Math.min(first, seq), Math.max(last, seq)];
  }

  /** The message is on the disk. @param name as `nameOf` gave it */
  synced(name: string, seq: number): void {
    const marks = this.#named(name);
    if (marks === undefined) return;
    marks.pending.delete(seq);
    marks.synced = applyRange(marks.synced, seq, seq);
  }

  /** Up to here the board may forget; 0: nothing yet. */
  acknowledged(boot: string): number {
    const { synced, pending, repeats, refused: [first, last] = NONE } = this.#of(boot);
    const gap = synced.gaps.find((missing) => repeats || (missing[1] >= first && missing[0] <= last));
    const before = gap && (repeats ? gap[0] : Math.max(gap[0], first));
    let upTo = before === undefined ? synced.high : before - 1;
    for (const seq of pending) upTo = Math.min(upTo, seq - 1);
    return upTo;
  }

  /** Whether the board should be asked to send something again: a number is neither on the disk nor on its way there. */
  hasGap(boot: string): boolean {
    const { taken, high, repeats } = this.#of(boot);
    return repeats && (taken.gaps.length > 0 || high > taken.high);
  }

  /** The one that was heard last goes last. */
  #of(boot: string): Marks {
    const marks = this.#boots.get(boot) ?? marksOf(emptyWatermark(boot));
    this.#boots.delete(boot);
    this.#boots.set(boot, marks);
    for (const oldest of this.#boots.keys()) {
      if (this.#boots.size <= BOOTS) break;
      this.#boots.delete(oldest);
    }
    return marks;
  }

  /** Undefined when the board has started anew since, or it is forgotten. */
  #named(name: string): Marks | undefined {
    const marks = this.#boots.get(usesOf(name)[0]);
    return marks?.synced.boot === name ? marks : undefined;
  }
}

function marksOf(synced: Watermark): Marks {
  return {
    synced,
    pending: new Set(),
    taken: synced,
    high: synced.high,
    repeats: false,
    refused: undefined,
  };
}

function usesOf(name: string): readonly [boot: string, uses: number] {
  const [boot = '', uses = 1] = name.split(USES);
  return [boot, Number(uses)];
}

function opensGap({ high, gaps }: Watermark, seq: number): boolean {
  return seq > high ? seq > high + 1 : gaps.some(([first, last]) => first < seq && seq < last);
}

function withoutGapsBelow(mark: Watermark, oldest: number): Watermark {
  // Nothing below `oldest` was ever assigned above the highest that came: then it is taken as received.
  const reached = oldest - 1 > mark.high ? applyRange(mark, mark.high + 1, oldest - 1) : mark;
  return reached.gaps
    .filter(([first]) => first < oldest)
    .reduce((filled, [first, last]) => applyRange(filled, first, Math.min(last, oldest - 1)), reached);
}
