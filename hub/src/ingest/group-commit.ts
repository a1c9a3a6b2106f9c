import type { Entry, Journal, Reading } from '@fieldline/journal';
import type { BootState, Mark } from './boot-state.js';
import type { Origin } from './origin.js';

/** A batch is closed at so many messages, however young it is. */
const FULL_BATCH = 1_000;
/** Writes under way at once: while one syncs, the next is written. */
const IN_FLIGHT = 2;
/** A saturated loop starves timers, so the age is also looked at every so many messages. */
const CHECK_EVERY = 64;
const RETRY_MS = { first: 100, last: 5_000 } as const;

/** Messages that become durable together. */
interface PendingBatch {
  readonly readings: Reading[];
  readonly marks: Mark[];
  messages: number;
  state: 'open' | 'writing' | 'synced' | 'failed';
  entry: Entry | null;
  readonly waiting: (() => void)[];
}

export interface GroupCommitOptions {
  readonly journal: Journal;
  /** How long a batch gathers, ms: short while idle, longer under load. */
  readonly delayMs: () => number;
  /** Makes durable what the batch refers to (types, quarantine), before it is written. May throw. */
  readonly prepare: () => void;
  /** Called in order, once for each batch that is on disk, before its origins are told. */
  readonly onDurable: (entry: Entry, readings: readonly Reading[]) => void;
  /** Nothing can be made durable: `error`, at each attempt; or it can again: null. */
  readonly onTrouble: (error: Error | null) => void;
  /** Called when the number of messages that wait has changed. */
  readonly onBacklog: (messages: number) => void;
}

/**
 * Gathers messages of all devices into batches, one sync each, and answers them when they are on disk.
 *
 * Nothing that was added is ever given up: a batch that cannot be written stays in memory and is tried again.
 * What bounds that memory is flow control, which stops reading from devices (flow.ts).
 */
export class GroupCommit {
  private readonly options: GroupCommitOptions;
  private open = newBatch();
  private openedAt = 0;
  private untilCheck = CHECK_EVERY;
  /** Closed batches in order; the first that is not synced holds back those behind it. */
  private readonly closed: PendingBatch[] = [];
  private inFlight = 0;
  private isDue = false;
  private timer: NodeJS.Timeout | null = null;
  private retryTimer: NodeJS.Timeout | null = null;
  private retryMs: number = RETRY_MS.first;
  private idle: (() => void)[] = [];
  /** Messages that were added and are not on disk. */
  unsynced = 0;
  /** Whether writing failed, and has not succeeded since. */
  isInTrouble = false;

  constructor(options: GroupCommitOptions) {
    this.options = options;
  }

  /**
   * Adds a numbered message, with what is good of it: the first `count` of `readings`, a list that belongs to the
   * caller. `origin` is told when it is on disk.
   */
  addNumbered(
    origin: Origin,
    state: BootState,
    seq: number,
    isLate: boolean,
    readings: readonly Reading[],
    count: number,
  ): void {
    let mark = state.mark;
    if (mark === null || state.markBatch !== this.open || mark.last + 1 !== seq || mark.origin !== origin) {
      mark = {
        device: state.device.id,
        boot: state.name,
        first: seq,
        last: seq,
        state,
        origin,
        late: 0,
        messages: 0,
      };
      this.open.marks.push(mark);
      state.mark = mark;
      state.markBatch = this.open;
    }
    mark.last = seq;
    mark.messages++;
    state.unsynced++;
    if (isLate) {
      mark.late++;
      state.lowestLate = state.lateUnsynced === 0 ? seq : Math.min(state.lowestLate, seq);
      state.lateUnsynced++;
    }
    this.add(readings, count);
  }

  /** Adds a best-effort message. */
  add(readings: readonly Reading[], count: number): void {
    const batch = this.open;
    for (let at = 0; at < count; at++) batch.readings.push(readings[at] as Reading);
    batch.messages++;
    this.unsynced++;
    if (batch.messages === 1) this.schedule();
    else if (batch.messages >= FULL_BATCH) this.flush();
    else if (--this.untilCheck === 0) this.checkAge();
    this.options.onBacklog(this.unsynced);
  }

  /** Has something prepared (the quarantine, say) made durable soon, even if no message follows. */
  touch(): void {
    if (this.timer === null && this.open.messages === 0) this.schedule();
  }

  /** Resolves when everything that was added so far is on disk. */
  synced(): Promise<void> {
    const last = this.isOpenEmpty ? this.closed.at(-1) : this.open;
    if (last === undefined) return Promise.resolve();
    return new Promise((resolve) => last.waiting.push(resolve));
  }

