import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { replaceFile } from '../files/replace-file.js';

/** Numbers from behind place `after` on are `by` higher than before. */
type Skip = readonly [after: number, by: number];

/** What is kept in the file. */
interface Stored {
  /** The journal that it belongs to. */
  readonly journal: string;
  readonly boot: string;
  readonly skips: readonly Skip[];
  /** The start of the operating system that the journal was last written under. */
  readonly system: string | null;
  /** It was closed, with all of it on the disk. */
  readonly isClosed: boolean;
  /** While the hub was not met since: nothing with a higher number was sent. Absent in files of earlier versions. */
  readonly sent?: number | null;
}

export interface NumberingOptions {
  readonly journal: string;
  /** The last place in the journal that is taken. */
  readonly head: number;
  /** Up to here nobody asks for a number any more. */
  readonly confirmed: number;
  /** See `systemBoot`. */
  readonly system: string | null;
  /** So many numbers at most may have been given that the disk does not know of after a power cut. */
  readonly skip: number;
}

/**
 * How a message's place in the journal becomes its number at the hub. The hub drops what has a number that it has seen
 * before: so no number may be given twice. A power cut takes the end of the journal, and its places are taken by
 * others then; their numbers must not be. So after one as many numbers are skipped as may have been given.
 */
export class Numbering {
  readonly #file: string;
  #stored: Stored;

  private constructor(file: string, stored: Stored, isOrphaned: boolean) {
    this.#file = file;
    this.isOrphaned = isOrphaned;
    this.#stored = stored;
  }

  /** Messages wait whose numbers are not known any more: the hub may have some of them under another boot. */
  readonly isOrphaned: boolean;

  /** What was decided is on the disk when it returns. @throws the system's error */
  static open(file: string, { journal, head, confirmed, system, skip }: NumberingOptions): Numbering {
    const before = read(file);
    const isKnown = before?.journal === journal && before.skips.every(([after]) => after <= head);
    const { boot, skips } = isKnown ? before : { boot: newBoot(), skips: [] };
    // Without a file nothing was numbered, or nobody knows how: the new boot begins as it likes.
    const isWhole = !isKnown || before.isClosed || (system !== null && before.system === system);
    const stored = {
      journal,
      boot,
      skips: folded(isWhole ? skips : [...skips, [head, skip]], confirmed),
      system,
      isClosed: false,
      sent: null,
    };
    const numbering = new Numbering(file, stored, !isKnown && head > confirmed);
    const highest = numbering.seqOf(head, { isLast: true });
    numbering.#stored = { ...numbering.#stored, sent: (isKnown ? before.sent : null) ?? highest };
    numbering.#write();
    return numbering;
  }

  /**
   * The highest number that may have been sent, while the hub was not met since the queue was opened: what was added since
   * was not. It outlives a restart. Null once the hub was met.
   */
  get sent(): number | null {
    return this.#stored.sent ?? null;
  }

  /** From now on everything may be sent. It is on the disk when it returns. @throws the system's error */
  met(): void {
    if (this.sent === null) return;
    this.#stored = { ...this.#stored, sent: null };
    this.#write();
  }

  /** Names the numbers towards the hub. */
  get boot(): string {
    return this.#stored.boot;
  }

  /** The number of the message at this place; for the last one, the highest that may have been given. */
  seqOf(place: number, { isLast = false } = {}): number {
    return this.#stored.skips.reduce(
      (seq, [after, by]) => (place > after || (isLast && place === after) ? seq + by : seq),
      place,
    );
  }

  /** The last place whose number is not above `seq`. */
  placeOf(seq: number): number {
    let skipped = 0;
    for (const [after, by] of this.#stored.skips) {
      if (seq - skipped <= after + by) return Math.min(seq - skipped, after);
      skipped += by;
    }
    return seq - skipped;
  }

  /** The hub knows numbers of this boot that were not given here: all are given under another name from now on. */
  rename(): string {
    this.#stored = { ...this.#stored, boot: newBoot() };
    this.#write();
    return this.boot;
  }

  /** The journal is closed, and all of it is on the disk. */
  close(): void {
    this.#stored = { ...this.#stored, isClosed: true };
    this.#write();
  }

  #write(): void {
    replaceFile(this.#file, `${JSON.stringify(this.#stored)}\n`);
  }
}

/** Those of which only the sum counts stand together. */
function folded(skips: readonly Skip[], confirmed: number): readonly Skip[] {
  const old = skips.filter(([after]) => after <= confirmed);
  const [after] = old.at(-1) ?? [];
  if (after === undefined) return skips;
  return [[after, old.reduce((sum, [, by]) => sum + by, 0)], ...skips.slice(old.length)];
}

function newBoot(): string {
  return randomBytes(8).toString('hex');
}

/** Undefined where there is none, or none that can be read. */
function read(file: string): Stored | undefined {
  try {
    const stored = JSON.parse(readFileSync(file, 'utf8')) as Stored;
    return Array.isArray(stored.skips) && typeof stored.boot === 'string' ? stored : undefined;
  } catch {
    return undefined;
  }
}
