import type { Value } from '@fieldline/journal';
import type { DeviceView, Page, PageQuery } from '@fieldline/protocol';

export interface DeviceFilter {
  readonly online?: boolean;
  readonly tags?: Readonly<Record<string, string>>;
  /** Matches id, name and tag values, without regard to case. */
  readonly q?: string;
}

/** The latest value of a metric. `time` in ms. */
export interface Latest {
  readonly time: number;
  readonly value: Value;
}

/** Every device is `online`, `sleeping` (as it announced), or `offline`. */
export interface DeviceCounts {
  readonly online: number;
  readonly sleeping: number;
  readonly offline: number;
  /** Of all: those whose readings are overdue. */
  readonly stale: number;
  /** Of all: those that connect again and again. */
  readonly flapping: number;
}

/** What is known of devices at this moment: the registry joined with sessions and latest values. */
export interface DeviceDirectory {
  view(id: string): DeviceView | undefined;
  list(filter: DeviceFilter, page: PageQuery): Page<DeviceView>;
  ids(): Iterable<string>;
  has(id: string): boolean;
  online(id: string): boolean;
  tags(id: string): Readonly<Record<string, string>>;
  /** The latest durable values, for a viewer's snapshot. */
  latest(id: string): Iterable<readonly [metric: string, latest: Latest]>;
}
