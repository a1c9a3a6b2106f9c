import type { Value, ValuePoint } from '@fieldline/protocol/browser';
import { ApiError } from '../api/client.js';
import type * as hub from '../api/hub.js';
import type { History } from '../api/hub.js';
import { BucketSeries } from '../chart/bucket-series.js';
import { StateSeries } from '../chart/state-series.js';
import { Seam } from './seam.js';

/** Up to this span states come as single readings, so that no short one is lost. */
const RAW_SPAN_MS = 3_600_000;
const RAW_POINTS = 5_000;

/** Who answers for the past: the hub. */
export type HistorySource = Pick<typeof hub, 'means' | 'values'>;

/** Which metrics are shown: numbers as lines, booleans and texts as states. */
export interface Metrics {
  readonly numbers: readonly string[];
  readonly states: readonly string[];
}

/** The history that is asked for. */
export interface Question {
  readonly device: string;
  readonly history: HistorySource;
  readonly range: hub.Range;
  /** The hub's clock, ms. */
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** The readings of some metrics in one range: history, and behind it what is live, on one grid. */
export class Traces {
  readonly numbers = new Map<string, BucketSeries>();
  readonly states = new Map<string, StateSeries>();
  readonly #seams = new Map<string, Seam>();

  constructor(metrics: Metrics, stepMs: number, spanMs: number) {
    for (const metric of metrics.numbers) {
      const series = new BucketSeries(stepMs);
      this.numbers.set(metric, series);
      this.#seams.set(
        metric,
        new Seam((time, value) => typeof value === 'number' && series.add(time, value)),
      );
    }
    for (const metric of metrics.states) {
      const series = new StateSeries(spanMs <= RAW_SPAN_MS ? 0 : stepMs);
      this.states.set(metric, series);
      this.#seams.set(metric, new Seam((time, value) => series.add(time, value)));
    }
  }

  /** Takes a live value; before the history is here, it waits. */
  live(metric: string, time: number, value: Value, arrivedAt: number): void {
    this.#seams.get(metric)?.live({ time, value, arrivedAt });
  }

  /** Forgets what has scrolled off. */
  trim(metric: string, before: number): void {
    this.numbers.get(metric)?.trim(before);
    this.states.get(metric)?.trim(before);
  }

  /** When the first number was read; undefined when none was. */
  earliest(): number | undefined {
    const starts = [...this.numbers.values()].flatMap((series) => series.first()?.t ?? []);
    return starts.length > 0 ? Math.min(...starts) : undefined;
  }

  /** Asks for the history of every metric at once, and takes it in. @throws what the first failure threw */
  async fill(question: Question): Promise<void> {
    const { device, history, range, signal } = question;
    await Promise.all([
      ...[...this.numbers].map(async ([metric, series]) => {
        const ask = () => history.means(device, metric, range, signal);
        await this.#join(metric, question, ask, (points) => series.seed(points));
      }),
      ...[...this.states].map(async ([metric, series]) => {
        const ask = () => statesOf(metric, series.stepMs === 0, question);
        await this.#join(metric, question, ask, (points) => series.seed(points));
      }),
    ]);
  }

  /** There is no history: what waited for it is all there is. */
  fail(at: number): void {
    for (const seam of this.#seams.values()) seam.answered(at, true);
  }

  async #join<Point>(
    metric: string,
    { now }: Question,
    ask: () => Promise<History<Point>>,
    seed: (points: readonly Point[]) => void,
  ): Promise<void> {
    const seam = this.#seams.get(metric);
    seam?.asked(now());
    const answer = await ask().catch(nothingSeen);
    if (answer) seed(answer.points);
    seam?.answered(now());
  }
}

/** Single readings where they fit into one answer, else the last of each bucket. */
async function statesOf(metric: string, raw: boolean, question: Question): Promise<History<ValuePoint>> {
  const { device, history, range, signal } = question;
  if (raw) {
    const answer = await history.values(device, metric, { ...range, points: RAW_POINTS }, 'raw', signal);
    if (answer.next === null) return answer;
  }
  return history.values(device, metric, range, 'last', signal);
}

/** A metric that was never read has no history: that is no failure. */
function nothingSeen(error: unknown): undefined {
  if (error instanceof ApiError && error.status === 404) return undefined;
  throw error;
}
