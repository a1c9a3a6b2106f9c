import { setTimeout as sleep } from 'node:timers/promises';
import type { Entry, Journal } from '@fieldline/journal';
import { Backoff } from './backoff.js';
import { Bell } from './bell.js';
import { Confirmations } from './confirmations.js';
import { sliceEntries } from './entries.js';
import { HOLD, OPEN_WAIT_MS, type PumpOptions, RETRY, WRITE_TIMEOUT_MS } from './pump-options.js';
import { quarantined } from './quarantine.js';
import { type Rejection, type Sink, SinkError, type SinkErrorKind, type SinkStatus } from './sink.js';
import { Suspicion } from './suspicion.js';
import { unlessStopped } from './unless-stopped.js';
import { Unsaved } from './unsaved.js';
import { writeWithin } from './write-within.js';

export type { PumpLog, PumpOptions } from './pump-options.js';

/**
 * Carries readings from the journal to one sink, in order, one write at a time: cursor, gathering, retry,
 * quarantine and counting. Only what the sink confirmed, or what was put into the quarantine, moves the
 * cursor. A failing sink is tried for ever and costs nothing but the journal's space.
 */
export class Pump {
  readonly #options: PumpOptions;
  readonly #sink: Sink;
  readonly #journal: Journal;
  readonly #backoff: Backoff;
  readonly #bell = new Bell();
  readonly #confirmations = new Confirmations();
  readonly #suspicion = new Suspicion();
  readonly #errors: Partial<Record<SinkErrorKind, number>> = {};
  readonly #stop = new AbortController();
  #state: SinkStatus['state'] = 'starting';
  #error: string | undefined;
  #cursor = 0;
  #written = 0;
  #skipped = 0;
  /** Idle: the next append has to wake the pump. */
  #idle = false;
  /** Where to end; undefined while running. */
  #drainTo: number | undefined;
  #stopListening: () => void = () => undefined;
  /** What the far side may forget; undefined for one that confirms what it has on its disk. */
  readonly #unsaved: Unsaved | undefined;
  #hasForgotten = false;
  #running: Promise<void> = Promise.resolve();

  constructor(options: PumpOptions) {
    this.#options = options;
    this.#sink = options.sink;
    this.#journal = options.journal;
    this.#backoff = new Backoff(options.random);
    const { forgets } = options.sink;
    this.#unsaved = forgets && new Unsaved(forgets.savedAfterMs);
  }

  /**
   * Attaches to the journal and opens the sink. Resolves after the first try, or soon when that hangs: a sink
   * that cannot be opened now is tried again in the background, and its status says so.
   */
  async open(): Promise<void> {
    this.#cursor = this.#journal.attach(this.#sink.name, this.#options.cap);
    const stopAppends = this.#journal.onAppend(() => this.#appended());
    const stopForgetting = this.#sink.forgets?.onForgotten(() => this.#forgot());
    this.#stopListening = () => {
      stopAppends();
      stopForgetting?.();
    };
    const opening = this.#openSink();
    this.#running = opening.then((opened) => this.#run(opened));
    const opened = new AbortController();
    const late = sleep(this.#options.openWaitMs ?? OPEN_WAIT_MS, undefined, { signal: opened.signal });
    await Promise.race([opening, late.catch(() => undefined)]);
    opened.abort();
  }

  /** That of its sink, and of its cursor in the journal. */
  get name(): string {
    return this.#sink.name;
  }

