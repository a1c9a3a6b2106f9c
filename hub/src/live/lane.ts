import { performance } from 'node:perf_hooks';
import type { Reading } from '@fieldline/journal';
import type { Audience } from './audience.js';
import { updateFrame } from './frames.js';
import { type MetricFilter, rowOf, type Track } from './track.js';

/** That a lane is about a device, and which of its metrics. */
export interface Interest {
  readonly track: Track;
  readonly lane: Lane;
  covers: MetricFilter;
  /** Whether the lane has yet to tell of a change. */
  dirty: boolean;
}

/** The number of the newest commit, counted by the one who publishes. */
export interface CommitClock {
  readonly version: number;
}

/**
 * The updates of one audience at one period: gathers which devices changed and, once a period, sends one
 * frame to all viewers of the audience. With period 0 the frame holds every reading of a commit.
 */
export class Lane {
  readonly audience: Audience;
  readonly periodMs: number;
  readonly #clock: CommitClock;
  /** The commit up to which everything has been sent. */
  #sentVersion: number;
  #dirty: Interest[] = [];
  /** Rows of the commit under way; only with period 0. */
  #rows: string[] = [];
  #sentAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(audience: Audience, periodMs: number, clock: CommitClock) {
    this.audience = audience;
    this.periodMs = periodMs;
    this.#clock = clock;
    this.#sentVersion = clock.version;
  }

  get sentVersion(): number {
    return this.#sentVersion;
  }

  /** What has changed and was not sent yet. */
  get dirty(): readonly Interest[] {
    return this.#dirty;
  }

  /** A reading of a device that is wanted here came in. `changed`: it brought a latest value. */
  add(interest: Interest, reading: Reading, changed: boolean): void {
    if (this.periodMs === 0) {
      const row = rowOf(reading, interest.covers);
      if (row === undefined) return;
      this.#rows.push(row);
    } else if (!changed) {
      return;
    }
    if (interest.dirty) return;
    interest.dirty = true;
    this.#dirty.push(interest);
    if (this.periodMs > 0 && this.#timer === undefined) this.#arm();
  }

  /** The commit is complete. */
  endCommit(): void {
    if (this.periodMs === 0 && this.#rows.length > 0) this.#send();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** The first change after a quiet period goes out with the rest of its commit, at once. */
  #arm(): void {
    const waitMs = Math.max(0, this.#sentAt + this.periodMs - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#sentAt = performance.now();
      this.#send();
    }, waitMs);
  }

  #send(): void {
    const since = this.#sentVersion;
    const dirty = this.#dirty;
    const rows =
      this.periodMs === 0 ? this.#rows : dirty.flatMap(({ track, covers }) => track.rowsSince(since, covers));
    this.#dirty = [];
    this.#rows = [];
    this.#sentVersion = this.#clock.version;
    for (const interest of dirty) interest.dirty = false;
    if (rows.length === 0) return;
    const frame = updateFrame(rows);
    for (const viewer of this.audience.viewers) viewer.update(frame, rows.length, dirty, since);
  }
}
