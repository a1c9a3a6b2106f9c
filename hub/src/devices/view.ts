import { type DeviceConfig, type DeviceView, type MetricView, STALE_INTERVALS } from '@fieldline/protocol';
import type { DeviceConfigRecord } from '../state/device-configs.js';
import type { Device } from './device.js';
import type { DeviceFilter } from './directory.js';

/**
 * Whether the device has been silent for longer than it should, whatever its connection says. One that sleeps may be
 * silent for as long as it announced.
 */
export function isStale(device: Device, nowMs: number): boolean {
  const { intervalMs, lastReading, standing } = device;
  if (intervalMs === null || lastReading === null) return false;
  return nowMs - lastReading >= STALE_INTERVALS * intervalMs + (standing.sleepMs ?? 0);
}

/** Whether the device is away as it has announced. */
export function isAsleep({ isOnline, standing }: Device): boolean {
  return !isOnline && standing.wakesBy !== null;
}

/** A device as the API shows it (protocol §3 "Shapes"). */
export function viewDevice(device: Device, nowMs: number): DeviceView {
  const { record } = device;
  return {
    id: device.id,
    name: record.name,
    profile: record.profile,
    tags: record.tags,
    disabled: record.disabled,
    online: device.isOnline,
    stale: isStale(device, nowMs),
    sleeping: isAsleep(device),
    wakesBy: device.standing.wakesBy,
    flapping: device.standing.isFlapping,
    lastSeen: device.lastSeen,
    lastDisconnect: device.standing.lastDisconnect,
    interval: device.intervalMs,
    firmware: device.firmware,
    boot: device.boot,
    address: device.address,
    caps: device.caps === null ? null : [...device.caps],
    metrics: viewMetrics(device),
    counters: { ...device.counters },
    reboots: device.standing.reboots,
    config: viewConfig(device.config),
  };
}

/** `code` and `message` are there only where the device has rejected it; who, when and what it said last, where known. */
export function viewConfig(config: DeviceConfigRecord): DeviceConfig {
  const { version, desired, reported, state, code, message, by, at, reportedVersion, reportedAt } = config;
  return {
    ...{ version, desired, reported, state },
    ...(code === null ? {} : { code, message: message ?? '' }),
    ...(by === null || at === null ? {} : { by, at }),
    ...(reportedVersion === null || reportedAt === null ? {} : { reportedVersion, reportedAt }),
  };
}

function viewMetrics(device: Device): Record<string, MetricView> {
  const metrics: Record<string, MetricView> = {};
  for (const [name, metric] of device.metrics) {
    metrics[name] = {
      type: metric.type,
      unit: metric.profile?.unit ?? null,
      time: metric.latestTime === 0 ? null : Math.floor(metric.latestTime / 1000),
      value: metric.latestValue,
    };
  }
  return metrics;
}

export function matches(device: Device, filter: DeviceFilter): boolean {
  const { record } = device;
  if (filter.online !== undefined && filter.online !== device.isOnline) return false;
  for (const [tag, value] of Object.entries(filter.tags ?? {})) {
    if (!Object.hasOwn(record.tags, tag) || record.tags[tag] !== value) return false;
  }
  if (filter.q === undefined || filter.q === '') return true;
  const wanted = filter.q.toLowerCase();
  return [device.id, record.name ?? '', ...Object.values(record.tags)].some((text) =>
    text.toLowerCase().includes(wanted),
  );
}