  status(): SinkStatus {
    // While it waits for its next try, the journal may already have let go of its oldest.
    const cursor = Math.max(this.#cursor, this.#journal.cursor(this.#sink.name));
    const lag = Math.max(0, this.#journal.head - cursor);
    return {
      state: this.#state,
      lag,
      oldest: lag === 0 ? null : (this.#journal.stats().oldest[this.#sink.name] ?? null),
      written: this.#written,
      skipped: this.#skipped,
      errors: { ...this.#errors },
      ...(this.#error === undefined ? {} : { error: this.#error }),
    };
  }

  /**
   * Hastens the sink. Resolves to true once it has confirmed everything up to `offset`; to false after
   * `timeoutMs`, and at once while the sink is failing, because a reader gains nothing by waiting then.
   */
  settle(offset: number, timeoutMs: number): Promise<boolean> {
    if (this.#cursor >= offset) return Promise.resolve(true);
    if (this.#state !== 'running') return Promise.resolve(false);
    const confirmed = this.#confirmations.wait(offset, timeoutMs);
    this.#bell.ring();
    return confirmed;
  }

  /**
   * Writes what the journal holds at this moment, for `deadlineMs` at the most, then closes the sink. What was
   * not written by then, or while the sink is failing, stays in the journal for the next start; as does what the far
   * side may not have saved yet, since it may have gone without a word.
   */
  async close(deadlineMs: number): Promise<void> {
    this.#stopListening();
    this.#drainTo = this.#journal.head;
    if (this.#state !== 'running') this.#abort();
    const deadline = setTimeout(() => this.#abort(), deadlineMs);
    this.#bell.ring();
    await this.#running;
    clearTimeout(deadline);
    this.#confirmations.cancel();
    this.#state = 'closed';
    try {
      await this.#sink.close();
    } catch (error) {
      this.#options.log.warn({ sink: this.#sink.name, err: error }, 'the sink did not close cleanly');
    }
  }

  #abort(): void {
    this.#stop.abort();
    this.#bell.ring();
  }

  #appended(): void {
    // For the first reading and for a full batch, not for each of the hundreds of appends between.
    if (this.#idle || this.#lag() >= this.#sink.batch.maxReadings) this.#bell.ring();
  }

  #forgot(): void {
    this.#hasForgotten = true;
    this.#bell.ring();
  }

  /** Begins again with what the far side may have forgotten. */
  #goBack(): void {
    if (!this.#hasForgotten) return;
    this.#hasForgotten = false;
    this.#unsaved?.forget();
    const saved = this.#journal.cursor(this.#sink.name);
    const readings = this.#cursor - saved;
    if (readings <= 0) return;
    this.#cursor = saved;
    this.#options.log.info(
      { sink: this.#sink.name, readings },
      'what the far side may have lost is written again',
    );
  }

  #lag(): number {
    return (this.#drainTo ?? this.#journal.head) - this.#cursor;
  }

  /** Opens the sink and takes its own cursor over, where it keeps one that can belong to this journal. */
  async #openSink(): Promise<boolean> {
    try {
      const own = await unlessStopped(this.#sink.open(), this.#stop.signal);
      if (own !== null && own <= this.#journal.head) this.#cursor = own;
      else if (own !== null)
        this.#warn({ own, head: this.#journal.head }, 'the sink followed another journal');
      this.#journal.commit(this.#sink.name, this.#cursor);
      this.#recovered();
      return true;
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#failed(error);
      return false;
    }
  }

  async #run(opened: boolean): Promise<void> {
    let open = opened;
    while (!open && !this.#stop.signal.aborted) {
      await this.#pause();
      if (!this.#stop.signal.aborted) open = await this.#openSink();
    }
    while (await this.#gathered()) {
      try {
        await this.#step();
      } catch (error) {
        // The journal could not be read. Nothing is lost by trying again.
        this.#failed(error);
        await this.#pause();
      }
    }
  }

  /** Waits until there is enough to write, or somebody waits for it; false when there is nothing left to do. */
  async #gathered(): Promise<boolean> {
    const { maxReadings, lingerMs } = this.#sink.batch;
    this.#goBack();
    while (this.#lag() <= 0 && !this.#ended()) {
      this.#idle = true;
      await this.#bell.wait();
      this.#idle = false;
      this.#goBack();
    }
    const until = performance.now() + lingerMs;
    while (this.#lag() < maxReadings && this.#confirmations.size === 0 && this.#drainTo === undefined) {
      const leftMs = until - performance.now();
      if (leftMs <= 0) break;
      await this.#bell.wait(leftMs);
    }
    return !this.#ended();
  }

  #ended(): boolean {
    return this.#stop.signal.aborted || (this.#drainTo !== undefined && this.#cursor >= this.#drainTo);
  }

  /** Reads a batch and writes it, or finds out why it cannot be written. */
  async #step(): Promise<void> {
    if (this.#options.cap !== undefined) this.#skipTo(this.#journal.cursor(this.#sink.name));
    const { head } = this.#journal;
    const limit = Math.min(this.#sink.batch.maxReadings, this.#suspicion.limit);
    const read = await this.#journal.read(this.#cursor, limit);
    // What comes next must not overtake what is to be written again.
    if (this.#hasForgotten) return;
    this.#skipTo(read[0] === undefined ? head : read[0].first - 1);
    const entries = sliceEntries(read, this.#cursor, this.#suspicion.limit);
    const last = entries.at(-1)?.last;
    if (last === undefined) return;
    const count = last - this.#cursor;
    try {
      const rejections = await writeWithin(this.#sink, entries, {
        timeoutMs: this.#options.writeTimeoutMs ?? WRITE_TIMEOUT_MS,
        stop: this.#stop.signal,
        onTimeout: (error) => {
          this.#failed(error);
          this.#suspicion.tookTooLong(count);
        },
      });
      if (!(await this.#quarantine(rejections))) return;
      this.#suspicion.succeeded(count);
      // It may have happened during the write, or while the quarantine waited for its disk.
      if (this.#hasForgotten) return;
      this.#confirmed(last, rejections.filter((rejection) => rejection.metric === undefined).length);
      this.#recovered();
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      const kind = this.#failed(error);
      if (this.#suspicion.failed(kind, count) === 'give-up' && (await this.#giveUp(entries, error))) {
        if (this.#hasForgotten) return;
        this.#confirmed(last, count);
        if (this.#lag() <= 0) this.#recovered();
      } else {
        if (this.#suspicion.limit < count) this.#backoff.reset();
        await this.#pause();
      }
    }
  }

  #confirmed(last: number, refused: number): void {
    this.#written += last - this.#cursor - refused;
    this.#cursor = last;
    const saved = this.#unsaved === undefined ? last : this.#unsaved.confirmed(last);
    if (saved !== undefined) this.#journal.commit(this.#sink.name, saved);
    this.#confirmations.reached(last);
  }

  /** Does without the one reading of `entries`, which the sink cannot take. False when the pump was stopped. */
  #giveUp(entries: readonly Entry[], error: unknown): Promise<boolean> {
    const message = error instanceof Error ? error.message : String(error);
    const readings = entries.flatMap((entry) => entry.readings());
    return this.#quarantine(readings.map((reading) => ({ reading, code: 'sink_rejected', message })));
  }

  /** Resolves once the rejections are durable; to false when the pump was stopped before. */
  async #quarantine(rejections: readonly Rejection[]): Promise<boolean> {
    if (rejections.length === 0) return true;
    for (const rejection of rejections) {
      this.#options.counters.reject(rejection.code);
      this.#options.quarantine.add(quarantined(rejection, this.#sink.name));
    }
    while (!this.#stop.signal.aborted) {
      try {
        await this.#options.quarantine.flush();
        return true;
      } catch (error) {
        this.#failed(error);
        await this.#pause();
      }
    }
    return false;
  }

  /** Readings up to `offset` are gone from the journal, or over the cap: they are not waited for. */
  #skipTo(offset: number): void {
    const count = offset - this.#cursor;
    if (count <= 0) return;
    this.#skipped += count;
    this.#cursor = offset;
    this.#journal.commit(this.#sink.name, offset);
    this.#confirmations.reached(offset);
    this.#warn({ readings: count, offset }, 'readings were skipped: the journal does not hold them any more');
  }

  /** Counts a failure and shows it. While draining there is no second try. */
  #failed(error: unknown): SinkErrorKind {
    const kind = error instanceof SinkError ? error.kind : 'internal';
    const message = error instanceof Error ? error.message : String(error);
    this.#errors[kind] = (this.#errors[kind] ?? 0) + 1;
    this.#state = this.#needsHands(kind) ? 'holding' : 'retrying';
    // Where the other side is at fault, a stack tells nothing.
    const why = kind === 'network' || kind === 'credentials' ? { reason: message } : { err: error };
    if (message !== this.#error) this.#warn({ kind, state: this.#state, ...why }, 'the sink failed');
    this.#error = message;
    this.#confirmations.cancel();
    if (this.#drainTo !== undefined) this.#abort();
    return kind;
  }

  #recovered(): void {
    if (this.#error !== undefined) {
      this.#options.log.info({ sink: this.#sink.name, lag: this.#lag() }, 'the sink works again');
    }
    this.#state = 'running';
    this.#error = undefined;
    this.#backoff.reset();
  }

  /** Whether somebody has to do something before another try makes sense. */
  #needsHands(kind: SinkErrorKind): boolean {
    if (kind === 'internal') return this.#suspicion.exhausted;
    return kind === 'credentials' || kind === 'full' || kind === 'damaged';
  }

  async #pause(): Promise<void> {
    const bounds = this.#state === 'holding' ? (this.#options.hold ?? HOLD) : (this.#options.retry ?? RETRY);
    try {
      await sleep(this.#backoff.next(bounds), undefined, { signal: this.#stop.signal });
    } catch {
      // Stopped: there is nothing more to wait for.
    }
  }

  #warn(fields: object, message: string): void {
    this.#options.log.warn({ sink: this.#sink.name, ...fields }, message);
  }
}
