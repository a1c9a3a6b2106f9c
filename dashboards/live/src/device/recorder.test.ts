import type { MeanPoint, ValuePoint } from '@fieldline/protocol/browser';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../api/client.js';
import type { History, Range } from '../api/hub.js';
import { MOST_SPAN_MS } from './ranges.js';
import { Recorder } from './recorder.js';
import type { HistorySource } from './traces.js';

const NOW = 1_800_000_000_000;
const MINUTE = 60_000;

/** An answer of the history. */
function answerOf<Point>(points: readonly Point[], next: string | null = null): History<Point> {
  return { device: 'a', metric: 't', unit: null, interval: 0, points, next };
}

/** A history whose answers the test gives, one by one. */
class FakeHistory implements HistorySource {
  readonly asked: { metric: string; range: Range; answer: (points: readonly MeanPoint[]) => void }[] = [];
  failure: ApiError | undefined;
  means(_device: string, metric: string, range: Range): Promise<History<MeanPoint>> {
    if (this.failure) return Promise.reject(this.failure);
    return new Promise((resolve) => {
      const answer = (points: readonly MeanPoint[]) => resolve(answerOf(points));
      this.asked.push({ metric, range, answer });
    });
  }
  values: HistorySource['values'] = (): Promise<History<ValuePoint>> => {
    return Promise.resolve(answerOf([[NOW - 1_000, true]]));
  };
  get last() {
    const last = this.asked.at(-1);
    if (!last) throw new Error('nothing was asked');
    return last;
  }
}

