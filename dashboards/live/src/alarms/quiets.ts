import type { AlarmQuiet, AlarmView } from '@fieldline/protocol/browser';
import { type ReadonlySignal, signal } from '@preact/signals';
import * as hub from '../api/alarms.js';
import { hubClock } from '../api/client.js';

/** An answer that is this young is not asked for again: a site that goes dark raises hundreds at once. */
const FRESH_MS = 2_000;

type Limit = Pick<AlarmView, 'device' | 'metric' | 'level'>;

const isOf = (quiet: AlarmQuiet, { device, metric, level }: Limit): boolean =>
  quiet.device === device && quiet.metric === metric && quiet.level === level;

interface QuietsWorld {
  readonly ask: () => Promise<readonly AlarmQuiet[]>;
  /** A monotonic time, ms. */
  readonly now: () => number;
  /** Now by the hub's clock, ms since 1970. */
  readonly clock: () => number;
}

const BROWSER: QuietsWorld = {
  ask: hub.quiets,
  now: () => performance.now(),
  clock: () => hubClock.now(),
};

/** The limits that nobody is called about for a while, as the hub last told. */
export class Quiets {
  readonly #items = signal<readonly AlarmQuiet[]>([]);
  readonly #world: QuietsWorld;
  #askedAt = Number.NEGATIVE_INFINITY;
  /** The last question: what older ones are answered may not be so any more. */
  #asking: Promise<void> = Promise.resolve();

  constructor(world: Partial<QuietsWorld> = {}) {
    this.#world = { ...BROWSER, ...world };
  }

  get items(): ReadonlySignal<readonly AlarmQuiet[]> {
    return this.#items;
  }

  /** Asks the hub, unless it has just been asked. @throws ApiError when it does not answer */
  ask(): Promise<void> {
    if (this.#world.now() < this.#askedAt + FRESH_MS) return this.#asking;
    return this.again();
  }

  /** Asks the hub in any case: something has changed. @throws ApiError when it does not answer */
  again(): Promise<void> {
    this.#askedAt = this.#world.now();
    const asking: Promise<void> = this.#world.ask().then((items) => {
      if (asking !== this.#asking) return this.#asking;
      this.#items.value = items;
    });
    this.#asking = asking;
    return asking;
  }

  /** Takes in what the hub has answered when a limit was made quiet: newer than all that was asked before. */
  put(quiet: AlarmQuiet): void {
    this.#changed([...this.#items.peek().filter((one) => !isOf(one, quiet)), quiet]);
  }

  /** Takes in that people are called for a limit again: newer than all that was asked before. */
  drop(limit: Limit): void {
    this.#changed(this.#items.peek().filter((one) => !isOf(one, limit)));
  }

  /** What keeps people from being called for the limit of this alarm. Reading it in a component follows it. */
  of(alarm: Limit): AlarmQuiet | undefined {
    const now = this.#world.clock();
    return this.#items.value.find((quiet) => isOf(quiet, alarm) && quiet.until > now);
  }

  /** Whether nobody is to be called for this alarm. A hub that does not answer keeps nobody from being called. */
  holds(alarm: Limit): Promise<boolean> {
    return this.ask().then(
      () => this.of(alarm) !== undefined,
      () => false,
    );
  }

  #changed(items: readonly AlarmQuiet[]): void {
    this.#asking = Promise.resolve();
    this.#items.value = items;
  }
}

export const quiets = new Quiets();
