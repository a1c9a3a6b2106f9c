import type { DeviceView, Page, PageQuery, Profile, ValueType } from '@fieldline/protocol';
import { Device } from './device.js';
import type { DeviceCounts, DeviceDirectory, DeviceFilter, Latest } from './directory.js';
import type { DeviceRecord, Registry } from './registry.js';
import { NO_PROFILE, type Retyping } from './retyping.js';
import { isAsleep, isStale, matches, viewDevice } from './view.js';

/** The types that were fixed by a first value, as they were kept. */
export interface FixedType {
  readonly device: string;
  readonly metric: string;
  readonly type: ValueType;
  readonly fixedAt: number;
}

export interface DevicesOptions {
  readonly registry: Registry;
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly types: Iterable<FixedType>;
  /** Types that an admin gave to metrics; none by default. */
  readonly retyping?: Pick<Retyping, 'of' | 'onChange'>;
  readonly now: () => number;
}

/** Told when a device must not be connected any more. */
export type OnBarred = (device: Device, reason: 'disabled' | 'deleted') => void;

/** All devices: the registry joined with what the running hub knows of each. */
export class Devices implements DeviceDirectory {
  private readonly options: DevicesOptions;
  private readonly byId = new Map<string, Device>();
  private readonly added: ((device: Device) => void)[] = [];
  private readonly barred: OnBarred[] = [];
  private readonly retyped: ((device: Device) => void)[] = [];

  constructor(options: DevicesOptions) {
    this.options = options;
  }

  /** Loads everything, and follows the registry from then on. */
  open(): void {
    const { registry, types, retyping } = this.options;
    retyping?.onChange(({ profile, metric }) => this.retype(profile, metric));
    for (const record of registry.all()) this.add(record);
    for (const { device, metric, type, fixedAt } of types) this.fix(device, metric, type, fixedAt);
    registry.watch(({ kind, device }) => {
      if (kind === 'created') this.add(device);
      else if (kind === 'deleted') this.remove(device.id);
      else this.change(device);
    });
  }

  /** Calls `listener` with every device that is registered from now on. */
  onAdded(listener: (device: Device) => void): void {
    this.added.push(listener);
  }

  onBarred(listener: OnBarred): void {
    this.barred.push(listener);
  }

  /** Calls `listener` with every device of which a metric was given another type. */
  onRetyped(listener: (device: Device) => void): void {
    this.retyped.push(listener);
  }

  /** Whether a device of the profile (`default`: without one) has such a metric. */
  hasMetric(profile: string, metric: string): boolean {
    for (const { record, metrics } of this.byId.values()) {
      if ((record.profile ?? NO_PROFILE) === profile && metrics.has(metric)) return true;
    }
    return false;
  }

  get(id: string): Device | undefined {
    return this.byId.get(id);
  }

  all(): Iterable<Device> {
    return this.byId.values();
  }

  get size(): number {
    return this.byId.size;
  }

  /** A device named its profile: it counts while the registry has none, if there is such a profile. */
  offerProfile(device: Device, profile: string): void {
    if (device.record.profile !== null || !this.options.profiles.has(profile)) return;
    this.options.registry.update(device.id, { profile });
  }

  view(id: string): DeviceView | undefined {
    const device = this.byId.get(id);
    return device && viewDevice(device, this.options.now());
  }

  list(filter: DeviceFilter, page: PageQuery): Page<DeviceView> {
    const now = this.options.now();
    const items: DeviceView[] = [];
    for (const { id } of this.options.registry.all(page.cursor ?? '')) {
      const device = this.byId.get(id);
      if (!device || !matches(device, filter)) continue;
      if (items.length === page.limit) return { items, next: items.at(-1)?.id ?? null };
      items.push(viewDevice(device, now));
    }
    return { items, next: null };
  }

  ids(): Iterable<string> {
    return this.byId.keys();
  }

  has(id: string): boolean {
    return this.byId.has(id);
  }

  online(id: string): boolean {
    return this.byId.get(id)?.isOnline ?? false;
  }

  /** How many devices are in each state at this moment. */
  count(): DeviceCounts {
    const now = this.options.now();
    const counts = { online: 0, sleeping: 0, offline: 0, stale: 0, flapping: 0 };
    for (const device of this.byId.values()) {
      counts[device.isOnline ? 'online' : isAsleep(device) ? 'sleeping' : 'offline']++;
      if (isStale(device, now)) counts.stale++;
      if (device.standing.isFlapping) counts.flapping++;
    }
    return counts;
  }

  tags(id: string): Readonly<Record<string, string>> {
    return this.byId.get(id)?.record.tags ?? {};
  }

  *latest(id: string): Iterable<readonly [metric: string, latest: Latest]> {
    for (const [name, { latestTime, latestValue }] of this.byId.get(id)?.metrics ?? []) {
      if (latestValue !== null) yield [name, { time: Math.floor(latestTime / 1000), value: latestValue }];
    }
  }

  private add(record: DeviceRecord): void {
    const device = new Device(record);
    device.setProfile(this.profileOf(record), this.options.retyping?.of(record.profile));
    this.byId.set(record.id, device);
    for (const tell of this.added) tell(device);
  }

  private change(record: DeviceRecord): void {
    const device = this.byId.get(record.id);
    if (!device) return;
    const before = device.record;
    device.record = record;
    if (before.profile !== record.profile) {
      device.setProfile(this.profileOf(record), this.options.retyping?.of(record.profile));
    }
    if (record.disabled && !before.disabled) for (const tell of this.barred) tell(device, 'disabled');
  }

  private remove(id: string): void {
    const device = this.byId.get(id);
    if (!device) return;
    this.byId.delete(id);
    for (const tell of this.barred) tell(device, 'deleted');
  }

  private fix(id: string, name: string, type: ValueType, fixedAt: number): void {
    this.byId.get(id)?.addMetric(name, type, fixedAt);
  }

  private retype(profile: string, metric: string): void {
    for (const device of this.byId.values()) {
      if ((device.record.profile ?? NO_PROFILE) !== profile || !device.metrics.has(metric)) continue;
      device.settleType(metric);
      for (const tell of this.retyped) tell(device);
    }
  }

  private profileOf(record: DeviceRecord): Profile | undefined {
    return record.profile === null ? undefined : this.options.profiles.get(record.profile);
  }
}
