import { describe, expect, it } from 'vitest';
import { Counters } from '../ops/counters.js';
import { type Frame, statusFrame, updateFrame } from './frames.js';
import { LIVE_LIMITS } from './limits.js';
import { Outbox, type Wire } from './outbox.js';

/** A socket whose frames leave one by one, when the test says so. */
class SlowWire implements Wire {
  readonly sent: string[] = [];
  readonly #waiting: { frame: Frame; written: (error?: Error | null) => void }[] = [];

  get bufferedAmount(): number {
    return this.#waiting.reduce((sum, { frame }) => sum + frame.length, 0);
  }

  send(frame: Frame, _: unknown, written: (error?: Error | null) => void): void {
    this.#waiting.push({ frame, written });
  }

  /** Lets up to `count` frames leave. */
  drain(count = Number.POSITIVE_INFINITY): void {
    for (let n = 0; n < count; n++) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.sent.push(String(next.frame));
      next.written();
    }
  }
}

const LARGE = updateFrame([`["d",0,{"text":"${'x'.repeat(900)}"}]`]);

function outbox(): { wire: SlowWire; box: Outbox; counters: Counters } {
  const wire = new SlowWire();
  const counters = new Counters();
  return { wire, counters, box: new Outbox(wire, counters, { ...LIVE_LIMITS, behindBytes: 2_000 }) };
}

describe('Outbox', () => {
  it('writes until the socket is full, and then keeps nothing but the latest status of each device', () => {
    const { wire, box, counters } = outbox();
    for (let n = 0; n < 100; n++) box.event(LARGE);
    for (let at = 0; at < 100; at++) {
      const event = { device: `d${at % 2}`, online: true, at };
      box.status(event.device, statusFrame(event));
    }
    expect(wire.bufferedAmount).toBeLessThan(2_000 + 1_000);
    wire.drain();
    const messages = wire.sent.map((text) => JSON.parse(text));
    expect(messages.slice(-3)).toMatchObject([
      { type: 'status', device: 'd0', at: 98 },
      { type: 'status', device: 'd1', at: 99 },
      { type: 'lag', dropped: 100 - (messages.length - 3) + 98 },
    ]);
    expect(counters.liveDropped).toBe(messages.at(-1).dropped);
  });

  it('waits until half of it has left, so that it does not swing to and fro', () => {
    const { wire, box } = outbox();
    for (let n = 0; n < 4; n++) box.event(LARGE);
    expect(wire.bufferedAmount).toBeGreaterThan(2_000);
    wire.drain(1);
    box.event(LARGE);
    wire.drain(1);
    expect(wire.sent).toHaveLength(2);
    wire.drain();
    expect(JSON.parse(wire.sent.at(-1) ?? '')).toMatchObject({ type: 'lag', dropped: 2 });
  });

  it('counts what a viewer that is gone never got', () => {
    const { box, counters } = outbox();
    for (let n = 0; n < 10; n++) box.event(LARGE);
    box.abandon();
    expect(counters.liveDropped).toBe(7);
    box.abandon();
    expect(counters.liveDropped).toBe(7);
  });

  it('answers nobody who asks without reading', () => {
    const { wire, box } = outbox();
    const large = Buffer.alloc(300_000);
    for (let n = 0; n < 100; n++) box.answer(large);
    expect(wire.bufferedAmount).toBeLessThan(LIVE_LIMITS.overrunBytes + large.length + 1);
  });

  it('tells a slow peer from a dead one by frames that leave a full socket', () => {
    const { wire, box } = outbox();
    for (let n = 0; n < 3; n++) box.event(LARGE);
    expect(box.takeMoved()).toBe(false);
    wire.drain(1);
    expect(box.takeMoved()).toBe(true);
    expect(box.takeMoved()).toBe(false);
    wire.drain();
    box.takeMoved();
    // A frame that leaves at once says nothing: the kernel takes it even when nobody is there any more.
    box.event(LARGE);
    wire.drain();
    expect(box.takeMoved()).toBe(false);
  });

  it('is overrun only when it has been too full for long enough', () => {
    const wire = new SlowWire();
    const box = new Outbox(wire, new Counters(), LIVE_LIMITS);
    expect(box.isOverrun(0)).toBe(false);
    box.answer(Buffer.alloc(LIVE_LIMITS.overrunBytes + 1));
    expect(box.isOverrun(1_000)).toBe(false);
    expect(box.isOverrun(5_999)).toBe(false);
    expect(box.isOverrun(6_000)).toBe(true);
    wire.drain();
    expect(box.isOverrun(7_000)).toBe(false);
  });
});
