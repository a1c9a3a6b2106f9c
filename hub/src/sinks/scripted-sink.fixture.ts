import type { Entry, Reading } from '@fieldline/journal';
import type { Rejection, Sink } from './sink.js';

type Answer = (readings: readonly Reading[], signal: AbortSignal) => Promise<readonly Rejection[]>;

/** A sink in memory that does what the test tells it to. */
export class ScriptedSink implements Sink {
  readonly name = 'scripted';
  readonly batch: { readonly maxReadings: number; readonly lingerMs: number };
  /** What was confirmed, in order. */
  readonly stored: Reading[] = [];
  /** Offsets `[first, last]` of every write that was tried. */
  readonly tried: [first: number, last: number][] = [];
  /** What `open` resolves with, or throws. */
  own: number | null | Error = null;
  opened = 0;
  closed = 0;
  /** Decides about the writes; without it all succeed. */
  answer: Answer = () => Promise.resolve([]);
  readonly #watchers = new Set<() => void>();

  constructor(batch = { maxReadings: 1000, lingerMs: 0 }) {
    this.batch = batch;
  }

  async open(): Promise<number | null> {
    this.opened++;
    this.#changed();
    if (this.own instanceof Error) throw this.own;
    return this.own;
  }

  async write(entries: readonly Entry[], signal: AbortSignal): Promise<readonly Rejection[]> {
    const readings = entries.flatMap((entry) => entry.readings());
    this.tried.push([entries[0]?.first ?? 0, entries.at(-1)?.last ?? 0]);
    this.#changed();
    const rejections = await this.answer(readings, signal);
    const refused = new Set(rejections.map((rejection) => rejection.reading));
    this.stored.push(...readings.filter((reading) => !refused.has(reading)));
    this.#changed();
    return rejections;
  }

  async close(): Promise<void> {
    this.closed++;
  }

  /** Resolves as soon as `isTrue`, looked at after every call of the pump. */
  async until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) {
      await new Promise<void>((resolve) => {
        const watcher = () => {
          this.#watchers.delete(watcher);
          resolve();
        };
        this.#watchers.add(watcher);
      });
    }
  }

  /** The values `n` that were confirmed. */
  get numbers(): unknown[] {
    return this.stored.map((reading) => reading.values.n);
  }

  #changed(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }
}
