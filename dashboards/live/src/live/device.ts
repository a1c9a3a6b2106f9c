import type { DeviceView, MetricView, SnapshotDevice, Value } from '@fieldline/protocol/browser';
import { signal } from '@preact/signals';
import type { Seen } from './state.js';

/** The latest value of a metric, by the reading's own time in ms. */
export interface Latest {
  readonly time: number;
  readonly value: Value;
}

/**
 * One device as the page knows it: the registry's view, brought up to date by the live socket.
 * Plain fields for speed (ten thousand of them are sorted and counted), and one signal, `changed`, that wakes only
 * what draws this device.
 */
export class LiveDevice implements Seen {
  readonly id: string;
  /** Counts up with every change that can be seen. */
  readonly changed = signal(0);
  readonly latest = new Map<string, Latest>();
  view: DeviceView;
  online: boolean;
  asleep: boolean;
  lastSeen: number | null;
  /** When the connection was last seen to change, by the live socket; null before. */
  statusAt: number | null = null;
  statusReason: string | null = null;

  constructor(view: DeviceView) {
    this.id = view.id;
    this.view = view;
    this.online = view.online;
    this.asleep = view.sleeping;
    this.lastSeen = view.lastSeen;
    this.#takeLatest(view.metrics);
  }

  get name(): string {
    return this.view.name ?? this.id;
  }

  get interval(): number | null {
    return this.view.interval;
  }

  /** Takes a fresh answer of the registry. Live values that are newer stay. */
  refresh(view: DeviceView): void {
    this.view = view;
    this.#connection(view.online);
    this.asleep = view.sleeping;
    this.lastSeen = later(this.lastSeen, view.lastSeen);
    this.#takeLatest(view.metrics);
    this.changed.value++;
  }

  /** Takes what the hub knows at the moment of a subscription. */
  snapshot(snapshot: SnapshotDevice, now: number): void {
    this.#connection(snapshot.online);
    for (const [metric, [time, value]] of Object.entries(snapshot.values)) {
      this.#offer(metric, time, value);
      this.lastSeen = later(this.lastSeen, Math.min(time, now));
    }
    this.changed.value++;
  }

  /** Takes one live reading; it may be a late one, which changes no latest value but proves a sign of life. */
  reading(time: number, values: Readonly<Record<string, Value>>, now: number): void {
    for (const metric in values) {
      const value = values[metric];
      if (value !== undefined) this.#offer(metric, time, value);
    }
    this.lastSeen = later(this.lastSeen, now);
    this.changed.value++;
  }

  status(online: boolean, reason: string | null, at: number): void {
    this.online = online;
    this.asleep = reason === 'sleeping';
    this.statusAt = at;
    this.statusReason = reason;
    // A connection is a sign of life; a time-out is noticed long after the last one.
    if (online) this.lastSeen = later(this.lastSeen, at);
    this.changed.value++;
  }

  /** A change that was not seen happening has no time. */
  #connection(online: boolean): void {
    if (online === this.online) return;
    this.online = online;
    this.asleep = false;
    this.statusAt = null;
    this.statusReason = null;
  }

  #takeLatest(metrics: Readonly<Record<string, MetricView>>): void {
    for (const [metric, { time, value, type }] of Object.entries(metrics)) {
      if (time !== null && value !== null) this.#offer(metric, time, value);
      // A value from before the metric was given another type is no latest value.
      else if (typeof this.latest.get(metric)?.value !== type) this.latest.delete(metric);
    }
  }

  /** The latest value is the one with the greatest time, so a backfill never replaces it. */
  #offer(metric: string, time: number, value: Value): void {
    const known = this.latest.get(metric);
    if (!known || time >= known.time) this.latest.set(metric, { time, value });
  }
}

function later(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.max(a, b);
}
