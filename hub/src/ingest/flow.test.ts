import { describe, expect, it } from 'vitest';
import { Flow, type Valve } from './flow.js';

class Tap implements Valve {
  flowTurn = 0;
  isOpen = true;
  close(): void {
    this.isOpen = false;
  }
  open(): void {
    this.isOpen = true;
  }
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

describe('Flow', () => {
  it('stops all who sent at 4,000 unsynced messages, and starts them at 2,000', () => {
    const flow = new Flow();
    const taps = [new Tap(), new Tap()];
    for (const tap of taps) flow.note(tap);
    flow.update(3_999);
    expect(taps.map(({ isOpen }) => isOpen)).toEqual([true, true]);
    flow.update(4_000);
    expect(taps.map(({ isOpen }) => isOpen)).toEqual([false, false]);
    flow.update(2_001);
    expect(taps.map(({ isOpen }) => isOpen)).toEqual([false, false]);
    flow.update(2_000);
    expect(taps.map(({ isOpen }) => isOpen)).toEqual([true, true]);
  });

  it('stops one that was silent when it sends, and forgets one that is gone', () => {
    const flow = new Flow();
    const [silent, gone] = [new Tap(), new Tap()];
    flow.note(gone);
    flow.leave(gone);
    flow.update(4_000);
    expect([silent.isOpen, gone.isOpen]).toEqual([true, true]);
    flow.note(silent);
    expect(silent.isOpen).toBe(false);
    flow.update(0);
    expect(silent.isOpen).toBe(true);
  });

  it('opens a few at a time, those first who have waited longest, and stops when it is full again', async () => {
    const flow = new Flow();
    const taps = Array.from({ length: 30 }, () => new Tap());
    for (const tap of taps) flow.note(tap);
    flow.update(4_000);
    flow.update(2_000);
    const open = () => taps.filter(({ isOpen }) => isOpen).length;
    expect([open(), taps.slice(0, 8).every(({ isOpen }) => isOpen)]).toEqual([8, true]);
    await nextTurn();
    expect(open()).toBe(16);
    flow.update(4_000);
    await nextTurn();
    expect(open()).toBe(16); // the sixteen have not sent anything yet: they are stopped when they do
    for (const tap of taps.slice(0, 16)) flow.note(tap);
    expect(open()).toBe(0);
    flow.update(0);
    expect(taps.slice(16, 24).every(({ isOpen }) => isOpen)).toBe(true);
    for (let turn = 0; turn < 4; turn++) await nextTurn();
    expect(open()).toBe(30);
  });

  it('takes what a stopped source still brings, and opens nobody who is gone', () => {
    const flow = new Flow();
    const [late, gone] = [new Tap(), new Tap()];
    for (const tap of [late, gone]) flow.note(tap);
    flow.update(4_000);
    flow.note(late); // the rest of a chunk that was read already
    flow.leave(gone);
    flow.update(0);
    expect([late.isOpen, gone.isOpen]).toEqual([true, false]);
  });

  it('works again, turn after turn', () => {
    const flow = new Flow();
    const tap = new Tap();
    for (let turn = 0; turn < 3; turn++) {
      flow.note(tap);
      flow.update(4_000);
      expect(tap.isOpen).toBe(false);
      flow.update(0);
      expect(tap.isOpen).toBe(true);
    }
  });
});
