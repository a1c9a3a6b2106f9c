// biome-ignore-all lint/a11y/useSemanticElements: a fieldset is for fields; this groups charts
// biome-ignore-all lint/a11y/useAriaPropsSupportedByRole: the slider's values are times
import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { GUTTER_PX } from '../chart/pixels.js';
import { figure, type MetricLook } from '../format/metric.js';
import { when } from '../format/time.js';
import type { LiveDevice } from '../live/device.js';
import { pulse } from '../live/pulse.js';
import { words as common, recorder as words } from '../strings.js';
import { LaneGestures } from './lane-gestures.js';
import { hitOf } from './number-lane-view.js';
import type { Recorder } from './recorder.js';

/** One press of an arrow key moves the crosshair by this part of the range, a page key by so much; with shift, the range. */
const KEY_STEP = 1 / 120;
const PAGE_STEP = 1 / 12;
const PAN_STEP = 1 / 4;

interface Window {
  readonly from: number;
  readonly to: number;
}

interface CrosshairProps {
  readonly recorder: Recorder;
  readonly device: LiveDevice;
  readonly looks: readonly MetricLook[];
  readonly window: Window;
  readonly children: ComponentChildren;
}

/**
 * The one crosshair over all lanes: pointed at, dragged to zoom, moved by arrow keys. It lies above the lanes, so
 * moving it draws no chart anew.
 */
export function Crosshair({ recorder, device, looks, window, children }: CrosshairProps) {
  const root = useRef<HTMLDivElement>(null);
  const selection = useRef<HTMLElement>(null);
  const shown = useRef(window);
  shown.current = window;
  const gestures = useMemo(() => {
    const widthPx = () => recorder.widthPx.peek();
    const timeAt = (clientX: number): number | null => {
      const box = root.current?.getBoundingClientRect();
      if (!box || widthPx() === 0) return null;
      const { from, to } = shown.current;
      const share = (clientX - (box.right - GUTTER_PX - widthPx())) / widthPx();
      return share < 0 ? null : from + Math.min(1, share) * (to - from);
    };
    const mark = (start: number, end: number | null) => {
      const { current: element } = selection;
      if (!element) return;
      element.hidden = end === null;
      if (end === null) return;
      const { from, to } = shown.current;
      const px = (t: number) => ((t - from) / (to - from)) * widthPx();
      element.style.transform = `translateX(${px(Math.min(start, end))}px)`;
      element.style.width = `${px(Math.max(start, end)) - px(Math.min(start, end))}px`;
    };
    return new LaneGestures(recorder, { timeAt, mark, widthPx, window: () => shown.current });
  }, [recorder]);
  useEffect(() => {
    const element = root.current;
    if (!element) return;
    // Preact listens passively: a wheel that zooms must not scroll, or zoom the whole page.
    const onWheel = (event: WheelEvent) => {
      if (gestures.wheel(event)) event.preventDefault();
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [gestures]);
  const { from } = window;
  const at = recorder.at.value;
  // The window moves on under a pointer that rests: what was pointed at scrolls out.
  useEffect(() => {
    if (at !== null && at < from) recorder.at.value = null;
  }, [at, from, recorder]);

  return (
    <div
      ref={root}
      class="lanes"
      role="group"
      aria-label={words.lanes}
      onPointerMove={(event) => gestures.move(event)}
      onPointerLeave={(event) => gestures.leave(event)}
      onPointerCancel={(event) => gestures.leave(event)}
      onPointerDown={(event) => gestures.down(event)}
      onPointerUp={(event) => gestures.up(event)}
      onDblClick={() => recorder.home()}
    >
      {children}
      <Grip recorder={recorder} device={device} looks={looks} window={window} />
      <div class="over" aria-hidden="true">
        <i class="sel" ref={selection} hidden />
        <Hair recorder={recorder} window={window} />
      </div>
    </div>
  );
}

/** The line itself. */
function Hair({ recorder, window: { from, to } }: { recorder: Recorder; window: Window }) {
  const at = recorder.at.value;
  if (at === null) return null;
  const x = Math.max(0, Math.min(1, (at - from) / (to - from))) * recorder.widthPx.value;
  return <i class="hair" style={{ transform: `translateX(${x}px)` }} />;
}

/** The crosshair for keys and screen readers: a slider over the time, whose text says what stands under it. */
function Grip({ recorder, device, looks, window }: Omit<CrosshairProps, 'children'>) {
  const { from, to } = window;
  const at = recorder.at.value;
  const move = (time: number) => {
    recorder.at.value = Math.max(from, Math.min(to, time));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const { key, shiftKey } = event;
    const now = recorder.at.peek();
    const way = { ArrowLeft: -1, ArrowRight: 1, PageDown: -1, PageUp: 1 }[key];
    if (way !== undefined && shiftKey) recorder.pan(way * PAN_STEP);
    else if (way !== undefined)
      move((now ?? to) + way * (key.startsWith('Page') ? PAGE_STEP : KEY_STEP) * (to - from));
    else if (key === 'Home') move(from);
    else if (key === 'End') move(to);
    else if (key === 'Escape') recorder.at.value = null;
    else return;
    event.preventDefault();
  };
  return (
    <div
      class="grip"
      role="slider"
      tabIndex={0}
      aria-label={words.crosshair}
      aria-valuemin={Math.round(from)}
      aria-valuemax={Math.round(to)}
      aria-valuenow={Math.round(at ?? to)}
      aria-valuetext={
        at === null
          ? words.crosshairOff
          : words.pointed(when(at, pulse.peek()), values(recorder, device, looks, at))
      }
      onKeyDown={onKeyDown}
      onBlur={() => {
        recorder.at.value = null;
      }}
    />
  );
}

function values(
  recorder: Recorder,
  device: LiveDevice,
  looks: readonly MetricLook[],
  at: number,
): readonly string[] {
  return looks.map((look) => {
    const value = look.numeric
      ? hitOf(recorder, device, recorder.numbers(look.key))?.mean
      : recorder.states(look.key)?.at(at);
    if (value === undefined) return words.pointedValue(look.title, common.noReading);
    const { text, unit } = figure(look, value);
    return words.pointedValue(look.title, unit ? `${text}\u00a0${unit}` : text);
  });
}

/** The crosshair's time: it rides on the axis, wherever that is on screen. */
export function CrosshairTime({ recorder, window }: { recorder: Recorder; window: Window }) {
  const at = recorder.at.value;
  if (at === null) return null;
  const widthPx = recorder.widthPx.value;
  const x = ((at - window.from) / (window.to - window.from)) * widthPx;
  return (
    <span class="hair-time" style={{ '--x': `${x}px`, '--w': `${widthPx}px` }} aria-hidden="true">
      {when(at, pulse.peek())}
    </span>
  );
}
