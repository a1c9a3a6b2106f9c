import { useEffect, useRef, useState } from 'preact/hooks';
import type { Bucket, BucketSeries } from '../chart/bucket-series.js';
import type { Gap } from '../chart/gaps.js';
import { NumberLane } from '../chart/number-lane.js';
import { palette } from '../chart/palette.js';
import { GUTTER_PX } from '../chart/pixels.js';
import { leastSpan } from '../chart/scale.js';
import { figure, type MetricLook } from '../format/metric.js';
import { decimalsFor, num } from '../format/number.js';
import type { LiveDevice } from '../live/device.js';
import { pulse } from '../live/pulse.js';
import { copyText } from '../shell/copy-text.js';
import { Icon } from '../shell/icon.js';
import { toast } from '../shell/toast.js';
import { words as common, recorder as words } from '../strings.js';
import { type Connections, lateSpans } from './connections.js';
import { laneGaps, tableOf } from './lanes.js';
import type { Recorder } from './recorder.js';
import { useInView } from './use-in-view.js';

/** A lane is this high, in CSS pixels; the lanes of states are lower. */
const LANE_PX = 104;
const TALL_PX = 312;
/** A crosshair between two readings takes the nearer one, within this many intervals. */
const REACH_INTERVALS = 1.5;

interface NumberLaneViewProps {
  readonly recorder: Recorder;
  readonly device: LiveDevice;
  readonly connections: Connections;
  readonly look: MetricLook;
  /** The first lane names the gaps for all. */
  readonly first: boolean;
}

/**
 * One metric's lane: its name and figures on the left, its plot on the right. The plot follows the second and the
 * history; what follows the crosshair are small parts of their own, so that moving it draws no plot anew. A lane that
 * is out of sight follows nothing.
 */
export function NumberLaneView({ recorder, device, connections, look, first }: NumberLaneViewProps) {
  const box = useRef<HTMLDivElement>(null);
  const lane = useRef<NumberLane>(undefined);
  const [isTall, setTall] = useState(false);
  const heightPx = isTall ? TALL_PX : LANE_PX;
  const inView = useInView(box);
  const colours = palette.value;
  const width = recorder.widthPx.value;
  const { end } = recorder.view.value;
  void recorder.changed.value;
  const window = recorder.window(end ?? (inView ? pulse.value : pulse.peek()));
  const { from, to } = window;
  const series = recorder.numbers(look.key);
  const stepMs = series?.stepMs ?? recorder.stepMs.value;
  const buckets = series?.between(from, to) ?? [];
  const gaps = inView ? laneGaps(recorder, device, look.key, window) : [];
  const late = lateSpans(connections.events.value, from, to);

  useEffect(() => {
    if (!box.current || width === 0 || !inView) return;
    const picture = {
      ...{ from, to, stepMs, buckets, gaps, late, look, colours },
      least: leastSpan(look.decimals, buckets),
      live: end === null,
      named: first,
    };
    if (!lane.current) lane.current = new NumberLane(box.current, width + GUTTER_PX, heightPx, picture);
    lane.current.resize(width + GUTTER_PX, heightPx);
    lane.current.draw(picture);
  });
  useEffect(() => () => lane.current?.destroy(), []);

  const xOf = (t: number) => ((Math.min(t, to) - from) / (to - from)) * width;
  const decimals = look.decimals ?? decimalsFor(buckets.at(-1)?.mean ?? 0.1);
  const seen = spread(buckets, decimals);
  const copy = async () => {
    if (await copyText(tableOf(recorder, device, [look], window)))
      toast(words.tableCopied(look.title), 'check');
    else toast(words.copyFailed, 'failed');
  };
  return (
    <div class={isTall ? 'lane tall' : 'lane'}>
      <LaneLabel
        recorder={recorder}
        look={look}
        device={device}
        series={series}
        seen={seen}
        inView={inView}
      />
      <div
        class="plot"
        ref={box}
        role="img"
        aria-label={words.laneSays(look.title, seen, look.unit, gapWords(gaps))}
      >
        <LaneDot
          recorder={recorder}
          device={device}
          series={series}
          placeOf={(hit) => lane.current && [xOf(hit.t + stepMs / 2), lane.current.yOf(hit.mean)]}
        />
      </div>
      <div class="act">
        <button
          type="button"
          class="btn bare tiny sq"
          aria-pressed={isTall}
          aria-label={words.enlarge(look.title)}
          title={words.enlarge(look.title)}
          onClick={() => setTall(!isTall)}
        >
          <Icon name="wide" />
        </button>
        <button
          type="button"
          class="btn bare tiny sq"
          aria-label={words.copyTable(look.title)}
          title={words.copyTable(look.title)}
          onClick={() => void copy()}
        >
          <Icon name="copy" />
        </button>
      </div>
    </div>
  );
}

const gapWords = (gaps: readonly Gap[]): readonly string[] =>
  gaps.map(({ from, to }) => words.gap(to - from));

/** Lowest and highest in view, in figures; undefined where there is nothing. */
export function spread(buckets: readonly Bucket[], decimals: number): readonly [string, string] | undefined {
  if (buckets.length === 0) return undefined;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { min, max } of buckets) {
    if (min < low) low = min;
    if (max > high) high = max;
  }
  return [num(low, decimals), num(high, decimals)];
}

/** What stands under the crosshair. */
export function hitOf(
  recorder: Recorder,
  device: LiveDevice,
  series: BucketSeries | undefined,
): Bucket | undefined {
  const at = recorder.at.value;
  return at === null ? undefined : series?.near(at, REACH_INTERVALS * (device.interval ?? 0));
}

interface LaneLabelProps {
  readonly recorder: Recorder;
  readonly look: MetricLook;
  readonly device: LiveDevice;
  readonly series: BucketSeries | undefined;
  readonly seen: readonly [low: string, high: string] | undefined;
  readonly inView: boolean;
}

/** The left column: the latest value and the range in view, or what stands under the crosshair. */
function LaneLabel({ recorder, look, device, series, seen, inView }: LaneLabelProps) {
  if (inView) void device.changed.value;
  const latest = device.latest.get(look.key)?.value;
  const pointed = recorder.at.value !== null;
  const hit = hitOf(recorder, device, series);
  const value = pointed ? hit?.mean : latest;
  const shown = value === undefined ? undefined : figure(look, value);
  const decimals = look.decimals ?? (typeof latest === 'number' ? decimalsFor(latest) : 1);
  return (
    <div class="lb">
      <span class="k">{look.title}</span>
      <span class="v">
        {shown ? shown.text : <span class="sub none">{common.noReading}</span>}
        {shown?.unit && <span class="u">{shown.unit}</span>}
      </span>
      <span class="d">
        {pointed
          ? hit && words.hit(num(hit.min, decimals), num(hit.max, decimals), hit.count)
          : seen && words.inView(...seen)}
      </span>
    </div>
  );
}

interface LaneDotProps {
  readonly recorder: Recorder;
  readonly device: LiveDevice;
  readonly series: BucketSeries | undefined;
  /** CSS pixels from the plot's corner; undefined before the plot is drawn. */
  readonly placeOf: (hit: Bucket) => readonly [x: number, y: number] | undefined;
}

/** The point of the line that the crosshair reads. */
function LaneDot({ recorder, device, series, placeOf }: LaneDotProps) {
  const hit = hitOf(recorder, device, series);
  const place = hit && placeOf(hit);
  if (!place) return null;
  return <i class="dot" style={{ transform: `translate(${place[0]}px, ${place[1]}px)` }} />;
}
