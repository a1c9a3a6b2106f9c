import Type from 'typebox';
import { choice, nullable } from '../combinators.js';
import type { DeepReadonly } from '../deep-readonly.js';
import { CommandId, DeviceId, MetricName } from '../messages/fields.js';
import { MetricValue, Time } from './fields.js';

/** `warn` and `alarm` are limits of a profile; `stale`: no reading came for three expected intervals. */
export const ALARM_LEVELS = ['warn', 'alarm', 'stale'] as const;
export type AlarmLevel = (typeof ALARM_LEVELS)[number];

export const ALARM_STATES = [
  /** The limit was crossed; its `for` is not over. */
  'waiting',
  'raised',
  /** Raised, and somebody has seen it. */
  'acknowledged',
  'cleared',
] as const;
export type AlarmState = (typeof ALARM_STATES)[number];

/** Why an alarm was cleared. */
export const ALARM_ENDS = ['well', 'rule_changed', 'device_deleted'] as const;
export type AlarmEnd = (typeof ALARM_ENDS)[number];

/** Where alarms are told. */
export const ALARM_CHANNELS = ['webhook', 'email', 'mqtt'] as const;
export type AlarmChannelName = (typeof ALARM_CHANNELS)[number];

/** What an alarm was judged by. */
export const AlarmLimit = Type.Object(
  {
    above: Type.Optional(Type.Number()),
    below: Type.Optional(Type.Number()),
    equals: Type.Optional(MetricValue),
    hysteresis: Type.Optional(Type.Number({ description: 'How far back behind the limit it clears.' })),
    silence: Type.Optional(Type.Integer({ description: 'Of `stale`: without a reading for so long, ms.' })),
    for: Type.Integer({ description: 'How long it had to last, ms.' }),
  },
  { title: 'AlarmLimit' },
);
export type AlarmLimit = DeepReadonly<Type.Static<typeof AlarmLimit>>;

/** One alarm, from the crossing of its limit to its end. */
export const AlarmView = Type.Object(
  {
    id: CommandId,
    device: DeviceId,
    metric: nullable(MetricName),
    level: choice(ALARM_LEVELS),
    state: choice(ALARM_STATES),
    limit: AlarmLimit,
    past: Type.Boolean({
      description: 'It was over before the hub heard of it: readings came late. Nobody was called for it.',
    }),
    since: Type.Integer({ description: 'Time of the reading that crossed the limit, ms since 1970.' }),
    raisedAt: nullable(Type.Integer({ description: "By the reading's own time; null while `waiting`." })),
    raisedSeenAt: nullable(Type.Integer({ description: 'When the hub raised it.' })),
    clearedAt: nullable(Type.Integer({ description: "By the reading's own time." })),
    clearedSeenAt: nullable(Type.Integer({ description: 'When the hub cleared it.' })),
    end: nullable(choice(ALARM_ENDS)),
    value: nullable(MetricValue),
    worst: nullable(MetricValue),
    acknowledgedBy: nullable(Type.String()),
    acknowledgedAt: nullable(Time),
    note: nullable(Type.String()),
  },
  { title: 'Alarm' },
);
export type AlarmView = DeepReadonly<Type.Static<typeof AlarmView>>;

/** Of the topic `…/devices/<id>/alarm`. */
export const PublishedAlarm = Type.Object({
  event: choice(['raised', 'acknowledged', 'cleared', 'past']),
  at: Time,
  ...AlarmView.properties,
});
export type PublishedAlarm = DeepReadonly<Type.Static<typeof PublishedAlarm>>;

/** How a channel fared with an alarm. */
export const AlarmDelivery = Type.Object(
  {
    channel: choice(ALARM_CHANNELS),
    event: Type.String({ description: '`raised`, `acknowledged`, `cleared` or `past`.' }),
    at: Time,
    state: choice(['owed', 'sent', 'refused', 'expired']),
    attempts: Type.Integer(),
    doneAt: nullable(Time),
    error: nullable(Type.String()),
  },
  { title: 'AlarmDelivery' },
);
export type AlarmDelivery = DeepReadonly<Type.Static<typeof AlarmDelivery>>;

