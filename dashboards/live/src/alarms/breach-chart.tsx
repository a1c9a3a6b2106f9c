import type { AlarmView } from '@fieldline/protocol/browser';
import { useComputed } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { hubClock } from '../api/client.js';
import { NumberLane } from '../chart/number-lane.js';
import { palette } from '../chart/palette.js';
import { GUTTER_PX } from '../chart/pixels.js';
import { leastSpan } from '../chart/scale.js';
import { drawAxis } from '../chart/time-axis.js';
import { laneGaps } from '../device/lanes.js';
import { spread } from '../device/number-lane-view.js';
import { DEFAULT_SPAN_MS } from '../device/ranges.js';
import { Recorder } from '../device/recorder.js';
import { useLaneWidth } from '../device/use-lane-width.js';
import type { MetricLook } from '../format/metric.js';
import { decimalsFor } from '../format/number.js';
import { when } from '../format/time.js';
import type { LiveDevice } from '../live/device.js';
import { pulse } from '../live/pulse.js';
import type { LiveSocket } from '../live/socket.js';
import { alarms as words } from '../strings/alarms.js';
import { recorder as recorderWords } from '../strings.js';

const HEIGHT_PX = 132;
/** So much of the picture lies before the limit was crossed, for a breach that is longer than the usual hour. */
const BEFORE = 0.2;

interface BreachChartProps {
  readonly alarm: AlarmView;
  /** The breaks of the live connection: after one the history is asked for again, since what came meanwhile is there. */
  readonly missed: LiveSocket['missed'];
  readonly device: LiveDevice;
  readonly look: MetricLook;
}

/** The metric of an alarm from before its limit was crossed until now: the lane of its device's recorder, by itself. */
export function BreachChart({ alarm, missed, device, look }: BreachChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const axis = useRef<HTMLCanvasElement>(null);
  const lane = useRef<NumberLane>(undefined);
  const recorder = useMemo(() => new Recorder(device.id), [device.id]);
  useEffect(() => {
    recorder.follow(Math.max(DEFAULT_SPAN_MS, (hubClock.now() - alarm.since) / (1 - BEFORE)));
    recorder.show([look.key], []);
    const unmiss = missed.subscribe((one) => one && recorder.reload());
    return () => {
      unmiss();
      recorder.close();
    };
  }, [recorder, missed, alarm.since, look.key]);
  useLaneWidth(recorder, axis);
  // What the fleet hears live joins the history.
  const latest = useComputed(() => {
    void device.changed.value;
    return device.latest.get(look.key);
  }).value;
  useEffect(() => {
    if (latest) recorder.reading(latest.time, { [look.key]: latest.value });
  }, [recorder, latest, look.key]);

  const colours = palette.value;
  const width = recorder.widthPx.value;
  void recorder.changed.value;
  const window = recorder.window(pulse.value);
  const { from, to } = window;
  const series = recorder.numbers(look.key);
  const stepMs = series?.stepMs ?? recorder.stepMs.value;
  const buckets = series?.between(from, to) ?? [];
  const gaps = laneGaps(recorder, device, look.key, window);
  useEffect(() => {
    if (!box.current || !axis.current || width === 0) return;
    const picture = {
      ...{ from, to, stepMs, buckets, gaps, look, colours, late: [] },
      least: leastSpan(look.decimals, buckets),
      live: true,
      named: true,
    };
    lane.current ??= new NumberLane(box.current, width + GUTTER_PX, HEIGHT_PX, picture);
    lane.current.resize(width + GUTTER_PX, HEIGHT_PX);
    lane.current.draw(picture);
    drawAxis(axis.current, { from, to, live: true, colours });
  });
  useEffect(() => () => lane.current?.destroy(), []);

  const { kind } = recorder.status.value;
  const seen = spread(buckets, look.decimals ?? decimalsFor(buckets.at(-1)?.mean ?? 0.1));
  return (
    <figure class="breach">
      <div ref={box} role="img" aria-label={recorderWords.laneSays(look.title, seen, look.unit, [])} />
      <canvas ref={axis} role="img" aria-label={recorderWords.span(when(from, to), when(to, to))} />
      {kind === 'failed' && <figcaption class="sub small">{words.noHistory}</figcaption>}
    </figure>
  );
}
