import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LaneGestures, type Pointer, type Wheel } from './lane-gestures.js';
import { Recorder } from './recorder.js';

const NOW = 1_800_000_000_000;
const MINUTE = 60_000;
const WIDTH = 600;

let recorder: Recorder;
let gestures: LaneGestures;
let marked: (readonly [number, number | null])[];

const pointer = (clientX: number, rest: Partial<Pointer> = {}): Pointer => {
  return { pointerId: 1, pointerType: 'mouse', clientX, button: 0, shiftKey: false, ...rest };
};
const wheel = (rest: Partial<Wheel>): Wheel => {
  const none = { ctrlKey: false, metaKey: false, shiftKey: false, deltaMode: 0 };
  return { clientX: 300, deltaX: 0, deltaY: 0, ...none, ...rest };
};
/** The range on screen, in minutes before now. */
const range = () => {
  const { from, to } = recorder.window(NOW);
  return [from, to].map((t) => Math.round((t - NOW) / MINUTE));
};

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  recorder = new Recorder('a', { means: vi.fn(), values: vi.fn() }, () => Date.now());
  marked = [];
  const window = () => recorder.window(NOW);
  gestures = new LaneGestures(recorder, {
    window,
    widthPx: () => WIDTH,
    timeAt: (x) =>
      x < 0 ? null : window().from + (Math.min(WIDTH, x) / WIDTH) * (window().to - window().from),
    mark: (from, to) => marked.push([from, to]),
  });
});
afterEach(() => {
  recorder.close();
  vi.useRealTimers();
});

describe('a mouse', () => {
  it('moves the crosshair, and takes it away', () => {
    gestures.move(pointer(300));
    expect(recorder.at.value).toBe(NOW - 30 * MINUTE);
    gestures.move(pointer(-5));
    expect(recorder.at.value).toBeNull();
    gestures.move(pointer(300));
    gestures.leave(pointer(700));
    expect(recorder.at.value).toBeNull();
  });

  it('zooms to what is dragged over, whichever way, and marks it meanwhile', () => {
    gestures.down(pointer(400));
    gestures.move(pointer(200));
    expect(marked.at(-1)).toEqual([NOW - 20 * MINUTE, NOW - 40 * MINUTE]);
    gestures.up(pointer(200));
    expect(marked.at(-1)?.[1]).toBeNull();
    expect(range()).toEqual([-40, -20]);
  });

  it('takes a click that slips for no drag, and forgets one that leaves', () => {
    gestures.down(pointer(400));
    gestures.up(pointer(405));
    gestures.down(pointer(100));
    gestures.leave(pointer(-50));
    gestures.up(pointer(300));
    expect(range()).toEqual([-60, 0]);
  });

  it('moves the range with shift, but not into the future', () => {
    gestures.down(pointer(100, { shiftKey: true }));
    gestures.move(pointer(400));
    gestures.up(pointer(400));
    expect(range()).toEqual([-90, -30]);
    gestures.down(pointer(500, { button: 1 }));
    gestures.move(pointer(0));
    expect(recorder.view.value.end).toBeNull();
  });
});

describe('a wheel', () => {
  it('scrolls the page when it is alone', () => {
    expect(gestures.wheel(wheel({ deltaY: 100 }))).toBe(false);
    expect(range()).toEqual([-60, 0]);
  });

  it('zooms around the pointer with Ctrl', () => {
    expect(gestures.wheel(wheel({ deltaY: -240, ctrlKey: true }))).toBe(true);
    expect(range()).toEqual([-45, -15]);
    gestures.wheel(wheel({ deltaY: 15, deltaMode: 1, metaKey: true }));
    expect(range()).toEqual([-60, 0]);
  });

  it('moves the range sideways, or with shift', () => {
    expect(gestures.wheel(wheel({ deltaX: -300, deltaY: 20 }))).toBe(true);
    expect(range()).toEqual([-90, -30]);
    gestures.wheel(wheel({ deltaY: -300, shiftKey: true }));
    expect(range()).toEqual([-120, -60]);
  });
});

describe('fingers', () => {
  const finger = (pointerId: number, x: number) => pointer(x, { pointerId, pointerType: 'touch' });

  it('leave the crosshair where one was lifted', () => {
    gestures.down(finger(1, 300));
    gestures.up(finger(1, 300));
    gestures.leave(finger(1, 300));
    expect(recorder.at.value).toBe(NOW - 30 * MINUTE);
  });

  it('zoom when two part, and move the range together', () => {
    gestures.down(finger(1, 200));
    gestures.down(finger(2, 400));
    expect(recorder.at.value).toBeNull();
    gestures.move(finger(1, 100));
    gestures.move(finger(2, 500));
    expect(range()).toEqual([-45, -15]);
    gestures.up(finger(1, 100));
    gestures.move(finger(2, 300));
    expect(range()).toEqual([-45, -15]);
  });
});
