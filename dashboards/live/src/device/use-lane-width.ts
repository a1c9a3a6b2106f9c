import type { RefObject } from 'preact';
import { useLayoutEffect } from 'preact/hooks';
import { GUTTER_PX } from '../chart/pixels.js';
import type { Recorder } from './recorder.js';

/** Tells a recorder how wide its lanes' time is: as wide as its axis, but for the figures at its right. */
export function useLaneWidth(recorder: Recorder, axis: RefObject<HTMLCanvasElement | null>): void {
  useLayoutEffect(() => {
    const canvas = axis.current;
    if (!canvas) return;
    const measure = () => recorder.resize(Math.max(0, canvas.clientWidth - GUTTER_PX));
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(canvas);
    return () => watch.disconnect();
  }, [recorder, axis]);
}
