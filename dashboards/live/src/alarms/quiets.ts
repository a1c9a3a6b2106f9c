import type { AlarmQuiet, AlarmView } from '@fieldline/protocol/browser';
import { type ReadonlySignal, signal } from '@preact/signals';
import * as hub from '../api/alarms.js';

/** An answer that is this young is not asked for again: a site that goes dark raises hundreds at once. */
const FRESH_MS = 2_000;

/** The limits that nobody is called about for a while, as the hub last told. */
export class Quiets {
  readonly #items = signal<readonly AlarmQuiet[]>([]);
  readonly #ask: () => Promise<readonly AlarmQuiet[]>;
  readonly #now: () => number;
  #askedAt = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> = Promise.resolve();

  constructor(ask: () => Promise<readonly AlarmQuiet[]> = hub.quiets, now = () => performance.now()) {
    this.#ask = ask;
    this.#now = now;
  }

  get items(): ReadonlySignal<readonly AlarmQuiet[]> {
    return this.#items;
  }

  /** Asks the hub, unless it has just been asked. @throws ApiError when it does not answer */
  ask(): Promise<void> {
    if (this.#now() < this.#askedAt + FRESH_MS) return this.#asking;
    return this.again();
  }

  /** Asks the hub in any case: something has changed. @throws ApiError when it does not answer */
  again(): Promise<void> {
    this.#askedAt = this.#now();
    this.#asking = this.#ask().then((items) => {
      this.#items.value = items;
    });
    return this.#asking;
  }

  /** What keeps people from being called for the limit of this alarm. Reading it in a component follows it. */
  of({ device, metric, level }: AlarmView): AlarmQuiet | undefined {
    return this.#items.value.find(
      (quiet) => quiet.device === device && quiet.metric === metric && quiet.level === level,
    );
  }
}

export const quiets = new Quiets();
