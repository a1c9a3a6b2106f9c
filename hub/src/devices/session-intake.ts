import type { Valve } from '../ingest/flow.js';
import type { Device } from './device.js';
import { type DeviceSocket, PAUSE } from './device-socket.js';
import type { RateLimit } from './rate-limit.js';
import type { SessionContext } from './session-context.js';

/**
 * What a session takes from its device, and when the device is not read from: beyond its rate, while the hub
 * has too much to write, and while it leaves unread what the hub sends. Keeps what tells a silent device from
 * one that was not read from.
 */
export class Intake implements Valve {
  /** See {@link Valve}. */
  flowTurn = 0;
  /** When something was last heard, ms since 1970. Time without reading does not count. */
  lastHeardMs: number;
  /** Since when it is not read from because acks cannot go out, ms since 1970; null while they can. */
  stuckSinceMs: number | null = null;

  private readonly context: SessionContext;
  private readonly socket: DeviceSocket;
  private readonly rate: RateLimit;

  constructor(context: SessionContext, device: Device, socket: DeviceSocket) {
    this.context = context;
    this.socket = socket;
    this.lastHeardMs = context.now();
    this.rate = device.rateLimit(context.config, this.lastHeardMs);
  }

  /** Whether best effort may be taken: it goes first beyond the rate, or while the hub has too much to write. */
  hasRoom(nowMs: number): boolean {
    if (!this.context.flow.isClosed && this.rate.tryTake(nowMs)) return true;
    this.context.counters.bestEffortDropped++;
    return false;
  }

  /** Charges what must not be dropped for its rate: what follows is only read later. */
  throttle(nowMs: number): void {
    const waitMs = this.rate.take(nowMs);
    if (waitMs === 0 || this.socket.isPausedFor(PAUSE.rate)) return;
    this.socket.pause(PAUSE.rate);
    setTimeout(() => this.resume(PAUSE.rate), waitMs).unref();
  }

  /** Stops reading for a reason that the device has to lift: `PAUSE.credit` or `PAUSE.backlog`. */
  hold(reason: number): void {
    if (this.socket.isPausedFor(reason)) return;
    this.socket.pause(reason);
    this.stuckSinceMs ??= this.context.now();
  }

  /** Takes one reason (of `PAUSE`) not to read away. */
  resume(reason: number): void {
    const isReadAgain = this.socket.resume(reason);
    if (!this.socket.isPausedFor(PAUSE.credit | PAUSE.backlog)) this.stuckSinceMs = null;
    if (isReadAgain) this.lastHeardMs = this.context.now(); // not being read from is no silence
  }

  /** The hub has too much to write. */
  close(): void {
    this.socket.pause(PAUSE.flow);
  }

  /** The hub has caught up. */
  open(): void {
    this.resume(PAUSE.flow);
  }

  /** The hub itself stood still: that is no silence either, and nobody's fault. */
  forgive(nowMs: number): void {
    this.lastHeardMs = nowMs;
    if (this.stuckSinceMs !== null) this.stuckSinceMs = nowMs;
  }
}
