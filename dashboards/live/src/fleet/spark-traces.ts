import type { Value } from '@fieldline/protocol/browser';
import { hubClock } from '../api/client.js';
import * as hub from '../api/hub.js';
import { SPARK_BUCKET_MS, SPARK_BUCKETS, SPARK_MS, SparkBuffer } from './spark-buffer.js';

/** How many histories are asked for at the same time: the rows in view, not a flood. */
const AT_ONCE = 4;
/** More than this many rows do not fit on a screen: those that scrolled by unseen are dropped, and asked for if seen again. */
const MOST_WAITING = 150;
/** A history is asked for when no new row has come into view for this long: not for rows that fly past. */
const SETTLED_MS = 250;
/** Whoever scrolls through ten thousand rows needs no more than these: what was not seen for long is asked for anew. */
const MOST_KEPT = 500;

interface Trace {
  readonly metric: string;
  readonly buffer: SparkBuffer;
  /** Called when the history has come. */
  readonly drawn: () => void;
}

/**
 * The sparklines of the devices that have been in view: made when a row is first drawn, filled from the history
 * once, then from live values. Rows that were never in view cost nothing.
 */
export class SparkTraces {
  readonly #traces = new Map<string, Trace>();
  readonly #waiting = new Map<string, Trace>();
  #running = 0;
  #settled: ReturnType<typeof setTimeout> | undefined;

  reading(device: string, time: number, values: Readonly<Record<string, Value>>): void {
    const trace = this.#traces.get(device);
    const value = trace && values[trace.metric];
    if (trace && typeof value !== 'string' && value !== undefined) trace.buffer.add(time, Number(value));
  }

  /** The trace of a device's main metric; `drawn` is called when its history has come. */
  of(device: string, metric: string, numeric: boolean, drawn: () => void): SparkBuffer {
    const known = this.#traces.get(device);
    if (known?.metric === metric) {
      // The order of the map is that of the last use.
      this.#traces.delete(device);
      this.#traces.set(device, known);
      return known.buffer;
    }
    const trace = { metric, buffer: new SparkBuffer(), drawn };
    this.#traces.delete(device);
    this.#traces.set(device, trace);
    this.#forget();
    if (numeric) {
      this.#waiting.set(device, trace);
      const [oldest] = this.#waiting.keys();
      if (this.#waiting.size > MOST_WAITING && oldest !== undefined) {
        this.#waiting.delete(oldest);
        this.#traces.delete(oldest);
      }
      clearTimeout(this.#settled);
      this.#settled = setTimeout(() => this.#fillAll(), SETTLED_MS);
    }
    return trace.buffer;
  }

  #forget(): void {
    const [oldest] = this.#traces.keys();
    if (this.#traces.size <= MOST_KEPT || oldest === undefined) return;
    this.#traces.delete(oldest);
    this.#waiting.delete(oldest);
  }

  /** Forgets the half hour before: after a break the history knows better. */
  clear(): void {
    this.#traces.clear();
    this.#waiting.clear();
  }

  #fillAll(): void {
    const free = Math.min(AT_ONCE - this.#running, this.#waiting.size);
    for (let n = 0; n < free; n++) void this.#fill(hubClock.now());
  }

  async #fill(now: number): Promise<void> {
    this.#running++;
    try {
      for (;;) {
        // The newest first: it is the one in view after a long scroll.
        const next = [...this.#waiting].at(-1);
        if (!next) return;
        const [device, { metric, buffer, drawn }] = next;
        this.#waiting.delete(device);
        const to = (Math.floor(now / SPARK_BUCKET_MS) + 1) * SPARK_BUCKET_MS;
        const from = to - SPARK_MS;
        const history = await hub
          .means(device, metric, { from, to, points: SPARK_BUCKETS })
          .catch(() => null);
        for (const [t, mean, , , count] of history?.points ?? []) buffer.seed(t, mean, count);
        if (history) drawn();
      }
    } finally {
      this.#running--;
    }
  }
}