describe('Recorder', () => {
  let history: FakeHistory;
  let recorder: Recorder;
  const settle = () => vi.advanceTimersByTimeAsync(50);
  const means = (metric: string) =>
    recorder
      .numbers(metric)
      ?.between(NOW - 60 * MINUTE, NOW + MINUTE)
      .map(({ mean, count }) => [mean, count]);

  beforeEach(() => {
    vi.useFakeTimers({ now: NOW });
    history = new FakeHistory();
    recorder = new Recorder('a', history, () => Date.now());
  });
  afterEach(() => {
    recorder.close();
    vi.useRealTimers();
  });

  it('asks on the grid of its buckets, and once for changes that come together', async () => {
    recorder.resize(720);
    recorder.show(['t'], []);
    recorder.follow(6 * 60 * MINUTE);
    await settle();
    expect(history.asked).toHaveLength(1);
    const { from, to, points } = history.last.range;
    expect(from % recorder.stepMs.value).toBe(0);
    expect((to - from) / points).toBe(recorder.stepMs.value);
    expect(to).toBeGreaterThan(NOW);
  });

  it('follows a span that it can show, however long it is wished', async () => {
    recorder.show(['t'], []);
    recorder.follow(400 * 24 * 60 * MINUTE + 0.4);
    await settle();
    expect(recorder.view.value).toEqual({ spanMs: MOST_SPAN_MS, end: null });
    recorder.pause();
    recorder.home();
    expect(recorder.view.value).toEqual({ spanMs: MOST_SPAN_MS, end: null });
  });

  it('puts live readings behind the history, in the same buckets', async () => {
    recorder.show(['t'], ['door']);
    await settle();
    recorder.reading(Date.now(), { t: 30, door: false });
    history.last.answer([[NOW, 10, 9, 11, 3]]);
    await settle();
    recorder.reading(Date.now(), { t: 50 });
    expect(means('t')).toEqual([[22, 5]]);
    expect(
      recorder
        .states('door')
        ?.all()
        .map(([, value]) => value),
    ).toEqual([true, false]);
    expect(recorder.status.value.kind).toBe('ready');
  });

  it('keeps the picture until a new range is here, and lets the old question go', async () => {
    recorder.show(['t'], []);
    await settle();
    const early = history.last;
    recorder.follow(5 * MINUTE);
    await settle();
    early.answer([[NOW - 30 * MINUTE, 1, 1, 1, 1]]);
    await settle();
    expect(means('t')).toBeUndefined();
    history.last.answer([[NOW - MINUTE, 2, 2, 2, 1]]);
    await settle();
    expect(means('t')).toEqual([[2, 1]]);
  });

  it('narrows an empty hour once, for a device of five minutes', async () => {
    recorder.show(['t'], []);
    await settle();
    history.last.answer([[NOW - 2 * MINUTE, 1, 1, 1, 1]]);
    await settle();
    expect(recorder.view.value.spanMs).toBe(5 * MINUTE);
    recorder.follow(60 * MINUTE);
    await settle();
    history.last.answer([[NOW - 2 * MINUTE, 1, 1, 1, 1]]);
    await settle();
    expect(recorder.view.value.spanMs).toBe(60 * MINUTE);
  });

  it('goes on live when the history fails, and says so', async () => {
    history.failure = new ApiError('timeout', 0, 'no answer');
    recorder.show(['t'], []);
    await settle();
    expect(recorder.status.value).toEqual({ kind: 'failed', code: 'timeout' });
    recorder.reading(Date.now(), { t: 7 });
    expect(means('t')).toEqual([[7, 1]]);
  });

  it('takes the last of each bucket where single readings are too many', async () => {
    const asked: string[] = [];
    history.values = async (_device, _metric, _range, aggregate) => {
      asked.push(aggregate);
      return answerOf([], aggregate === 'raw' ? 'more' : null);
    };
    recorder.show([], ['door']);
    await settle();
    expect(asked).toEqual(['raw', 'last']);
  });

  it('takes a metric without history for one that is new', async () => {
    history.failure = new ApiError('not_found', 404, 'never seen');
    recorder.show(['t'], []);
    await settle();
    expect(recorder.status.value.kind).toBe('ready');
  });

  it('holds still while paused, and asks for what it missed', async () => {
    recorder.show(['t'], []);
    await settle();
    history.last.answer([[NOW - 30 * MINUTE, 1, 1, 1, 1]]);
    await settle();
    recorder.pause();
    const { end } = recorder.view.value;
    recorder.reading(Date.now(), { t: 9 });
    expect(means('t')).toEqual([[1, 1]]);
    expect(recorder.window(Date.now() + MINUTE).to).toBe(end);
    recorder.pause();
    await settle();
    expect(recorder.view.value.end).toBeNull();
    expect(history.asked).toHaveLength(2);
  });

  it('zooms no further than there is anything to see', () => {
    recorder.zoom(1, NOW - MINUTE);
    expect(recorder.view.value).toEqual({ spanMs: 10_000, end: NOW - MINUTE });
    recorder.zoom(1e15, NOW + MINUTE);
    expect(recorder.view.value).toEqual({ spanMs: 30 * 24 * 60 * MINUTE, end: null });
  });

  it('zooms around what stands under the pointer, and moves the range', () => {
    recorder.zoomAround(1 / 2, NOW - 15 * MINUTE);
    expect(recorder.view.value).toEqual({ spanMs: 30 * MINUTE, end: NOW - 7.5 * MINUTE });
    recorder.pan(-1);
    expect(recorder.view.value).toEqual({ spanMs: 30 * MINUTE, end: NOW - 37.5 * MINUTE });
    recorder.pan(5);
    expect(recorder.view.value).toEqual({ spanMs: 30 * MINUTE, end: null });
    recorder.home();
    expect(recorder.view.value).toEqual({ spanMs: 60 * MINUTE, end: null });
  });

  it('knows of no gap where the history has not answered', async () => {
    recorder.show(['t'], []);
    await settle();
    history.last.answer([[NOW - 50 * MINUTE, 1, 1, 1, 1]]);
    await settle();
    const whole = { from: NOW - 60 * MINUTE, to: NOW + MINUTE };
    expect(recorder.covered(whole.from, whole.to)).toEqual(whole);
    recorder.zoom(60 * MINUTE, NOW - 30 * MINUTE);
    const { from, to } = recorder.window(NOW);
    expect(recorder.asking.value).toBe(true);
    expect(recorder.covered(from, to).from).toBeGreaterThan(from + 25 * MINUTE);
    await settle();
    history.last.answer([]);
    await settle();
    expect(recorder.asking.value).toBe(false);
    expect(recorder.covered(from, to)).toEqual({ from, to });
  });

  it('asks for what came late: a live value tells of one that others came with', async () => {
    recorder.show(['t'], []);
    await settle();
    history.last.answer([[NOW - 50 * MINUTE, 1, 1, 1, 1]]);
    await settle();
    recorder.reading(Date.now() - 30 * MINUTE, { t: 5 });
    recorder.reading(Date.now() - 29 * MINUTE, { t: 5 });
    await vi.advanceTimersByTimeAsync(2_100);
    expect(history.asked).toHaveLength(2);
  });
});
