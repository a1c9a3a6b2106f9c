import type { Value } from '@fieldline/protocol/browser';
import { computed, signal } from '@preact/signals';
import { ApiError, hubClock } from '../api/client.js';
import type { Range } from '../api/hub.js';
import * as hub from '../api/hub.js';
import type { BucketSeries } from '../chart/bucket-series.js';
import type { StateSeries } from '../chart/state-series.js';
import { stepFor } from '../chart/step.js';
import { DEFAULT_SPAN_MS, fitSpan, fittingSpan } from './ranges.js';
import { type HistorySource, type Metrics, Traces } from './traces.js';
import type { View } from './view-address.js';

/**
 * Live values are conflated: the history is asked again after so many buckets, and takes their place; within these
 * bounds.
 */
const REFRESH_BUCKETS = 10;
const REFRESH_MS = { least: 15_000, most: 60_000 };
/** A live value so old was kept by its device: others that came with it are in the history only. */
const LATE_MS = 10_000;
const LATE_SETTLE_MS = 2_000;
/** An end so near to now is now. */
const NOW_MS = 1_000;
/** Changes that come together (a new width and a new range) ask once. */
const SETTLE_MS = 40;

const NOTHING = new Traces({ numbers: [], states: [] }, 1_000, 0);

export type RecorderStatus =
  | { readonly kind: 'loading' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly code: string };

/**
 * The recorder of one device: which range is shown, where the crosshair is, and the readings in it: history
 * before, live after, joined without a seam.
 */
export class Recorder {
  readonly view = signal<View>({ spanMs: DEFAULT_SPAN_MS, end: null });
  /** Where the crosshair stands, ms; null when nobody points. */
  readonly at = signal<number | null>(null);
  readonly status = signal<RecorderStatus>({ kind: 'loading' });
  /** The history of what is shown now is on its way. */
  readonly asking = signal(false);
  readonly widthPx = signal(0);
  readonly stepMs = computed(() => stepFor(this.view.value.spanMs, this.widthPx.value || 900));
  /** Counts up when history has come; live readings show with the next second. */
  readonly changed = signal(0);
  readonly openedAt: number;
  readonly #device: string;
  readonly #history: HistorySource;
  readonly #now: () => number;
  #shown: Traces = NOTHING;
  /** What the history was asked for; up to now where it was live. */
  #covered: { readonly from: number; readonly to: number } | undefined;
  #coming: Traces | undefined;
  /** Until somebody chooses a range, the first history may narrow it. */
  #mayFit = true;
  #homeMs = DEFAULT_SPAN_MS;
  #metrics: Metrics = { numbers: [], states: [] };
  #askedLate = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #abort = new AbortController();

  constructor(device: string, history: HistorySource = hub, now: () => number = () => hubClock.now()) {
    this.#device = device;
    this.#history = history;
    this.#now = now;
    this.openedAt = now();
  }

  numbers(metric: string): BucketSeries | undefined {
    return this.#shown.numbers.get(metric);
  }

  states(metric: string): StateSeries | undefined {
    return this.#shown.states.get(metric);
  }

  /** Which part of time is on screen at this moment. */
  window(now: number): { readonly from: number; readonly to: number } {
    const { spanMs, end } = this.view.value;
    const to = end ?? now;
    return { from: to - spanMs, to };
  }

  /**
   * The part of a range of which all is known that can be: the history has answered for it. Beyond it nobody knows yet
   * whether there were readings.
   */
  covered(from: number, to: number): { readonly from: number; readonly to: number } {
    const known = this.#covered;
    if (known === undefined) return { from, to };
    const inside = (t: number) => Math.max(known.from, Math.min(known.to, t));
    return { from: inside(from), to: inside(to) };
  }

