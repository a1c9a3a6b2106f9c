import { setImmediate as turn } from 'node:timers/promises';
import type { Entry, Journal, Reading } from '@fieldline/journal';
import type { FastifyBaseLogger } from 'fastify';
import { FieldlineError } from '../errors.js';
import { Backoff } from '../sinks/backoff.js';
import type { AlarmWatches } from '../state/alarm-watches.js';
import type { Judging } from './judging.js';
import type { LeftOut } from './left-out.js';

/** What of the journal is used. */
export type AlarmJournal = Pick<Journal, 'id' | 'head' | 'attach' | 'cursor' | 'commit' | 'read' | 'stats'>;

export interface JournalFollowerOptions {
  readonly journal: AlarmJournal;
  readonly stored: Pick<AlarmWatches, 'reach' | 'begin' | 'move'>;
  readonly judging: Pick<Judging, 'restore' | 'take' | 'rest' | 'pending'>;
  readonly log: Pick<FastifyBaseLogger, 'warn' | 'info'>;
  readonly leftOut: LeftOut;
  /** How often {@link JournalFollower.tick} is called. */
  readonly tickMs: number;
  readonly random?: () => number;
}

export const CURSOR = 'alarms';
/** Only the history may fill the journal (protocol §3). */
const CURSOR_AGE_MS = 86_400_000;
/** So many readings are judged again at once: acks go before. */
const AT_ONCE = 2_000;
/** The start of the hub waits so long for what is judged again; more goes on beside it. */
const PATIENCE_MS = 2_000;
const RETRY = { minMs: 1_000, maxMs: 300_000 } as const;

/**
 * Has the readings of the journal judged, each once and in order: as they become durable, and after a start, or where that
 * could not be kept, again from the journal. Whoever waits for an ack never waits for this.
 */
export class JournalFollower {
  /** Readings wait to be judged from the journal; none is judged as it comes. */
  isBehind = true;
  /** Up to where in the journal everything was judged. */
  taken = 0;
  readonly #options: JournalFollowerOptions;
  readonly #backoff: Backoff;
  /** Up to where it was judged from the journal. A batch that had to be written again may come before one below it. */
  #replayed = 0;
  #isCatchingUp = false;
  /** Until the next try. */
  #restTicks = 0;
  #isClosed = false;

  constructor(options: JournalFollowerOptions) {
    this.#options = options;
    this.#backoff = new Backoff(options.random);
  }

  /** Takes up how things stood, and judges what came after that; what takes long goes on by itself. */
  async open(): Promise<void> {
    const { journal } = this.#options;
    journal.attach(CURSOR, { bytes: journal.stats().maxBytes / 4, ageMs: CURSOR_AGE_MS });
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, PATIENCE_MS);
    });
    await Promise.race([this.#catchUp(), patience]).finally(() => clearTimeout(timer));
  }

  close(): void {
    this.#isClosed = true;
  }

  /** Has judged what has just become durable. Never throws. */
  take({ first, last }: Pick<Entry, 'first' | 'last'>, readings: readonly Reading[]): void {
    if (this.isBehind || last <= this.#replayed) return;
    const { judging, log } = this.#options;
    try {
      let offset = first;
      for (const reading of readings) judging.take(offset++, reading, false);
      this.taken = Math.max(this.taken, last);
    } catch (error) {
      log.warn({ err: error }, 'alarms cannot be judged; they are judged again from the journal');
      this.fallBehind();
    }
  }

  /** Lets go of what cannot be kept: the journal has the readings, and they are judged again when it can. */
  fallBehind(): void {
    this.isBehind = true;
    this.#options.judging.rest();
    this.#waitLonger();
  }

  /** Tries again to catch up when it is behind, ever less often. */
  tick(): void {
    if (!this.isBehind || this.#isCatchingUp || this.#restTicks-- > 0) return;
    void this.#catchUp();
  }

  /** All is well: what was judged could be kept. */
  kept(): void {
    this.#backoff.reset();
  }

  async #catchUp(): Promise<void> {
    this.#isCatchingUp = true;
    try {
      this.isBehind = !(await this.#replay());
    } catch (error) {
      this.#options.log.warn({ err: error }, 'alarms cannot be judged yet');
    }
    this.#isCatchingUp = false;
    if (this.isBehind) this.#waitLonger();
  }

  #waitLonger(): void {
    this.#restTicks = Math.floor(this.#backoff.next(RETRY) / this.#options.tickMs);
  }

  /** @returns whether it has reached the head, with all that came of it kept or waiting to be */
  async #replay(): Promise<boolean> {
    const { journal, judging } = this.#options;
    let after = this.#takeUp();
    while (after < journal.head) {
      const entries = await journal.read(after, AT_ONCE);
      const last = entries.at(-1);
      if (this.#isClosed) return false;
      if (last === undefined) break;
      for (const entry of entries) this.#judgeAgain(entry);
      after = last.last;
      judging.pending.flush();
      if (judging.pending.isOverrun) {
        judging.rest();
        return false;
      }
      await turn();
      if (this.#isClosed) return false;
    }
    this.taken = journal.head;
    this.#replayed = journal.head;
    return true;
  }

  /** @returns from where on readings have to be judged again */
  #takeUp(): number {
    const { journal, stored, judging } = this.#options;
    const saved = stored.reach();
    const isSameJournal = saved?.journal === journal.id;
    judging.restore(isSameJournal);
    const after = isSameJournal ? Math.min(saved.offset, journal.head) : journal.cursor(CURSOR);
    // Where this cannot be written, nothing could be kept of what would be read.
    if (isSameJournal) stored.move(journal.id, after);
    else stored.begin(journal.id, after);
    return after;
  }

  #judgeAgain(entry: Entry): void {
    const { judging, leftOut } = this.#options;
    let offset = entry.first;
    for (const reading of entry.readings()) {
      try {
        judging.take(offset, reading, true);
      } catch (error) {
        // The state file may be well again later; anything else would be the same for ever.
        if (error instanceof FieldlineError) throw error;
        leftOut.reading(error, reading.device, offset);
      }
      offset++;
    }
  }
}
