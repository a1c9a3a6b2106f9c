import type { Recorder } from './recorder.js';

/** Where the lanes are, and how a part of them is marked. */
export interface LaneGround {
  /** The time under a place of the screen, clamped to the range; null over the names on the left. */
  readonly timeAt: (clientX: number) => number | null;
  readonly window: () => { readonly from: number; readonly to: number };
  readonly widthPx: () => number;
  /** Shows what a drag has chosen so far; null for nothing. */
  readonly mark: (from: number, to: number | null) => void;
}

/** The part of a pointer event that is read. */
export type Pointer = Pick<PointerEvent, 'pointerId' | 'pointerType' | 'clientX' | 'button' | 'shiftKey'>;
/** The part of a wheel event that is read. */
export type Wheel = Pick<
  WheelEvent,
  'clientX' | 'deltaX' | 'deltaY' | 'deltaMode' | 'ctrlKey' | 'metaKey' | 'shiftKey'
>;

/** A drag shorter than this part of the range is a click that slipped. */
const LEAST_DRAG = 1 / 60;
/** Turning a wheel by so many pixels doubles what is shown, or halves it. */
const DOUBLING_PX = 240;
const LINE_PX = 16;
/** Two fingers nearer than this tell no distance. */
const LEAST_PINCH_PX = 16;

/**
 * What hands do on the lanes. A pointer moves the crosshair; a drag zooms, with shift it moves the range; a wheel with
 * Ctrl, and a pinch on a touch pad, zoom around the pointer; turned sideways or with shift it moves the range. One
 * finger moves the crosshair, two zoom and move. A wheel alone, and a finger that goes up or down, scroll the page.
 */
export class LaneGestures {
  readonly #recorder: Recorder;
  readonly #ground: LaneGround;
  readonly #fingers = new Map<number, number>();
  #drag: { readonly time: number } | undefined;
  #pan: { x: number } | undefined;

  constructor(recorder: Recorder, ground: LaneGround) {
    this.#recorder = recorder;
    this.#ground = ground;
  }

  down({ pointerId, pointerType, clientX, button, shiftKey }: Pointer): void {
    const time = this.#ground.timeAt(clientX);
    if (time === null) return;
    if (pointerType === 'touch') {
      this.#fingers.set(pointerId, clientX);
      this.#recorder.at.value = this.#fingers.size === 1 ? time : null;
    } else if (button === 1 || (button === 0 && shiftKey)) this.#pan = { x: clientX };
    else if (button === 0) this.#drag = { time };
  }

  move({ pointerId, clientX }: Pointer): void {
    if (this.#pinch(pointerId, clientX)) return;
    const time = this.#ground.timeAt(clientX);
    if (this.#pan) {
      this.#shift(this.#pan.x - clientX);
      this.#pan.x = clientX;
      return;
    }
    this.#recorder.at.value = time;
    if (this.#drag) this.#ground.mark(this.#drag.time, time);
  }

  up({ pointerId, clientX }: Pointer): void {
    this.#fingers.delete(pointerId);
    this.#pan = undefined;
    const start = this.#drag?.time;
    const end = this.#ground.timeAt(clientX);
    this.#forgetDrag();
    if (start === undefined || end === null) return;
    const { from, to } = this.#ground.window();
    const span = Math.abs(end - start);
    if (span >= (to - from) * LEAST_DRAG) this.#recorder.zoom(span, Math.max(start, end));
  }

  /** The pointer is elsewhere, or the browser took it to scroll. A finger's crosshair stays where it was lifted. */
  leave({ pointerId, pointerType }: Pointer): void {
    this.#fingers.delete(pointerId);
    this.#pan = undefined;
    if (pointerType !== 'touch') this.#recorder.at.value = null;
    this.#forgetDrag();
  }

  /** @returns whether it meant the lanes; otherwise the page is to scroll */
  wheel({ clientX, deltaX, deltaY, deltaMode, ctrlKey, metaKey, shiftKey }: Wheel): boolean {
    const scale = deltaMode === 0 ? 1 : LINE_PX;
    if (ctrlKey || metaKey) {
      const anchor = this.#ground.timeAt(clientX);
      if (anchor !== null) this.#recorder.zoomAround(2 ** ((deltaY * scale) / DOUBLING_PX), anchor);
      return true;
    }
    const sideways = Math.abs(deltaX) > Math.abs(deltaY) ? deltaX : shiftKey ? deltaY : 0;
    if (sideways === 0) return false;
    this.#shift(sideways * scale);
    return true;
  }

  #shift(px: number): void {
    this.#recorder.pan(px / Math.max(1, this.#ground.widthPx()));
  }

  /** Two fingers: what lies between them stays between them. */
  #pinch(pointerId: number, clientX: number): boolean {
    if (this.#fingers.size < 2 || !this.#fingers.has(pointerId)) return false;
    const [a = 0, b = 0] = this.#fingers.values();
    this.#fingers.set(pointerId, clientX);
    const [c = 0, d = 0] = this.#fingers.values();
    const before = Math.max(LEAST_PINCH_PX, Math.abs(a - b));
    const after = Math.max(LEAST_PINCH_PX, Math.abs(c - d));
    const held = this.#ground.timeAt((a + b) / 2);
    const under = this.#ground.timeAt((c + d) / 2);
    if (held === null || under === null) return true;
    const { from, to } = this.#ground.window();
    const span = ((to - from) * before) / after;
    this.#recorder.zoom(span, held + ((to - under) / (to - from)) * span);
    return true;
  }

  #forgetDrag(): void {
    if (this.#drag) this.#ground.mark(0, null);
    this.#drag = undefined;
  }
}
