import { type ReadonlySignal, signal } from '@preact/signals';
import { Question } from './question.js';

/** What the hub counted in a few seconds. */
export interface Sample {
  /** Its end, ms since 1970. */
  readonly at: number;
  /** A second. */
  readonly readings: number;
}

/** Who counts: the hub. */
export type AskSamples = (after?: number) => Promise<{ readonly samples: readonly Sample[] }>;

const EVERY_MS = 5_000;
const KEPT_MS = 300_000;

/** Readings a second that the hub takes, whether a viewer sees each of them or not, and what they were for five minutes. */
export class Arrivals {
  readonly #samples = signal<readonly Sample[]>([]);
  readonly #question: Question;

  constructor(ask: AskSamples) {
    this.#question = new Question(EVERY_MS, async () => {
      const known = this.#samples.peek();
      const { samples } = await ask(known.at(-1)?.at);
      if (samples.length > 0) this.#samples.value = recent([...known, ...samples]);
    });
  }

  /** Oldest first; none until the hub has answered. While it is away they stay what they were. */
  get samples(): ReadonlySignal<readonly Sample[]> {
    return this.#samples;
  }

  open(): void {
    this.#question.open();
  }

  close(): void {
    this.#question.close();
  }

  /** Asks for what is new. */
  ask(): Promise<void> {
    return this.#question.ask();
  }
}

function recent(samples: readonly Sample[]): readonly Sample[] {
  const last = samples.at(-1)?.at ?? 0;
  return samples.filter(({ at }) => at > last - KEPT_MS);
}

/** A part of a break of which nothing is known makes a count of it worth nothing. */
const LEAST_KNOWN = 0.8;

/**
 * About how many readings the hub took between two times, ms since 1970. Null where it did not count for most of that time:
 * it was not there itself, or has not told yet.
 */
export function readingsBetween(samples: readonly Sample[], from: number, to: number): number | null {
  let known = 0;
  let readings = 0;
  for (const { at, readings: perSecond } of samples) {
    const ms = Math.min(at, to) - Math.max(at - EVERY_MS, from);
    if (ms <= 0) continue;
    known += ms;
    readings += (perSecond * ms) / 1000;
  }
  return known >= LEAST_KNOWN * (to - from) ? Math.round(readings) : null;
}
