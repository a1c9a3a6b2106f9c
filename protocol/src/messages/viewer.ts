import Type from 'typebox';
import { choice } from '../combinators.js';
import { DeviceId, MetricName } from './fields.js';

/** Messages from a viewer to the hub (protocol §2). */

/** What a subscription may ask for. `raw` is for operators. */
export const TOPIC_KINDS = ['telemetry', 'status', 'command', 'alarm', 'log', 'raw'] as const;
export type TopicKind = (typeof TOPIC_KINDS)[number];

const SubscriptionId = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

/** Which devices: a list, all, or all that carry these tags. */
export const DeviceSelection = Type.Union([
  Type.Array(DeviceId),
  Type.Literal('*'),
  Type.Object({ tags: Type.Record(Type.String(), Type.String()) }),
]);
export type DeviceSelection = Type.Static<typeof DeviceSelection>;

/** Starts a subscription, or replaces the one with the same `id`. */
export const Subscribe = Type.Object(
  {
    type: Type.Literal('subscribe'),
    id: SubscriptionId,
    devices: DeviceSelection,
    metrics: Type.Optional(Type.Array(MetricName, { description: 'Absent for all' })),
    minPeriod: Type.Optional(
      Type.Integer({ minimum: 0, description: 'Milliseconds between updates; 100 by default, 0 for all' }),
    ),
    what: Type.Optional(
      Type.Array(choice(TOPIC_KINDS), {
        description: 'telemetry by default',
      }),
    ),
  },
  { description: 'Starts a subscription' },
);
export type Subscribe = Type.Static<typeof Subscribe>;

export const Unsubscribe = Type.Object(
  { type: Type.Literal('unsubscribe'), id: SubscriptionId },
  { description: 'Ends a subscription' },
);
export type Unsubscribe = Type.Static<typeof Unsubscribe>;

/** Any message from a viewer. */
export const ViewerMessage = Type.Union([Subscribe, Unsubscribe]);
export type ViewerMessage = Type.Static<typeof ViewerMessage>;
