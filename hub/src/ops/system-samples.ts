import type { SystemSample } from '@fieldline/protocol';
import type { FastifyBaseLogger } from 'fastify';
import type { SinkStatus } from '../sinks/sink.js';
import type { Counters } from './counters.js';
import { type Buckets, syncTimes } from './sync-times.js';

/** How long a sample is: fine enough to watch, and rare enough to cost nothing. */
export const SAMPLE_MS = 5_000;
/** Samples that are kept, a quarter of an hour; older ones make room. */
const KEPT = 180;

export interface SystemSources {
  readonly counters: Counters;
  readonly sinks: () => Readonly<Record<string, SinkStatus>>;
  readonly viewers: () => number;
  /** The histogram of syncs, cumulative. */
  readonly syncs: () => Promise<Buckets>;
  readonly log: Pick<FastifyBaseLogger, 'warn'>;
  /** ms since 1970. */
  readonly now: () => number;
}

interface Look {
  readonly at: number;
  readonly messages: Readonly<Record<string, number>>;
  readonly readings: number;
  readonly rejected: number;
  readonly duplicates: number;
  readonly written: Readonly<Record<string, number>>;
  readonly syncs: Buckets;
  readonly loop: ReturnType<typeof performance.eventLoopUtilization>;
}

/** Looks at the counters every few seconds and keeps what happened between two looks, for the last minutes. */
export class SystemSamples {
  readonly #sources: SystemSources;
  readonly #samples: SystemSample[] = [];
  #last: Look | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(sources: SystemSources) {
    this.#sources = sources;
  }

  open(): void {
    this.#timer = setInterval(() => {
      this.take().catch((error: unknown) => {
        this.#sources.log.warn({ err: error }, 'the counters could not be looked at');
      });
    }, SAMPLE_MS);
    this.#timer.unref();
    void this.take();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Those that ended after `after` (ms since 1970), oldest first. */
  since(after: number): SystemSample[] {
    return this.#samples.filter(({ at }) => at > after);
  }

  /** Looks once. The first look only begins. */
  async take(): Promise<void> {
    const look = await this.#look();
    const before = this.#last;
    this.#last = look;
    if (before === null || look.at <= before.at) return;
    const seconds = (look.at - before.at) / 1000;
    const rate = (now: number, then: number) => Math.max(0, now - then) / seconds;
    const rates = (now: Look['messages'], then: Look['messages']) =>
      Object.fromEntries(
        Object.entries(now).map(([name, count]) => [name, rate(count, then[name] ?? count)]),
      );
    const { sinks, viewers } = this.#sources;
    this.#samples.push({
      at: look.at,
      messages: rates(look.messages, before.messages),
      readings: rate(look.readings, before.readings),
      rejected: rate(look.rejected, before.rejected),
      duplicates: rate(look.duplicates, before.duplicates),
      sync: syncTimes(look.syncs, before.syncs),
      lag: Object.fromEntries(Object.entries(sinks()).map(([name, { lag }]) => [name, lag])),
      written: rates(look.written, before.written),
      memoryBytes: process.memoryUsage.rss(),
      busy: performance.eventLoopUtilization(look.loop, before.loop).utilization,
      viewers: viewers(),
    });
    if (this.#samples.length > KEPT) this.#samples.shift();
  }

  async #look(): Promise<Look> {
    const { counters, sinks, syncs, now } = this.#sources;
    return {
      syncs: await syncs(),
      at: now(),
      messages: { ...counters.messages },
      readings: counters.readings,
      rejected: [...counters.rejects.values()].reduce((sum, count) => sum + count, 0),
      duplicates: counters.duplicates,
      written: Object.fromEntries(Object.entries(sinks()).map(([name, { written }]) => [name, written])),
      loop: performance.eventLoopUtilization(),
    };
  }
}
