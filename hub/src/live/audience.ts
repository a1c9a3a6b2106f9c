import type { TopicKind } from '@fieldline/protocol';
import { type CommitClock, Lane } from './lane.js';
import { type Subscription, selects } from './subscription.js';
import type { MetricFilter } from './track.js';
import type { Viewer } from './viewer.js';

/** A lane that is about a device, and the metrics of that device that go through it. */
export interface LaneUse {
  readonly lane: Lane;
  readonly covers: MetricFilter;
}

/**
 * Viewers that have asked for exactly the same, whatever their subscriptions' ids. They share the work and the
 * frames: for a hundred viewers of one page a frame is built once.
 */
export class Audience {
  readonly key: string;
  readonly subscriptions: readonly Subscription[];
  readonly viewers = new Set<Viewer>();
  /** Devices that are named one by one; null when a selection is open (all, or by tags). */
  readonly listed: ReadonlySet<string> | null;
  /** Whether a device's tags matter. */
  readonly byTags: boolean;
  readonly wantsRaw: boolean;
  readonly #lanes = new Map<number, Lane>();

  constructor(key: string, subscriptions: readonly Subscription[], clock: CommitClock) {
    this.key = key;
    this.subscriptions = subscriptions;
    this.byTags = subscriptions.some(({ selector }) => selector.kind === 'tags');
    this.wantsRaw = subscriptions.some(({ what }) => what.has('raw'));
    this.listed = listedDevices(subscriptions);
    for (const { what, periodMs } of subscriptions) {
      if (what.has('telemetry')) this.#lanes.set(periodMs, new Lane(this, periodMs, clock));
    }
  }

  /** Equal for the same set of subscriptions in any order. */
  static keyOf(subscriptions: Iterable<Subscription>): string {
    return [...new Set([...subscriptions].map(({ key }) => key))].sort().join('\n');
  }

  get lanes(): Iterable<Lane> {
    return this.#lanes.values();
  }

  selects(device: string, tags: Readonly<Record<string, string>>): boolean {
    return this.subscriptions.some(({ selector }) => selects(selector, device, tags));
  }

  wants(topic: TopicKind, device: string, tags: Readonly<Record<string, string>>): boolean {
    return this.subscriptions.some(
      ({ what, selector }) => what.has(topic) && selects(selector, device, tags),
    );
  }

  /**
   * Through which lanes a device's telemetry goes. Each metric goes through one: that of the smallest period
   * that was asked for it.
   */
  lanesOf(device: string, tags: Readonly<Record<string, string>>): LaneUse[] {
    const uses: LaneUse[] = [];
    const taken = new Set<string>();
    for (const [periodMs, lane] of [...this.#lanes].sort(([a], [b]) => a - b)) {
      const metrics = this.#metricsAt(periodMs, device, tags);
      if (metrics === undefined) continue;
      uses.push({ lane, covers: filterOf(metrics, new Set(taken)) });
      if (metrics === null) break;
      for (const metric of metrics) taken.add(metric);
    }
    return uses;
  }

  close(): void {
    for (const lane of this.#lanes.values()) lane.close();
  }

  /** The metrics that were asked for at one period; null for all, undefined for none. */
  #metricsAt(
    periodMs: number,
    device: string,
    tags: Readonly<Record<string, string>>,
  ): ReadonlySet<string> | null | undefined {
    const asked = this.subscriptions.filter(
      (subscription) =>
        subscription.periodMs === periodMs &&
        subscription.what.has('telemetry') &&
        selects(subscription.selector, device, tags),
    );
    if (asked.length === 0) return undefined;
    const metrics = new Set<string>();
    for (const subscription of asked) {
      if (subscription.metrics === null) return null;
      for (const metric of subscription.metrics) metrics.add(metric);
    }
    return metrics;
  }
}

function filterOf(metrics: ReadonlySet<string> | null, taken: ReadonlySet<string>): MetricFilter {
  if (metrics === null) return taken.size === 0 ? null : (metric) => !taken.has(metric);
  return (metric) => metrics.has(metric) && !taken.has(metric);
}

function listedDevices(subscriptions: readonly Subscription[]): ReadonlySet<string> | null {
  const devices = new Set<string>();
  for (const { selector } of subscriptions) {
    if (selector.kind !== 'list') return null;
    for (const device of selector.devices) devices.add(device);
  }
  return devices;
}
