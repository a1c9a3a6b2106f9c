// biome-ignore-all lint/a11y/useSemanticElements: a fieldset is for fields; this groups charts
// biome-ignore-all lint/a11y/noNoninteractiveTabindex: the charts as a whole take arrow keys
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { GUTTER_PX } from '../chart/pixels.js';
import { when } from '../format/time.js';
import { pulse } from '../live/pulse.js';
import { recorder as words } from '../strings.js';
import type { Recorder } from './recorder.js';

/** A drag shorter than this part of the range is a click that slipped. */
const LEAST_DRAG = 1 / 60;
/** One press of an arrow key moves the crosshair by this part of the range. */
const KEY_STEP = 1 / 120;

interface CrosshairProps {
  readonly recorder: Recorder;
  readonly window: { readonly from: number; readonly to: number };
  readonly children: ComponentChildren;
}

/**
 * The one crosshair over all lanes: pointed at, dragged to zoom, moved by arrow keys. It lies above the lanes, so
 * moving it draws no chart anew.
 */
export function Crosshair({ recorder, window, children }: CrosshairProps) {
  const root = useRef<HTMLDivElement>(null);
  const drag = useRef<number | null>(null);
  const selection = useRef<HTMLElement>(null);
  const { from, to } = window;
  const widthPx = recorder.widthPx.value;
  const at = recorder.at.value;
  const x = at === null ? 0 : Math.max(0, Math.min(1, (at - from) / (to - from))) * widthPx;

  /** The time under the pointer; null over the names on the left. */
  const timeAt = (event: PointerEvent): number | null => {
    const box = root.current?.getBoundingClientRect();
    if (!box) return null;
    const left = box.right - GUTTER_PX - widthPx;
    const share = (event.clientX - left) / widthPx;
    return share < 0 ? null : from + Math.min(1, share) * (to - from);
  };
  const select = (end: number | null) => {
    const { current: mark } = selection;
    const start = drag.current;
    if (!mark) return;
    mark.hidden = start === null || end === null;
    if (start === null || end === null) return;
    const px = (t: number) => ((t - from) / (to - from)) * widthPx;
    mark.style.transform = `translateX(${px(Math.min(start, end))}px)`;
    mark.style.width = `${px(Math.max(start, end)) - px(Math.min(start, end))}px`;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -KEY_STEP, ArrowRight: KEY_STEP }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      const next = (recorder.at.peek() ?? to) + step * (to - from);
      recorder.at.value = Math.max(from, Math.min(to, next));
    } else if (event.key === 'Escape') recorder.at.value = null;
  };
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
      tabIndex={0}
      onKeyDown={onKeyDown}
      onBlur={() => {
        recorder.at.value = null;
      }}
      onPointerMove={(event) => {
        const time = timeAt(event);
        recorder.at.value = time;
        select(time);
      }}
      onPointerLeave={(event) => {
        // A finger leaves as soon as it lifts: its crosshair stays, until another tap or a tap elsewhere.
        if (event.pointerType !== 'touch') recorder.at.value = null;
        drag.current = null;
        select(null);
      }}
      onPointerDown={(event) => {
        if (event.pointerType === 'touch') recorder.at.value = timeAt(event);
        if (event.pointerType === 'mouse' && event.button === 0) drag.current = timeAt(event);
      }}
      onPointerUp={(event) => {
        const start = drag.current;
        const end = timeAt(event);
        drag.current = null;
        select(null);
        if (start === null || end === null) return;
        const span = Math.abs(end - start);
        if (span >= (to - from) * LEAST_DRAG) recorder.zoom(span, Math.max(start, end));
      }}
    >
      {children}
      <div class="over" aria-hidden="true">
        <i class="sel" ref={selection} hidden />
        {at !== null && <i class="hair" style={{ transform: `translateX(${x}px)` }} />}
      </div>
    </div>
  );
}

/** The crosshair's time: it rides on the axis, wherever that is on screen. */
export function CrosshairTime({ recorder, window }: Omit<CrosshairProps, 'children'>) {
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
