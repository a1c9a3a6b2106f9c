import type { Profile, Topics, Value, ValueType } from '@fieldline/protocol';
import { unitOf } from '@fieldline/protocol';
import { numericClass } from './classes.js';
import { ONLINE_TEMPLATE, valueTemplate } from './templates.js';

/** What of a device goes into its message; `Device` is one. */
export interface DescribedDevice {
  readonly id: string;
  readonly record: { readonly name: string | null; readonly tags: Readonly<Record<string, string>> };
  readonly profile: Pick<Profile, 'title' | 'name'> | undefined;
  readonly firmware: string | null;
  readonly metrics: ReadonlyMap<string, DescribedMetric>;
}

interface DescribedMetric {
  readonly type: ValueType;
  readonly profile:
    | {
        readonly title: string;
        readonly unit: string | null;
        readonly min: number | null;
        readonly decimals: number | null;
        readonly enum: readonly Value[] | null;
      }
    | undefined;
}

/** Who tells Home Assistant: the `origin` of the message, and where the device's own page is. */
export interface Teller {
  readonly version: string;
  /** Where the hub's page is reached, without a slash at its end; null when nobody said so. */
  readonly url: string | null;
}

export type Platform = 'sensor' | 'binary_sensor';

/** One entity; a component with a platform alone takes away what was under its key. */
export type Component = Readonly<Record<string, unknown>> & { readonly platform: Platform };

/**
 * Home Assistant's message for one device
 * (https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload). Unknown keys at its root, in
 * `device` or in `origin` would make Home Assistant refuse it as a whole.
 */
export interface DiscoveryMessage {
  readonly device: Readonly<Record<string, unknown>>;
  readonly origin: Readonly<Record<string, string>>;
  readonly components: Readonly<Record<string, Component>>;
  readonly [option: string]: unknown;
}

/**
 * What Home Assistant calls the device: unique among the hubs of one broker, which differ in their topics, and
 * of the letters that it allows (`[a-zA-Z0-9_-]`).
 */
export function objectId(prefix: string, device: string): string {
  return `${prefix.replaceAll(/[^A-Za-z0-9-]/g, '_')}_${device}`;
}

/** The topic under which Home Assistant finds the device. */
export function discoveryTopic(discoveryPrefix: string, { prefix }: Topics, device: string): string {
  return `${discoveryPrefix}/device/${objectId(prefix, device)}/config`;
}

/** The message that describes a device as it is now. Names are plain text in it; no name is in a template. */
export function describeDevice(device: DescribedDevice, topics: Topics, teller: Teller): DiscoveryMessage {
  const id = objectId(topics.prefix, device.id);
  const components: Record<string, Component> = {};
  for (const [name, metric] of device.metrics) {
    const component = describeMetric(name, metric, id);
    components[`${component.platform}_${name}`] = component;
  }
  return {
    device: describe(device, id, teller),
    origin: {
      name: 'Fieldline',
      sw_version: teller.version,
      ...(teller.url === null ? {} : { support_url: teller.url }),
    },
    state_topic: topics.state(device.id),
    availability: [
      { topic: topics.hubStatus, value_template: ONLINE_TEMPLATE },
      { topic: topics.status(device.id), value_template: ONLINE_TEMPLATE },
    ],
    availability_mode: 'all',
    components,
  };
}

function describe(device: DescribedDevice, id: string, { url }: Teller): Readonly<Record<string, unknown>> {
  const { record, profile, firmware } = device;
  const { area } = record.tags;
  return {
    identifiers: [id],
    name: record.name?.trim() || device.id,
    ...(profile === undefined ? {} : { model: profile.title || profile.name }),
    ...(firmware ? { sw_version: firmware } : {}),
    ...(area?.trim() ? { suggested_area: area.trim() } : {}),
    ...(url === null ? {} : { configuration_url: `${url}/#/device/${device.id}` }),
  };
}

function describeMetric(name: string, metric: DescribedMetric, id: string): Component {
  const common = {
    unique_id: `${id}_${name}`,
    name: metric.profile?.title.trim() || name,
    value_template: valueTemplate(name, metric.type),
  };
  switch (metric.type) {
    case 'boolean':
      return { platform: 'binary_sensor', ...common };
    case 'string':
      return { platform: 'sensor', ...common, ...options(metric.profile?.enum ?? null) };
    case 'number':
      return { platform: 'sensor', ...common, ...numberOptions(metric.profile) };
  }
}

/** A text of a few known words. Home Assistant takes no other value then. */
function options(values: readonly Value[] | null): object {
  const words = (values ?? []).filter((value) => typeof value === 'string');
  return words.length === 0 ? {} : { device_class: 'enum', options: [...new Set(words)] };
}

function numberOptions(profile: DescribedMetric['profile']): object {
  const decimals = profile?.decimals ?? null;
  const precision = decimals === null ? {} : { suggested_display_precision: decimals };
  const unit = profile?.unit ? unitOf(profile.unit) : null;
  return {
    ...(unit?.homeAssistantUnit ? { unit_of_measurement: unit.homeAssistantUnit } : {}),
    ...numericClass(unit?.homeAssistantClass ?? null, profile?.min ?? null),
    ...precision,
  };
}
