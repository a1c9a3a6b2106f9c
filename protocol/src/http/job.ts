import Type from 'typebox';
import { COMMAND_STATES, VERIFICATIONS, type Verification } from '../codes.js';
import { choice, mapOf, nullable } from '../combinators.js';
import type { DeepReadonly } from '../deep-readonly.js';
import { CommandId, DeviceId, MetricName } from '../messages/fields.js';
import { CommandView, NewCommand } from './command.js';
import { ProfileName, Text, Time } from './fields.js';

/** How far a job has come. With `cancelled` and `aborted`, what was sent already may still be under way. */
export const JOB_STATES = ['running', 'done', 'cancelled', 'aborted'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** How far one device of a job is: before its command, without one, or in the state of its command. */
export const JOB_DEVICE_STATES = [
  /** Its turn has not come. */
  'waiting',
  ...COMMAND_STATES,
  /** The command could not be given to it: it is offline, say. */
  'refused',
  /** The command was not given to it: the job ended before, or it could not have taken it. */
  'skipped',
] as const;
export type JobDeviceState = (typeof JOB_DEVICE_STATES)[number];

const Reason = nullable(Type.Object({ code: Type.String(), message: Type.String() }));

/** When a job gives up. */
const AbortAfterFailures = Type.Object(
  {
    percent: Type.Integer({ minimum: 1, maximum: 100, description: 'Of the devices that are done.' }),
    minimum: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 10_000, description: 'But not before so many are done; 5.' }),
    ),
  },
  { additionalProperties: false, examples: [{ percent: 10, minimum: 20 }] },
);

/** One command to many devices, and how far it is. */
export const JobView = Type.Object(
  {
    id: CommandId,
    name: MetricName,
    params: CommandView.properties.params,
    queue: Type.Boolean(),
    ttl: nullable(Type.Integer({ description: "Of each command, ms; null for the commands' own default." })),
    perSecond: Type.Number({ description: 'Devices a second.' }),
    abortAfterFailures: nullable(Type.Object({ percent: Type.Integer(), minimum: Type.Integer() })),
    state: choice(JOB_STATES),
    reason: Reason,
    createdAt: Time,
    finishedAt: nullable(Type.Integer({ description: 'When its last device was done, ms since 1970.' })),
    devices: Type.Integer({ description: 'How many.' }),
    counts: Type.Unsafe<Record<JobDeviceState, number>>({
      type: 'object',
      description: 'How many devices are in each state.',
      properties: Object.fromEntries(JOB_DEVICE_STATES.map((state) => [state, Type.Integer()])),
      required: [...JOB_DEVICE_STATES],
    }),
    verifications: Type.Unsafe<Record<Verification, number>>({
      type: 'object',
      description: 'Of the devices whose command succeeded: what their readings have shown of it.',
      properties: Object.fromEntries(VERIFICATIONS.map((verification) => [verification, Type.Integer()])),
      required: [...VERIFICATIONS],
    }),
    by: Type.String({ description: 'Who started it.' }),
  },
  { title: 'Job' },
);
export type JobView = DeepReadonly<Type.Static<typeof JobView>>;

/** One device of a job. */
export const JobDeviceView = Type.Object(
  {
    device: DeviceId,
    state: choice(JOB_DEVICE_STATES),
    command: nullable(CommandId),
    error: Reason,
    verification: nullable(choice(VERIFICATIONS)),
  },
  { title: 'JobDevice' },
);
export type JobDeviceView = DeepReadonly<Type.Static<typeof JobDeviceView>>;

/** Devices of which each gets the command: named, or all that have these tags and this profile. */
export const JobDevices = Type.Union([
  Type.Array(DeviceId, { minItems: 1, maxItems: 10_000 }),
  Type.Object(
    {
      tags: Type.Optional(mapOf(Text, { minProperties: 1, maxProperties: 32 })),
      profile: Type.Optional(ProfileName),
    },
    { additionalProperties: false, minProperties: 1 },
  ),
]);
export type JobDevices = DeepReadonly<Type.Static<typeof JobDevices>>;

/** Starts a job. */
export const NewJob = Type.Object(
  {
    devices: JobDevices,
    ...NewCommand.properties,
    perSecond: Type.Optional(
      Type.Number({ minimum: 0.01, maximum: 500, description: 'Devices a second; 10 by default.' }),
    ),
    abortAfterFailures: Type.Optional(AbortAfterFailures),
    skipUnable: Type.Optional(
      Type.Boolean({ description: 'Leave out devices that cannot take it, instead of refusing the job.' }),
    ),
  },
  {
    title: 'NewJob',
    additionalProperties: false,
    examples: [
      { devices: { tags: { site: 'north' } }, name: 'relay.set', params: { on: true }, perSecond: 5 },
    ],
  },
);
export type NewJob = DeepReadonly<Type.Static<typeof NewJob>>;
