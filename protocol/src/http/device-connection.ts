import Type from 'typebox';
import { choice } from '../combinators.js';
import type { DeepReadonly } from '../deep-readonly.js';
import { Time } from './fields.js';

/**
 * What can befall a device's connection. `late`: readings arrived that were measured before the device connected,
 * which it had kept while it was away.
 */
export const CONNECTION_EVENTS = ['online', 'offline', 'rebooted', 'late'] as const;
export type ConnectionEvent = (typeof CONNECTION_EVENTS)[number];

/** One event of a device's connection. What does not belong to its kind is absent. */
export const DeviceConnection = Type.Object(
  {
    at: Time,
    event: choice(CONNECTION_EVENTS),
    reason: Type.Optional(
      Type.String({
        description: 'Of `online` and `offline`: why, in one word, such as `timeout` or `sleeping`.',
      }),
    ),
    boot: Type.Optional(Type.String({ description: 'Of `rebooted`: the boot that it named.' })),
    from: Type.Optional(Type.Integer({ description: 'Of `late`: the time of the oldest such reading, ms.' })),
    to: Type.Optional(Type.Integer({ description: 'Of `late`: the time of the newest such reading, ms.' })),
    readings: Type.Optional(Type.Integer({ description: 'Of `late`: how many there were.' })),
  },
  {
    title: 'DeviceConnection',
    examples: [{ at: 1767225600123, event: 'offline', reason: 'timeout' }],
  },
);
export type DeviceConnection = DeepReadonly<Type.Static<typeof DeviceConnection>>;
