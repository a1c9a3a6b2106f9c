import type { Value, ValuePoint } from '@fieldline/protocol/browser';

/** How many live readings are kept before the oldest go: the history has them. */
const MOST = 20_000;

/** Readings of a boolean or a text in order of time: history first, live values after it. */
export class StateSeries {
  /** Width of history's buckets, ms; 0 when it came as single readings. */
  readonly stepMs: number;
  #points: ValuePoint[] = [];

  constructor(stepMs: number) {
    this.stepMs = stepMs;
  }

  seed(points: readonly ValuePoint[]): void {
    for (const [t, value] of points) this.add(t, value);
  }

  add(time: number, value: Value): void {
    const points = this.#points;
    let index = points.length;
    while (index > 0 && (points[index - 1]?.[0] ?? 0) > time) index--;
    if (points[index - 1]?.[0] === time) points[index - 1] = [time, value];
    else points.splice(index, 0, [time, value]);
    if (points.length > MOST) this.#points = points.slice(-MOST / 2);
  }

  trim(before: number): void {
    const first = this.#points.findIndex(([t]) => t >= before);
    // The one before the edge says what the state was at the edge.
    if (first > 1) this.#points = this.#points.slice(first - 1);
  }

  /** What held at a time, as far as is known. */
  at(time: number): Value | undefined {
    return this.#points.findLast(([t]) => t <= time)?.[1];
  }

  all(): readonly ValuePoint[] {
    return this.#points;
  }
}
