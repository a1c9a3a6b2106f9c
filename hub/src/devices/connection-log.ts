import type { Reading } from '@fieldline/journal';
import type { FastifyBaseLogger } from 'fastify';
import type { DeviceConnections } from '../state/device-connections.js';
import type { Device } from './device.js';
import { type PresenceChange, RETURNED } from './presence.js';

export interface ConnectionLogOptions {
  readonly store: Pick<DeviceConnections, 'add' | 'flush' | 'waiting'>;
  readonly log: Pick<FastifyBaseLogger, 'warn'>;
  readonly now: () => number;
}

/** Where a network gives way, many devices come and go at once: their events are written together. */
const TOGETHER_MS = 1_000;
/** Events that are written in one transaction: some milliseconds, in which the hub does nothing else. */
const AT_ONCE = 250;
/** A reading this much older than the connection that brought it was kept meanwhile; less may be a clock that is off. */
const LATE_US = 10_000_000;
/** Late readings belong together until none has come for so long. */
const QUIET_MS = 5_000;

/** Readings that a device brought along after it was away. Times in ms. */
interface Late {
  from: number;
  to: number;
  readings: number;
  lastAt: number;
}

/**
 * Notes what befalls the connections of devices: coming, going, another boot, and readings that arrive late. A restart
 * of the hub is no news of its devices (see presence.ts).
 */
export class ConnectionLog {
  readonly #options: ConnectionLogOptions;
  /** Since when each device is connected, ms: what was measured before came late. */
  readonly #connectedAt = new Map<string, number>();
  readonly #late = new Map<string, Late>();
  #timer: NodeJS.Timeout | undefined;
  #next: NodeJS.Immediate | undefined;
  #isFailing = false;

  constructor(options: ConnectionLogOptions) {
    this.#options = options;
  }

  /** Takes a change of who is online. */
  changed({ device: { id }, online, reason, at }: PresenceChange): void {
    if (online) this.#connectedAt.set(id, at);
    else this.#connectedAt.delete(id);
    if (reason === RETURNED) return;
    this.#options.store.add(id, { at, event: online ? 'online' : 'offline', reason });
    this.#writeSoon();
  }

  /** The device named a boot that the hub did not know. */
  rebooted({ id }: Pick<Device, 'id'>, boot: string): void {
    this.#options.store.add(id, { at: this.#options.now(), event: 'rebooted', boot });
    this.#writeSoon();
  }

  /** Takes durable readings. Of one that came in time this costs a comparison. */
  take(readings: readonly Reading[]): void {
    for (const { device, time, receivedAt } of readings) {
      if (receivedAt - time < LATE_US) continue;
      const connectedAt = this.#connectedAt.get(device);
      if (connectedAt === undefined || connectedAt * 1_000 - time < LATE_US) continue;
      this.#note(device, Math.floor(time / 1_000));
    }
  }

  /** The device was deleted. */
  forget(id: string): void {
    this.#connectedAt.delete(id);
    this.#late.delete(id);
  }

  /** Writes what waits. Before the state file is closed. */
  close(): void {
    for (const [device, late] of this.#late) this.#settle(device, late);
    this.#write(this.#options.store.waiting);
    clearTimeout(this.#timer);
    clearImmediate(this.#next);
  }

  #note(device: string, time: number): void {
    const late = this.#late.get(device);
    const lastAt = this.#options.now();
    if (late === undefined) {
      this.#late.set(device, { from: time, to: time, readings: 1, lastAt });
      this.#writeSoon();
      return;
    }
    late.from = Math.min(late.from, time);
    late.to = Math.max(late.to, time);
    late.readings++;
    late.lastAt = lastAt;
  }

  #settle(device: string, { from, to, readings, lastAt }: Late): void {
    this.#late.delete(device);
    this.#options.store.add(device, { at: lastAt, event: 'late', from, to, readings });
  }

  #writeSoon(): void {
    this.#timer ??= setTimeout(() => this.#tick(), TOGETHER_MS);
  }

  #tick(): void {
    this.#timer = undefined;
    const now = this.#options.now();
    for (const [device, late] of this.#late) if (now - late.lastAt >= QUIET_MS) this.#settle(device, late);
    this.#writeInTurns();
    if (this.#late.size > 0) this.#writeSoon();
  }

  #writeInTurns(): void {
    clearImmediate(this.#next);
    const isWritten = this.#write(AT_ONCE);
    if (this.#options.store.waiting === 0) return;
    if (isWritten) this.#next = setImmediate(() => this.#writeInTurns());
    else this.#writeSoon();
  }

  /** What cannot be written waits, within the store's bounds. @returns whether it could be written */
  #write(atMost: number): boolean {
    const { store, log } = this.#options;
    try {
      store.flush(atMost);
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) log.warn({ err: error }, 'the connections of devices could not be noted');
      this.#isFailing = true;
    }
    return !this.#isFailing;
  }
}
