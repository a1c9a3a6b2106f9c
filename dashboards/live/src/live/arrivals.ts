import { effect, type ReadonlySignal, signal } from '@preact/signals';
import type { Health } from '../system/health.js';

/** What a sink says of the journal: all that was ever journaled for it is one of these. */
interface Account {
  readonly name: string;
  readonly written: number;
  readonly lag: number;
  readonly skipped: number;
}

/** The state of the hub that the rate is taken from. */
export interface Stand {
  readonly at: number;
  readonly sinks: readonly Account[];
}

/** How many rates are kept: five minutes of one each two seconds. */
export const ARRIVALS_KEPT = 150;

/**
 * Readings a second that the hub takes, whether a viewer sees each of them or not: from what its sinks have written, and
 * what still waits for them.
 */
export class Arrivals {
  readonly #health: ReadonlySignal<Health | null>;
  readonly #perSecond = signal<number | null>(null);
  readonly #rates = signal<readonly number[]>([]);
  #stop: () => void = () => {};

  constructor(health: ReadonlySignal<Health | null>) {
    this.#health = health;
  }

  /** Null until there were two answers of the hub to compare. */
  get perSecond(): ReadonlySignal<number | null> {
    return this.#perSecond;
  }

  /** The last five minutes of it, oldest first, as far as this page has seen them. */
  get rates(): ReadonlySignal<readonly number[]> {
    return this.#rates;
  }

  open(): void {
    let before: Stand | null = null;
    this.#stop = effect(() => {
      const stand = this.#health.value;
      const rate = arrivalRate(before, stand);
      before = stand;
      if (rate === null) return;
      this.#perSecond.value = rate;
      this.#rates.value = [...this.#rates.peek().slice(1 - ARRIVALS_KEPT), rate];
    });
  }

  close(): void {
    this.#stop();
  }
}

/** Readings a second between two answers; null where they cannot be compared, as after a restart of the hub. */
export function arrivalRate(before: Stand | null, after: Stand | null): number | null {
  if (!before || !after || after.at <= before.at) return null;
  for (const sink of after.sinks) {
    const earlier = before.sinks.find(({ name }) => name === sink.name);
    const more = earlier === undefined ? -1 : journaled(sink) - journaled(earlier);
    if (more >= 0) return (more * 1000) / (after.at - before.at);
  }
  return null;
}

function journaled({ written, lag, skipped }: Account): number {
  return written + lag + skipped;
}
