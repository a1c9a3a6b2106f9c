import { type ReadonlySignal, signal } from '@preact/signals';
import type { Readiness, SinkReadiness } from '../api/readiness.js';
import { Question } from '../live/question.js';

/** A sink as this page has watched it. */
export interface WatchedSink extends SinkReadiness {
  readonly name: string;
  /** Since when it is in this state, as far as this page has seen; ms by the hub's clock. */
  readonly since: number;
  /** Readings a second that it confirmed between the last two answers; null before there are two. */
  readonly perSecond: number | null;
}

/** What the hub last said of itself. */
export interface Health {
  /** When it said so, by its own clock. */
  readonly at: number;
  readonly journal: Readiness['journal'];
  readonly sinks: readonly WatchedSink[];
}

export interface HealthWorld {
  ask(): Promise<Readiness>;
  /** By the hub's clock. */
  now(): number;
}

const EVERY_MS = 2_000;

/** Asks the hub every two seconds how it is, while the page can be seen. */
export class HealthWatch {
  readonly #health = signal<Health | null>(null);
  readonly #question: Question;

  constructor(world: HealthWorld) {
    this.#question = new Question(EVERY_MS, async () => {
      const answer = await world.ask();
      this.#health.value = watched(this.#health.peek(), answer, world.now());
    });
  }

  /** Null until the first answer. While the hub is away it stays what it was, with its time. */
  get health(): ReadonlySignal<Health | null> {
    return this.#health;
  }

  open(): void {
    this.#question.open();
  }

  close(): void {
    this.#question.close();
  }

  /** Asks once. */
  ask(): Promise<void> {
    return this.#question.ask();
  }
}

/** The answer joined with the one before it. */
export function watched(before: Health | null, { journal, sinks }: Readiness, at: number): Health {
  return {
    at,
    journal,
    sinks: Object.entries(sinks).map(([name, sink]) => {
      const last = before?.sinks.find((candidate) => candidate.name === name);
      return { ...sink, name, since: sinceOf(last, sink, at), perSecond: rate(before?.at, last, sink, at) };
    }),
  };
}

/**
 * A sink that is away when the page is opened has been so for about as long as its oldest reading has waited. Later
 * the page sees it change.
 */
function sinceOf(last: WatchedSink | undefined, { state, oldest }: SinkReadiness, at: number): number {
  if (last) return last.state === state ? last.since : at;
  return state === 'retrying' || state === 'holding' ? Math.min(at, oldest ?? at) : at;
}

/** A hub that started again counts from nothing: then there is no rate. */
function rate(
  from: number | undefined,
  last: WatchedSink | undefined,
  sink: SinkReadiness,
  at: number,
): number | null {
  if (from === undefined || last === undefined || at <= from || sink.written < last.written) return null;
  return ((sink.written - last.written) * 1000) / (at - from);
}
