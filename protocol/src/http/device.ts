import Type from 'typebox';
import { CAPS, type Cap, CONFIG_STATES } from '../codes.js';
import { choice, mapOf, nullable } from '../combinators.js';
import type { DeepReadonly } from '../deep-readonly.js';
import { DeviceId } from '../messages/fields.js';
import { METRIC_NAME_PATTERN } from '../names.js';
import { MetricValue, NewTags, ProfileName, Text, Time } from './fields.js';
import { MetricView } from './metric.js';

const Count = Type.Integer({ minimum: 0 });

/** What became of a device's messages and values, since it was registered. */
export const DeviceCounters = Type.Object({
  received: Count,
  duplicates: Count,
  gaps: Count,
  rejected: Count,
  clockRepairs: Count,
});
export type DeviceCounters = DeepReadonly<Type.Static<typeof DeviceCounters>>;

/** The configuration that a device is to run, and the one that it says it runs. */
export const DeviceConfig = Type.Object({
  version: Type.Integer(),
  desired: Type.Object({}, { additionalProperties: true }),
  reported: Type.Object({}, { additionalProperties: true }),
  state: choice(CONFIG_STATES),
  /** Why the device has rejected it. */
  code: Type.Optional(Type.String()),
  message: Type.Optional(Type.String()),
  by: Type.Optional(Type.String({ description: 'Who set `desired` last; absent before the first.' })),
  at: Type.Optional(Type.Integer({ description: 'When that was, ms since 1970.' })),
  reportedVersion: Type.Optional(
    Type.Integer({ description: 'The version of its last report; absent before the first.' }),
  ),
  reportedAt: Type.Optional(Type.Integer({ description: 'When that came, ms since 1970.' })),
});
export type DeviceConfig = DeepReadonly<Type.Static<typeof DeviceConfig>>;

/** Sets the configuration that a device is to run, as a whole. */
export const NewDeviceConfig = Type.Object(
  {
    desired: mapOf(Type.Union([...MetricValue.anyOf, Type.Null()]), {
      maxProperties: 64,
      propertyNames: { pattern: METRIC_NAME_PATTERN },
      examples: [{ interval: 5000 }],
    }),
    version: Type.Optional(
      Type.Integer({ minimum: 0, description: 'The version last read: 409 when it is not the newest.' }),
    ),
  },
  { title: 'NewDeviceConfig', additionalProperties: false },
);
export type NewDeviceConfig = DeepReadonly<Type.Static<typeof NewDeviceConfig>>;

/** A device: its entry in the registry, its connection and its latest values. */
export const DeviceView = Type.Object(
  {
    id: DeviceId,
    name: nullable(Type.String()),
    profile: nullable(Type.String()),
    tags: mapOf(Type.String()),
    disabled: Type.Boolean(),
    online: Type.Boolean(),
    stale: Type.Boolean({ description: 'Its readings are overdue.' }),
    sleeping: Type.Boolean({ description: 'It is offline as it has announced.' }),
    wakesBy: nullable(
      Type.Number({ description: 'While it sleeps: when it will be back at the latest, ms since 1970.' }),
    ),
    flapping: Type.Boolean({ description: 'It connects again and again.' }),
    lastSeen: nullable(Time),
    lastDisconnect: nullable(
      Type.Object({ reason: Type.String({ examples: ['timeout'] }), at: Time }, { title: 'Disconnect' }),
    ),
    /** The profile's, else learned; null while unknown. */
    interval: nullable(Type.Number({ description: 'Expected time between readings, ms.' })),
    firmware: nullable(Type.String()),
    boot: nullable(Type.String()),
    /** Where its connection comes from. */
    address: nullable(Type.String()),
    caps: nullable(
      Type.Unsafe<readonly Cap[]>(
        Type.Array(choice(CAPS), {
          description: 'What it declared when it last connected; null while the hub has not heard.',
        }),
      ),
    ),
    metrics: mapOf(MetricView),
    counters: DeviceCounters,
    reboots: Type.Integer({ minimum: 0, description: 'How often it named a new boot.' }),
    config: DeviceConfig,
  },
  { title: 'Device' },
);
export type DeviceView = DeepReadonly<Type.Static<typeof DeviceView>>;

/** Registers a device. */
export const NewDevice = Type.Object(
  {
    id: DeviceId,
    profile: Type.Optional(ProfileName),
    name: Type.Optional(Text),
    tags: Type.Optional(NewTags),
  },
  { title: 'NewDevice', additionalProperties: false },
);
export type NewDevice = DeepReadonly<Type.Static<typeof NewDevice>>;

/** Changes a device: what is absent stays, `null` takes away, `tags` replaces all tags. */
export const DeviceChanges = Type.Object(
  {
    profile: Type.Optional(nullable(ProfileName)),
    name: Type.Optional(nullable(Text)),
    tags: Type.Optional(NewTags),
    disabled: Type.Optional(Type.Boolean({ description: 'A disabled device may not connect.' })),
  },
  { title: 'DeviceChanges', additionalProperties: false, minProperties: 1 },
);
export type DeviceChanges = DeepReadonly<Type.Static<typeof DeviceChanges>>;

/** The answer that makes a device. */
export const RegisteredDevice = Type.Object(
  { device: DeviceView, token: Type.String({ description: "The device's first token. Shown this once." }) },
  { title: 'RegisteredDevice' },
);
export type RegisteredDevice = DeepReadonly<Type.Static<typeof RegisteredDevice>>;
