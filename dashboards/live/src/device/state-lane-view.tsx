import type { Value } from '@fieldline/protocol/browser';
import { useEffect, useRef } from 'preact/hooks';
import type { Ink } from '../chart/palette.js';
import { palette } from '../chart/palette.js';
import type { Segment } from '../chart/segments.js';
import { drawStates, type StateLook } from '../chart/state-lane.js';
import type { MetricLook } from '../format/metric.js';
import { figure, stateTroubleOf } from '../format/metric.js';
import type { LiveDevice } from '../live/device.js';
import { pulse } from '../live/pulse.js';
import { words as common, recorder as words } from '../strings.js';
import { laneSegments } from './lanes.js';
import type { Recorder } from './recorder.js';
import { useInView } from './use-in-view.js';

/** Texts take these in the order in which they appear; a seventh begins again. */
const SOFT_INKS: readonly Ink[] = ['s1', 's2', 's3', 's4', 's5', 's6'];

interface StateLaneViewProps {
  readonly recorder: Recorder;
  readonly device: LiveDevice;
  readonly look: MetricLook;
}

/** One boolean's or text's lane: its word on the left, its stretches on the right. */
export function StateLaneView({ recorder, device, look }: StateLaneViewProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const inView = useInView(canvas);
  const colours = palette.value;
  const width = recorder.widthPx.value;
  const { end } = recorder.view.value;
  void recorder.changed.value;
  const window = recorder.window(end ?? (inView ? pulse.value : pulse.peek()));
  const { from, to } = window;
  const points = recorder.states(look.key)?.all() ?? [];
  const segments = laneSegments(recorder, device, look.key, window);
  const inks = softInks(points.map(([, value]) => value));

  useEffect(() => {
    if (!canvas.current || width === 0 || !inView) return;
    drawStates(canvas.current, {
      from,
      to,
      segments,
      colours,
      look: (value, segment) => stateLook(look, value, segment, inks),
    });
  });

  return (
    <div class="lane bits">
      <StateLabel recorder={recorder} device={device} look={look} segments={segments} />
      <canvas ref={canvas} role="img" aria-label={words.lane(look.title)} />
    </div>
  );
}

interface StateLabelProps extends StateLaneViewProps {
  readonly segments: readonly Segment[];
}

/** The state now, or under the crosshair. Apart from the lane, so that moving the crosshair draws no lane anew. */
function StateLabel({ recorder, device, look, segments }: StateLabelProps) {
  void device.changed.value;
  const at = recorder.at.value;
  const value =
    at === null
      ? device.latest.get(look.key)?.value
      : segments.find((segment) => at >= segment.from && at < segment.to)?.value;
  return (
    <div class="lb">
      <span class="k cut">{look.title}</span>
      <span class="v cut">
        {value === undefined ? <span class="sub">{common.notKnown}</span> : figure(look, value).text}
      </span>
    </div>
  );
}

function softInks(values: readonly Value[]): ReadonlyMap<Value, Ink> {
  const inks = new Map<Value, Ink>();
  // By name, not by first appearance: a scroll must not repaint what stays.
  for (const value of [...new Set(values)].sort()) {
    inks.set(value, SOFT_INKS[inks.size % SOFT_INKS.length] ?? 's1');
  }
  return inks;
}

/** True is a bar with its word, false a plain line; each text has its own soft bar. Trouble has its colour. */
function stateLook(
  look: MetricLook,
  value: Value,
  { from, to }: Segment,
  inks: ReadonlyMap<Value, Ink>,
): StateLook {
  const word = figure(look, value).text;
  const trouble = stateTroubleOf(look, value, to - from);
  if (trouble) return { word, fill: trouble.kind, soft: false };
  if (value === false) return { word, fill: null, soft: false };
  if (value === true) return { word, fill: 's1', soft: false };
  return { word, fill: inks.get(value) ?? 's1', soft: true };
}
