import { type ReadonlySignal, signal } from '@preact/signals';
import type { Readiness, SinkReadiness } from '../api/readiness.js';

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
  readonly #world: HealthWorld;
  readonly #health = signal<Health | null>(null);
  #timer: ReturnType<typeof setInterval> | undefined;
  #isAsking = false;

  constructor(world: HealthWorld) {
    this.#world = world;
  }

  /** Null until the first answer. While the hub is away it stays what it was, with its time. */
  get health(): ReadonlySignal<Health | null> {
    return this.#health;
  }

  open(): void {
    document.addEventListener('visibilitychange', this.#follow);
    this.#follow();
  }

  close(): void {
    document.removeEventListener('visibilitychange', this.#follow);
    clearInterval(this.#timer);
  }

  readonly #follow = (): void => {
    clearInterval(this.#timer);
    if (document.hidden) return;
    void this.ask();
    this.#timer = setInterval(() => void this.ask(), EVERY_MS);
  };

  /** Asks once, if no question is on its way. */
  async ask(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      const answer = await this.#world.ask();
      this.#health.value = watched(this.#health.peek(), answer, this.#world.now());
    } catch {
      // The link's own strip says that the hub is away; what was known stays, and ages.
    } finally {
      this.#isAsking = false;
    }
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