  /** Shows these metrics. Those that stay keep their readings until the new ones are here. */
  show(numbers: readonly string[], states: readonly string[]): void {
    const same = (a: readonly string[], b: readonly string[]) => a.join('\n') === b.join('\n');
    if (same(numbers, this.#metrics.numbers) && same(states, this.#metrics.states)) return;
    this.#metrics = { numbers, states };
    this.reload();
  }

  /** Takes the width of the lanes' time, on which the width of a bucket depends. */
  resize(widthPx: number): void {
    const before = this.stepMs.peek();
    this.widthPx.value = widthPx;
    if (this.stepMs.peek() !== before) this.reload();
  }

  /** Shows the range up to now, within what there can be. */
  follow(spanMs: number): void {
    this.#homeMs = fitSpan(spanMs);
    this.#look({ spanMs: this.#homeMs, end: null });
  }

  /** Back to now, with the span that was chosen last. */
  home(): void {
    this.follow(this.#homeMs);
  }

  /** Shows a range, within what there can be. One that ends now goes on with the time. */
  zoom(spanMs: number, end: number): void {
    this.#look({ spanMs: fitSpan(spanMs), end: end >= this.#now() - NOW_MS ? null : Math.round(end) });
  }

  /** Shows what an address names. */
  look({ spanMs, end }: View): void {
    if (end === null) this.follow(spanMs);
    else this.zoom(spanMs, end);
  }

  /** Shows `factor` times as much; what stands at `anchor` stays where it is. */
  zoomAround(factor: number, anchor: number): void {
    const { from, to } = this.window(this.#now());
    const spanMs = fitSpan((to - from) * factor);
    const share = (to - anchor) / (to - from);
    this.zoom(spanMs, anchor + share * spanMs);
  }

  /** Moves the picture by a part of its span: back in time where it is negative. The future is not shown. */
  pan(share: number): void {
    const { spanMs } = this.view.peek();
    const { to } = this.window(this.#now());
    this.zoom(spanMs, to + share * spanMs);
  }

  /** Holds the picture still, or follows again. */
  pause(): void {
    const { spanMs, end } = this.view.value;
    if (end === null) this.view.value = { spanMs, end: Math.round(this.#now()) };
    else this.follow(spanMs);
  }

  /** Takes one live reading. */
  reading(time: number, values: Readonly<Record<string, Value>>): void {
    // A picture that stands still takes nothing in: going live asks the history for what came meanwhile.
    if (this.view.peek().end !== null) return;
    const arrivedAt = this.#now();
    const { from } = this.window(arrivedAt);
    if (arrivedAt - time > LATE_MS && time > from) this.#askSoon(arrivedAt);
    for (const metric in values) {
      const value = values[metric];
      if (value === undefined) continue;
      this.#shown.live(metric, time, value, arrivedAt);
      this.#shown.trim(metric, from);
      this.#coming?.live(metric, time, value, arrivedAt);
    }
  }

  /** Asks for the history of the range again: after a break, a failure, or a change of what is shown. */
  reload(): void {
    this.#loadIn(SETTLE_MS);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#abort.abort();
  }

  #look(view: View): void {
    const before = this.view.value;
    if (before.spanMs === view.spanMs && before.end === view.end) return;
    this.#mayFit = false;
    this.view.value = view;
    this.at.value = null;
    this.asking.value = true;
    this.reload();
  }

  /** Asks for what came late, now and then as long as more of it comes. */
  #askSoon(now: number): void {
    if (now < this.#askedLate + LATE_MS) return;
    this.#askedLate = now;
    this.#loadIn(LATE_SETTLE_MS);
  }

  #loadIn(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#load();
    }, ms);
  }

  async #load(): Promise<void> {
    if (this.#metrics.numbers.length + this.#metrics.states.length === 0) {
      this.asking.value = false;
      return;
    }
    this.#abort.abort();
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    const stepMs = this.stepMs.peek();
    const { spanMs, end } = this.view.peek();
    const isLive = end === null;
    const coming = new Traces(this.#metrics, stepMs, spanMs);
    this.#coming = coming;
    const { from, to } = this.window(this.#now());
    const range = gridRange(from, to, stepMs);
    const failure = await coming
      .fill({ device: this.#device, history: this.#history, range, now: this.#now, signal })
      .then(() => undefined, codeOf);
    // Another question was asked meanwhile: this answer is to one that nobody has any more.
    if (signal.aborted) return;
    if (failure !== undefined) coming.fail(this.#now());
    // What is on screen is worth more than a picture without its past.
    if (failure === undefined || this.#shown === NOTHING) {
      this.#shown = coming;
      this.#covered = isLive ? { from: range.from, to: Number.POSITIVE_INFINITY } : range;
    }
    this.#coming = undefined;
    this.asking.value = this.#timer !== undefined;
    this.status.value = failure === undefined ? { kind: 'ready' } : { kind: 'failed', code: failure };
    this.changed.value++;
    // A change that is about to ask by itself goes first.
    if (this.view.peek().end === null && this.#timer === undefined) {
      const { least, most } = REFRESH_MS;
      this.#loadIn(Math.max(least, Math.min(most, REFRESH_BUCKETS * stepMs)));
    }
    if (failure === undefined) this.#fit(to);
  }

  /** A device of five minutes needs no empty hour: narrows to the shortest range that holds all its readings. */
  #fit(to: number): void {
    if (!this.#mayFit) return;
    this.#mayFit = false;
    const earliest = this.#shown.earliest();
    if (earliest === undefined) return;
    const spanMs = fittingSpan(to - earliest);
    if (spanMs < this.view.peek().spanMs) this.follow(spanMs);
  }
}

/** The range on the hub's grid, one bucket beyond each edge, so that the line enters and leaves the picture. */
function gridRange(from: number, to: number, stepMs: number): Range {
  const first = (Math.floor(from / stepMs) - 1) * stepMs;
  const end = (Math.floor(to / stepMs) + 2) * stepMs;
  return { from: first, to: end, points: Math.round((end - first) / stepMs) };
}

function codeOf(error: unknown): string {
  return error instanceof ApiError ? error.code : 'unknown';
}
