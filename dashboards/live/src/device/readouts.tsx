import { useRef } from 'preact/hooks';
import { leastSpan } from '../chart/scale.js';
import { breachOf, figure, type MetricLook, stateTroubleOf } from '../format/metric.js';
import { decimalsOfStep, num } from '../format/number.js';
import { stamp } from '../format/time.js';
import type { LiveDevice } from '../live/device.js';
import { pulse } from '../live/pulse.js';
import { SHELF_INTERVALS } from '../live/state.js';
import { Icon } from '../shell/icon.js';
import { device as words } from '../strings.js';
import type { Recorder } from './recorder.js';
import { trendOf } from './trend.js';

interface ReadoutsProps {
  readonly device: LiveDevice;
  readonly looks: readonly MetricLook[];
  readonly recorder: Recorder;
}

/** The latest value of each metric, side by side. */
export function Readouts({ device, looks, recorder }: ReadoutsProps) {
  return (
    <section class="readouts" aria-label={words.latest}>
      {looks.map((look) => (
        <Readout key={look.key} device={device} look={look} recorder={recorder} />
      ))}
    </section>
  );
}

interface ReadoutProps {
  readonly device: LiveDevice;
  readonly look: MetricLook;
  readonly recorder: Recorder;
}

function Readout({ device, look, recorder }: ReadoutProps) {
  void device.changed.value;
  const now = pulse.value;
  const latest = device.latest.get(look.key);
  const tint = useTint(latest?.time);
  if (!latest) return null;
  const { text, unit } = figure(look, latest.value);
  const since = Math.max(0, now - latest.time);
  const { interval, online } = device;
  const stale = online && interval !== null && since >= SHELF_INTERVALS * interval;
  const old = stale || !online;
  const breach = old ? undefined : breachOf(look, latest.value);
  const heldMs = look.numeric ? 0 : heldAtLeast(recorder, look.key, now);
  const kind = breach?.kind ?? (old ? undefined : stateTroubleOf(look, latest.value, heldMs)?.kind);
  return (
    <div class={`ro ${old ? 'is-old' : ''} ${kind ? `is-${kind}` : ''} ${old ? '' : tint}`}>
      <span class="k">
        {kind && <Icon name={kind} glyph />}
        {stale && (
          <span class="is-stale">
            <Icon name="stale" glyph />
          </span>
        )}
        <span class="cut">{look.title}</span>
      </span>
      <span class={`v ${unit || typeof latest.value === 'number' ? '' : 'cut'}`} title={stamp(latest.time)}>
        {text}
        {unit !== '' && <span class="u">{unit}</span>}
      </span>
      <span class="d cut">
        {stale ? words.staleFor(since) : old ? words.lastKnown(since) : detail(look, recorder, breach, now)}
      </span>
    </div>
  );
}

/** What stands below a value: the limit that it is beyond, which way it goes, or since when it holds. */
function detail(
  look: MetricLook,
  recorder: Recorder,
  breach: MetricLook['limits'][number] | undefined,
  now: number,
): string {
  // A picture of the past says nothing of which way it goes now.
  if (recorder.view.value.end !== null) return '\u00a0';
  const { from, to } = recorder.window(now);
  if (!look.numeric) {
    const heldMs = heldFor(recorder, look.key, now);
    return heldMs === undefined ? '\u00a0' : words.since(heldMs);
  }
  const buckets = recorder.numbers(look.key)?.between(from, to) ?? [];
  const trend = trendOf(buckets, leastSpan(look.decimals, buckets));
  const limit =
    breach && words[breach.side](num(breach.at, Math.max(look.decimals ?? 0, decimalsOfStep(breach.at))));
  return [limit, trend && words.trend[trend]].filter(Boolean).join(', ') || '\u00a0';
}

/** How long a state has held as far as the recorder goes back, ms. */
function heldAtLeast(recorder: Recorder, metric: string, now: number): number {
  const first = recorder.states(metric)?.all()[0]?.[0] ?? now;
  return heldFor(recorder, metric, now) ?? Math.max(0, now - first);
}

/** How long a state has held, ms, where the recorder goes back to its beginning. */
function heldFor(recorder: Recorder, metric: string, now: number): number | undefined {
  const points = recorder.states(metric)?.all() ?? [];
  const value = points.at(-1)?.[1];
  const changed = points.findLastIndex(([, before]) => before !== value);
  const since = points[changed + 1];
  return changed >= 0 && since ? Math.max(0, now - since[0]) : undefined;
}

/** A tint lasts as long as its animation (tokens.css); values that follow faster would only flicker. */
const TINT_MS = 900;

/** One tint for a value that just arrived: two classes in turn, so that the animation starts anew. */
function useTint(time: number | undefined): string {
  const seen = useRef(time);
  const turn = useRef('');
  if (time !== seen.current) {
    const isSlow = time !== undefined && seen.current !== undefined && time - seen.current >= TINT_MS;
    seen.current = time;
    if (!isSlow) turn.current = '';
    else turn.current = turn.current === 'tick-a' ? 'tick-b' : 'tick-a';
  }
  return turn.current;
}
