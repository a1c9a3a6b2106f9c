import type { Value } from '@fieldline/journal';
import {
  isForbiddenKey,
  isMetricName,
  LIMITS,
  type RejectCode,
  utf8Length,
  type ValueType,
} from '@fieldline/protocol';
import type { Device } from '../devices/device.js';
import type { Metric } from '../devices/metric.js';
import type { Rejects } from './rejects.js';

/** Limits that apply to the values of a message (protocol §1 "Limits"). */
export interface ValueLimits {
  readonly metricsPerReading: number;
  readonly metricsPerDevice: number;
  readonly rowsPerMessage: number;
}

/** Told when a metric's type was fixed by its first value, so that it lasts. */
export type OnNewMetric = (device: string, metric: string, type: ValueType, fixedAtMs: number) => void;

/** What a value has to get past. One per hub. */
export class ValueCheck {
  /** Bits of the metrics that the last call of `values` let pass (`Metric.mark`). */
  marks = 0;
  private readonly limits: ValueLimits;
  private readonly onNewMetric: OnNewMetric;

  constructor(limits: ValueLimits, onNewMetric: OnNewMetric) {
    this.limits = limits;
    this.onNewMetric = onNewMetric;
  }

  /**
   * The good values of one reading. The given object is returned as it is when nothing is wrong with it:
   * it came from JSON.parse, and every name in it is a known metric's.
   */
  values(device: Device, values: Record<string, unknown>, row: number, nowMs: number, rejects: Rejects) {
    const isStrict = device.profile?.mode === 'strict';
    let count = 0;
    let isClean = true;
    let marks = 0;
    for (const name in values) {
      const value = values[name];
      if (value === null) {
        isClean = false;
        continue;
      }
      const metric = device.metrics.get(name);
      if (
        ++count > this.limits.metricsPerReading ||
        metric === undefined ||
        (isStrict && metric.profile === undefined) ||
        !isGood(metric, value)
      ) {
        isClean = false;
        break;
      }
      marks |= metric.mark;
    }
    this.marks = marks;
    if (isClean) return values as Record<string, Value>;
    return this.sift(device, values, row, nowMs, rejects);
  }

  /** The slow way: name by name, refusing what is bad and learning what is new. */
  private sift(
    device: Device,
    values: Record<string, unknown>,
    row: number,
    nowMs: number,
    rejects: Rejects,
  ) {
    const good: Record<string, Value> = {};
    let count = 0;
    for (const name of Object.keys(values)) {
      const value = values[name];
      if (value === null) continue;
      if (++count > this.limits.metricsPerReading) {
        const most = this.limits.metricsPerReading;
        rejects.value(name, 'too_many_metrics', row, value, `a reading has at most ${most} metrics`);
        continue;
      }
      const refusal = this.check(device, name, value, nowMs);
      if (refusal === null) {
        good[name] = value as Value;
        this.marks |= device.metrics.get(name)?.mark ?? 0;
      } else rejects.value(name, refusal.code, row, value, refusal.message);
    }
    return good;
  }

  /** Why one value is refused; null when it is good. Fixes the type of a metric that is new. */
  check(device: Device, name: string, value: unknown, nowMs: number): Refusal | null {
    let metric = device.metrics.get(name);
    // What was seen before a strict profile came is not known to that profile.
    if (metric?.profile === undefined && device.profile?.mode === 'strict') metric = undefined;
    if (metric !== undefined && isGood(metric, value)) return null;
    if (metric === undefined) {
      if (!isMetricName(name)) return badName(name);
      const bad = badValue(value);
      if (bad) return bad;
      if (device.profile?.mode === 'strict') {
        return { code: 'unknown_metric', message: `the profile ${device.profile.name} has no such metric` };
      }
      if (device.metrics.size >= this.limits.metricsPerDevice) {
        const most = this.limits.metricsPerDevice;
        return { code: 'too_many_metrics', message: `a device has at most ${most} metrics` };
      }
      const type = typeof value as ValueType;
      const retyped = device.retyped.get(name);
      if (retyped !== undefined && retyped.type !== type) return typeConflict(retyped, value);
      device.addMetric(name, type, nowMs);
      this.onNewMetric(device.id, name, type, nowMs);
      return null;
    }
    return badValue(value) ?? badType(metric, value) ?? badRange(metric, value as Value);
  }
}

interface Refusal {
  readonly code: RejectCode;
  readonly message: string;
}

/** The check of the hot path: right type, finite, short, in range. */
function isGood(metric: Metric, value: unknown): boolean {
  if (typeof value !== metric.type) return false;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return false;
    const profile = metric.profile;
    if (profile === undefined) return true;
    if (profile.min !== null && value < profile.min) return false;
    if (profile.max !== null && value > profile.max) return false;
    if (profile.integer && !Number.isInteger(value)) return false;
  } else if (typeof value === 'string' && !isShort(value)) {
    return false;
  }
  const allowed = metric.profile?.enum;
  return allowed === undefined || allowed === null || allowed.includes(value as Value);
}

/** UTF-8 takes at most three bytes for each UTF-16 code unit: most texts need not be measured. */
function isShort(text: string): boolean {
  return text.length * 3 <= LIMITS.stringBytes || utf8Length(text) <= LIMITS.stringBytes;
}

function badName(name: string): Refusal {
  const isReserved = name === 'time' || isForbiddenKey(name);
  const message = isReserved
    ? 'this name is reserved'
    : '1 to 64 letters, digits, _ . -, beginning with a letter or _';
  return { code: 'bad_metric_name', message };
}

function badValue(value: unknown): Refusal | null {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    return { code: 'bad_value', message: 'the number is too large for 64 bits' };
  }
  if (typeof value === 'string' && !isShort(value)) {
    return { code: 'bad_value', message: `a text has at most ${LIMITS.stringBytes} bytes` };
  }
  if (typeof value === 'object' || value === undefined) {
    return { code: 'bad_value', message: 'a value is a number, true, false, a text or null' };
  }
  return null;
}

function badType(metric: Metric, value: unknown): Refusal | null {
  if (typeof value !== metric.type) return typeConflict(metric, value);
  if (metric.profile?.integer && !Number.isInteger(value)) {
    return { code: 'type_conflict', message: 'integer expected (by the profile), got a fraction' };
  }
  return null;
}

/** Says since when the type is what it is (protocol §1.2). */
function typeConflict({ type, fixedAt }: Pick<Metric, 'type' | 'fixedAt'>, value: unknown): Refusal {
  const since = fixedAt === null ? 'by the profile' : `since ${new Date(fixedAt).toISOString()}`;
  return { code: 'type_conflict', message: `${type} expected (${since}), got ${typeof value}` };
}

function badRange(metric: Metric, value: Value): Refusal | null {
  const { min = null, max = null, enum: allowed } = metric.profile ?? {};
  if (min !== null && (value as number) < min) return { code: 'out_of_range', message: `below ${min}` };
  if (max !== null && (value as number) > max) return { code: 'out_of_range', message: `above ${max}` };
  if (allowed && !allowed.includes(value)) {
    return { code: 'out_of_range', message: `none of ${allowed.map(String).join(', ')}` };
  }
  return null;
}

/** Whether a parsed JSON value is an object that is neither null nor an array. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
