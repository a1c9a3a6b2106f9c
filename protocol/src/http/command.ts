import Type from 'typebox';
import { COMMAND_STATES, VERIFICATIONS } from '../codes.js';
import { choice, mapOf, nullable } from '../combinators.js';
import type { DeepReadonly } from '../deep-readonly.js';
import { CommandId, DeviceId, MetricName } from '../messages/fields.js';
import { MetricValue, Time } from './fields.js';

/** Parameters of a command: a value each, or null. */
const Params = mapOf(Type.Union([...MetricValue.anyOf, Type.Null()]), {
  maxProperties: 64,
  examples: [{ on: true }],
});

/** A command and what became of it. */
export const CommandView = Type.Object(
  {
    id: CommandId,
    device: DeviceId,
    name: MetricName,
    params: Params,
    state: choice(COMMAND_STATES, {
      description: '`timed_out` means that it was sent and no answer came: the outcome is unknown.',
    }),
    queue: Type.Boolean({ description: 'It may wait for a device that is offline.' }),
    ttl: Type.Integer({ description: 'For how long it may wait to be sent, ms from `createdAt`.' }),
    createdAt: Time,
    sentAt: nullable(Time),
    acceptedAt: Type.Optional(
      Type.Integer({
        description:
          'When the device last said that it works on it, ms since 1970; absent where it never did.',
      }),
    ),
    finishedAt: nullable(Time),
    result: Type.Unknown({ description: 'What the device answered, at most 512 bytes of JSON.' }),
    error: nullable(Type.Object({ code: Type.String(), message: Type.String() })),
    verification: nullable(
      choice(VERIFICATIONS, {
        description: 'Whether telemetry shows the effect; null where the profile expects none.',
      }),
    ),
    verifiedAt: Type.Optional(
      Type.Integer({
        description: 'When `verification` was decided, ms since 1970; absent until then.',
      }),
    ),
    by: Type.String({ description: 'Who gave it.' }),
  },
  { title: 'Command' },
);
export type CommandView = DeepReadonly<Type.Static<typeof CommandView>>;

/** Gives a command. */
export const NewCommand = Type.Object(
  {
    name: MetricName,
    params: Type.Optional(Params),
    ttl: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 604_800_000,
        description: 'For how long it may wait to be sent, ms: 10 s by default, 1 h with `queue`.',
      }),
    ),
    queue: Type.Optional(Type.Boolean({ description: 'Keep it for a device that is offline.' })),
  },
  {
    title: 'NewCommand',
    additionalProperties: false,
    examples: [{ name: 'relay.set', params: { on: true } }],
  },
);
export type NewCommand = DeepReadonly<Type.Static<typeof NewCommand>>;
