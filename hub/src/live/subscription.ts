import { isDeviceId, isMetricName, isText, TOPIC_KINDS, type TopicKind } from '@fieldline/protocol';
import { FieldlineError } from '../errors.js';

/** Which devices a subscription is about. */
export type Selector =
  | { readonly kind: 'all' }
  | { readonly kind: 'list'; readonly devices: ReadonlySet<string> }
  | { readonly kind: 'tags'; readonly tags: readonly (readonly [name: string, value: string])[] };

/** One `subscribe` of protocol §2, checked and with its defaults filled in. */
export interface Subscription {
  readonly id: number;
  readonly selector: Selector;
  /** The metrics it is about; null for all. */
  readonly metrics: ReadonlySet<string> | null;
  readonly what: ReadonlySet<TopicKind>;
  /** Time between two updates, ms; 0 for every commit. */
  readonly periodMs: number;
  /** Equal for subscriptions that ask for the same, whatever their ids and the order of their lists. */
  readonly key: string;
}

/** Bounds of a subscription. A period outside its bounds is moved to the nearest, not refused. */
export const SUBSCRIPTION_LIMITS = Object.freeze({
  devices: 1_000,
  metrics: 256,
  tags: 16,
  defaultPeriodMs: 100,
  /** Shortest period other than 0: below it a frame per period costs more than a frame per commit. */
  minPeriodMs: 10,
  maxPeriodMs: 60_000,
});

const TOPICS: ReadonlySet<unknown> = new Set(TOPIC_KINDS);
const ALL: Selector = { kind: 'all' };

/**
 * Checks a `subscribe` message.
 * @throws FieldlineError `bad_subscription`, its message naming the field and what is allowed
 */
export function parseSubscription(message: Readonly<Record<string, unknown>>): Subscription {
  const id = parseSubscriptionId(message);
  const selector = parseSelector(message.devices);
  const metrics = parseMetrics(message.metrics);
  const what = parseWhat(message.what);
  const periodMs = parsePeriod(message.minPeriod);
  const key = JSON.stringify([
    selectorKey(selector),
    metrics === null ? null : [...metrics].sort(),
    [...what].sort(),
    what.has('telemetry') ? periodMs : 0,
  ]);
  return { id, selector, metrics, what, periodMs, key };
}

/**
 * The `id` of a `subscribe` or an `unsubscribe`.
 * @throws FieldlineError `bad_subscription`
 */
export function parseSubscriptionId(message: Readonly<Record<string, unknown>>): number {
  const { id } = message;
  if (!Number.isSafeInteger(id) || (id as number) < 0) {
    throw bad('id: an integer from 0 on is needed');
  }
  return id as number;
}

/** Whether a device belongs to a selection. `tags` is the device's, asked for only where they matter. */
export function selects(selector: Selector, device: string, tags: Readonly<Record<string, string>>): boolean {
  switch (selector.kind) {
    case 'all':
      return true;
    case 'list':
      return selector.devices.has(device);
    case 'tags':
      return selector.tags.every(([name, value]) => Object.hasOwn(tags, name) && tags[name] === value);
  }
}

function parseSelector(devices: unknown): Selector {
  if (devices === '*') return ALL;
  if (Array.isArray(devices)) {
    if (devices.length > SUBSCRIPTION_LIMITS.devices) {
      throw bad(`devices: at most ${SUBSCRIPTION_LIMITS.devices} in a list; "*" is all`);
    }
    if (!devices.every(isDeviceId)) throw bad('devices: a list of device ids is needed');
    return { kind: 'list', devices: new Set(devices) };
  }
  if (isRecord(devices) && isRecord(devices.tags)) return { kind: 'tags', tags: parseTags(devices.tags) };
  throw bad('devices: a list of device ids, "*" or {"tags":{…}} is needed');
}

function parseTags(tags: Readonly<Record<string, unknown>>): readonly (readonly [string, string])[] {
  const pairs = Object.entries(tags);
  if (pairs.length === 0) throw bad('devices.tags: at least one tag is needed; "*" is all devices');
  if (pairs.length > SUBSCRIPTION_LIMITS.tags) {
    throw bad(`devices.tags: at most ${SUBSCRIPTION_LIMITS.tags} tags`);
  }
  return pairs.map(([name, value]) => {
    if (!isText(name) || !isText(value)) throw bad('devices.tags: values are texts of at most 128 bytes');
    return [name, value] as const;
  });
}

function parseMetrics(metrics: unknown): ReadonlySet<string> | null {
  if (metrics === undefined || metrics === null) return null;
  if (!Array.isArray(metrics) || metrics.length === 0 || !metrics.every(isMetricName)) {
    throw bad('metrics: a list of metric names is needed, or nothing for all');
  }
  if (metrics.length > SUBSCRIPTION_LIMITS.metrics) {
    throw bad(`metrics: at most ${SUBSCRIPTION_LIMITS.metrics}; nothing is all`);
  }
  return new Set(metrics);
}

function parseWhat(what: unknown): ReadonlySet<TopicKind> {
  if (what === undefined || what === null) return new Set<TopicKind>(['telemetry']);
  if (!Array.isArray(what) || what.length === 0 || !what.every(isTopic)) {
    throw bad(`what: a list of ${TOPIC_KINDS.join(', ')} is needed, or nothing for telemetry`);
  }
  return new Set(what);
}

function parsePeriod(minPeriod: unknown): number {
  if (minPeriod === undefined || minPeriod === null) return SUBSCRIPTION_LIMITS.defaultPeriodMs;
  if (typeof minPeriod !== 'number' || minPeriod < 0) {
    throw bad('minPeriod: milliseconds from 0 on are needed');
  }
  if (minPeriod === 0) return 0;
  const { minPeriodMs, maxPeriodMs } = SUBSCRIPTION_LIMITS;
  return Math.round(Math.min(Math.max(minPeriod, minPeriodMs), maxPeriodMs));
}

function selectorKey(selector: Selector): unknown {
  switch (selector.kind) {
    case 'all':
      return '*';
    case 'list':
      return [...selector.devices].sort();
    case 'tags':
      return { tags: selector.tags.map(([name, value]) => [name, value]).sort() };
  }
}

function isTopic(value: unknown): value is TopicKind {
  return TOPICS.has(value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function bad(message: string): FieldlineError {
  return new FieldlineError('bad_subscription', message);
}
