import { CLOSE, LIMITS } from '@fieldline/protocol';
import type { Device } from './device.js';
import { type DeviceSocket, PAUSE } from './device-socket.js';
import type { Session } from './session.js';
import type { SessionContext } from './session-context.js';
import { TakeoverLimit } from './takeover-limit.js';

/** How long an older session may take to drain before its device's newer one is let in anyway. */
const TAKEOVER_MS = 2_000;
/** A session that is being tried must answer a ping within this. */
const PROBE_MS = 2_000;
/**
 * A sweep that is so much too late (or early) tells that the process was stopped, or the clock set. A heartbeat is enough:
 * a disk that stalls the hub for a second must not cost those their connection whose heartbeat is shorter.
 */
const STOOD_STILL_MS = 2_000;
/** A device comes back after a random time up to this, so that a restart is no stampede. */
const RETURN_WITHIN_MS = 10_000;

/**
 * All sessions: which one speaks for a device, heartbeats, takeovers, and the end of all of them.
 * At most one session is current for a device; the newest wins.
 */
export class Sessions {
  private readonly context: SessionContext;
  private readonly open = new Set<Session>();
  private readonly takeovers = new TakeoverLimit();
  /** All sockets that have not closed, also those that have not logged in. */
  readonly sockets = new Set<DeviceSocket>();
  /** Takeovers under way: settled when the older session has ended. */
  private readonly underWay = new WeakMap<Session, Promise<void>>();
  private timer: NodeJS.Timeout | null = null;
  private sweepEveryMs = 0;
  private sweptMs = 0;
  private isClosing = false;

  constructor(context: SessionContext) {
    this.context = context;
  }

  get size(): number {
    return this.open.size;
  }

  start(): void {
    this.sweepEveryMs = Math.min(1_000, Math.max(20, this.context.config.device.heartbeatMs / 4));
    this.sweptMs = this.context.now();
    this.timer = setInterval(() => this.sweep(), this.sweepEveryMs);
  }

  /**
   * Whether a new session of this device would come too soon after others (a second board with the same
   * token, say): how long to wait, ms; 0 for come in. The session that is there is tried, so that a dead
   * one cannot keep its device out.
   */
  refusal(device: Device): number {
    if (device.session === null) return 0;
    const waitMs = this.takeovers.waitMs(device, this.context.now());
    if (waitMs > 0) this.probe(device.session);
    return waitMs;
  }

  /** Makes a session the one that speaks for its device; ends the older one first (protocol §1.2). */
  async begin(session: Session): Promise<void> {
    const { device } = session;
    const older = device.session;
    device.session = session;
    device.address = session.address;
    this.open.add(session);
    if (older) {
      this.takeovers.count(device, this.context.now());
      this.context.log.info(
        { device: device.id, from: older.address, to: session.address },
        'session taken over',
      );
      this.context.onTakeover(device, older.address, session.address);
      this.context.presence.replaced(device);
      session.socket.pause(PAUSE.takeover);
      const takeover = this.replace(older);
      this.underWay.set(session, takeover);
      await takeover;
    } else {
      this.context.presence.joined(device);
    }
    // Also when it has closed meanwhile: what it had sent is taken.
    session.start();
    if (!this.open.has(session)) this.context.flow.leave(session.intake);
  }

  /** Ends a session that was replaced, after all that it had received, and after those that it replaced. */
  private async replace(older: Session): Promise<void> {
    older.socket.pause(PAUSE.ending);
    await this.underWay.get(older);
    await older.acks.drained(TAKEOVER_MS);
    older.acks.sendAcks();
    older.end(CLOSE.replaced, 'replaced', 'a newer connection of this device took over');
  }

  /** A connection is gone. Only the current session of a device takes it offline. */
  ended(session: Session, reason: string): void {
    this.open.delete(session);
    this.context.flow.leave(session.intake);
    this.context.configs.gone(session.device.id, session);
    const current = session.device.session;
    this.context.commands.gone(session.device.id, session, current !== null && current !== session);
    if (current !== session) return;
    session.device.session = null;
    this.context.touch(session.device);
    this.context.presence.left(session.device, reason);
  }

  /** A token was revoked, or its device disabled or deleted. @returns whether that ended any session */
  revoke(matches: (session: Session) => boolean, message: string): boolean {
    const ended = [...this.open].filter(matches);
    for (const session of ended) session.end(CLOSE.unauthorized, 'unauthorized', message);
    return ended.length > 0;
  }

  /** Tells every device how much it may send, where that has changed: 0 while nothing can be made durable. */
  tellWindow(): void {
    const window = this.context.canWrite() ? this.context.config.device.window : 0;
    for (const session of this.open) session.acks.setWindow(window);
  }

  /** Stops reading from everybody; what was received is answered by the commits that follow. */
  stopReading(): void {
    this.isClosing = true;
    for (const session of this.open) session.socket.pause(PAUSE.ending);
  }

  /** Says goodbye to everybody. */
  close(): void {
    if (this.timer) clearInterval(this.timer);
    for (const session of this.open) {
      session.acks.sendAcks();
      session.bye(CLOSE.goingAway, 1_000 + Math.floor(Math.random() * (RETURN_WITHIN_MS - 1_000)));
    }
  }

  /** Cuts what has not closed by itself. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  private sweep(): void {
    if (this.isClosing) return;
    const now = this.context.now();
    const { heartbeatMs, drainTimeoutMs } = this.context.config.device;
    const canWrite = this.context.canWrite();
    const lateMs = now - this.sweptMs - this.sweepEveryMs;
    this.sweptMs = now;
    const stoodStill = Math.abs(lateMs) > Math.min(STOOD_STILL_MS, heartbeatMs);
    if (stoodStill) for (const session of this.open) session.forgive(now);
    this.tellWindow();
    for (const session of this.open) {
      session.output.checkBacklog();
      if (now - session.lastPingMs >= heartbeatMs) {
        session.lastPingMs = now;
        session.socket.ping();
      }
      const { stuckSinceMs, lastHeardMs } = session.intake;
      if (stuckSinceMs !== null && canWrite && now - stuckSinceMs >= drainTimeoutMs) {
        this.context.log.warn({ device: session.device.id }, 'device does not take its acks');
        session.end(CLOSE.overrun, 'overrun', 'acks could not be delivered', { retryAfterMs: 1_000 });
      } else if (!session.socket.isPaused && now - lastHeardMs >= LIMITS.silentHeartbeats * heartbeatMs) {
        session.end(CLOSE.timeout, 'timeout', `nothing heard for ${LIMITS.silentHeartbeats} heartbeats`);
      }
    }
  }

  private probe(session: Session): void {
    const before = session.intake.lastHeardMs;
    session.socket.ping();
    setTimeout(() => {
      if (session.isOpen && session.intake.lastHeardMs === before) session.socket.destroy();
    }, PROBE_MS).unref();
  }
}