  /** Writes what is there at once, and resolves when nothing is left to write. */
  drain(): Promise<void> {
    if (this.isOpenEmpty && this.closed.length === 0) return Promise.resolve();
    this.flush();
    return new Promise((resolve) => this.idle.push(resolve));
  }

  /** Stops the timers. What was not synced by then was never acked. */
  close(): void {
    if (this.timer) clearTimeout(this.timer);
    if (this.retryTimer) clearTimeout(this.retryTimer);
  }

  /** Whether the open batch has nothing to make durable, neither messages nor what `touch` told of. */
  private get isOpenEmpty(): boolean {
    return this.open.messages === 0 && this.timer === null && !this.isDue;
  }

  private schedule(): void {
    this.openedAt = performance.now();
    this.untilCheck = CHECK_EVERY;
    this.timer ??= setTimeout(() => {
      this.timer = null;
      this.flush();
    }, this.options.delayMs());
  }

  private checkAge(): void {
    this.untilCheck = CHECK_EVERY;
    if (performance.now() - this.openedAt >= this.options.delayMs()) this.flush();
  }

  /** Closes the open batch and writes it, or notes that it is due when a place is free. */
  private flush(): void {
    if (this.inFlight >= IN_FLIGHT || this.retryTimer !== null) {
      this.isDue = true;
      return;
    }
    this.isDue = false;
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    const batch = this.open;
    this.open = newBatch();
    this.closed.push(batch);
    this.write(batch);
  }

  private write(batch: PendingBatch): void {
    batch.state = 'writing';
    this.inFlight++;
    this.append(batch).then(
      (entry) => {
        batch.entry = entry;
        batch.state = 'synced';
        this.settle();
      },
      (error: Error) => {
        batch.state = 'failed';
        this.fail(error);
      },
    );
  }

  private async append(batch: PendingBatch): Promise<Entry | null> {
    this.options.prepare();
    if (batch.readings.length === 0 && batch.marks.length === 0) return null;
    return this.options.journal.append({ readings: batch.readings, ranges: batch.marks });
  }

  /** Answers the batches that are on disk, in order. */
  private settle(): void {
    this.inFlight--;
    const front = this.closed[0];
    while (this.closed[0]?.state === 'synced') this.answer(this.closed.shift() as PendingBatch);
    const hasMoved = front !== this.closed[0];
    if (this.isInTrouble && hasMoved && !this.closed.some(({ state }) => state === 'failed')) {
      this.isInTrouble = false;
      this.retryMs = RETRY_MS.first;
      this.options.onTrouble(null);
    }
    if (this.isDue || this.open.messages >= FULL_BATCH) this.flush();
    if (!this.isOpenEmpty || this.closed.length > 0) return;
    const idle = this.idle;
    this.idle = [];
    for (const resolve of idle) resolve();
  }

  private answer(batch: PendingBatch): void {
    this.unsynced -= batch.messages;
    for (const mark of batch.marks) {
      const { state } = mark;
      state.durable = Math.max(state.durable ?? 0, mark.last);
      state.unsynced -= mark.messages;
      state.lateUnsynced -= mark.late;
      // A device that falls silent must not keep the whole batch in memory.
      if (state.markBatch === batch) {
        state.mark = null;
        state.markBatch = null;
      }
    }
    if (batch.entry) this.options.onDurable(batch.entry, batch.readings);
    for (const mark of batch.marks) {
      mark.origin.settled(mark);
      if (mark.state.askers.size > 0) tellAskers(mark.state);
    }
    for (const resolve of batch.waiting) resolve();
    this.options.onBacklog(this.unsynced);
  }

  /** Everything that failed is written again, in order, when nothing is under way any more. */
  private fail(error: Error): void {
    this.inFlight--;
    this.isInTrouble = true;
    this.options.onTrouble(error);
    this.retryTimer ??= setTimeout(() => {
      this.retryTimer = null;
      this.retryMs = Math.min(this.retryMs * 2, RETRY_MS.last);
      for (const batch of this.closed) if (batch.state === 'failed') this.write(batch);
      if (this.inFlight < IN_FLIGHT && this.open.messages > 0) this.flush();
    }, this.retryMs);
  }
}

function tellAskers(state: BootState): void {
  for (const asker of state.askers) asker.ackDue(state);
  if (state.unsynced === 0) state.askers.clear();
}

function newBatch(): PendingBatch {
  return { readings: [], marks: [], messages: 0, state: 'open', entry: null, waiting: [] };
}