/** An alarm with how it was told. */
export const AlarmDetail = Type.Object(
  { ...AlarmView.properties, deliveries: Type.Array(AlarmDelivery) },
  { title: 'AlarmDetail' },
);
export type AlarmDetail = DeepReadonly<Type.Static<typeof AlarmDetail>>;

/** How many alarms there are now; past ones are not among them. */
export const AlarmCounts = Type.Object(
  {
    raised: Type.Integer({ description: 'Not acknowledged.' }),
    acknowledged: Type.Integer(),
    waiting: Type.Integer(),
  },
  { title: 'AlarmCounts' },
);
export type AlarmCounts = DeepReadonly<Type.Static<typeof AlarmCounts>>;

/** A rule of a profile: when an alarm is raised. */
export const AlarmRule = Type.Object(
  {
    profile: Type.String(),
    metric: nullable(MetricName),
    level: choice(ALARM_LEVELS),
    limit: AlarmLimit,
    lastWeek: Type.Integer({ description: 'Alarms of the last 7 days.' }),
  },
  { title: 'AlarmRule' },
);
export type AlarmRule = DeepReadonly<Type.Static<typeof AlarmRule>>;

/** How a channel stands. */
export const AlarmChannelView = Type.Object(
  {
    channel: choice(ALARM_CHANNELS),
    target: Type.String({ description: 'Where it goes, without secrets.' }),
    state: choice(['idle', 'sending', 'waiting', 'retrying']),
    owed: Type.Integer({ description: 'Messages that wait.' }),
    sent: Type.Integer({ description: "Since the hub's start." }),
    failed: Type.Integer({ description: "Tries that failed since the hub's start." }),
    dropped: Type.Integer({ description: 'Messages that were given up.' }),
    lastSentAt: nullable(Time),
    lastMs: nullable(Type.Integer({ description: 'How long the last one took.' })),
    error: nullable(Type.String()),
    nextTryAt: nullable(Time),
    perMinute: nullable(Type.Integer({ description: 'At most so many a minute; null for any number.' })),
  },
  { title: 'AlarmChannel' },
);
export type AlarmChannelView = DeepReadonly<Type.Static<typeof AlarmChannelView>>;

/** Says that somebody has seen an alarm. */
export const AlarmNote = Type.Object(
  { note: Type.Optional(Type.String({ maxLength: 256 })) },
  { additionalProperties: false, examples: [{ note: 'Door was blocked open' }] },
);
export type AlarmNote = DeepReadonly<Type.Static<typeof AlarmNote>>;

/** The same for several at once. */
export const AlarmsNote = Type.Object(
  {
    ids: Type.Array(CommandId, { minItems: 1, maxItems: 1_000 }),
    ...AlarmNote.properties,
  },
  { additionalProperties: false },
);
export type AlarmsNote = DeepReadonly<Type.Static<typeof AlarmsNote>>;

/** A limit of a device that nobody is called about for a while. */
export const AlarmQuiet = Type.Object(
  {
    device: DeviceId,
    metric: nullable(MetricName),
    level: choice(ALARM_LEVELS),
    from: Time,
    until: Time,
    by: Type.String(),
  },
  { title: 'AlarmQuiet' },
);
export type AlarmQuiet = DeepReadonly<Type.Static<typeof AlarmQuiet>>;

/** For how long nobody is called. */
export const NewAlarmQuiet = Type.Object(
  {
    for: Type.Optional(
      Type.Integer({
        minimum: 60_000,
        maximum: 86_400_000,
        description: 'ms from now on; an hour by default.',
      }),
    ),
  },
  { title: 'NewAlarmQuiet', additionalProperties: false, examples: [{ for: 3_600_000 }] },
);
export type NewAlarmQuiet = DeepReadonly<Type.Static<typeof NewAlarmQuiet>>;
