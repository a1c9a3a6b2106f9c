import Type from 'typebox';
import { mapOf, nullable } from '../combinators.js';
import type { DeepReadonly } from '../deep-readonly.js';
import { DeviceId } from '../messages/fields.js';
import { NewTags, ProfileName, Text, Time } from './fields.js';

/** What a newcomer calls its hardware by: a MAC address, a serial number. */
const HardwareId = Type.String({ pattern: '^[A-Za-z0-9._:-]{1,64}$', examples: ['a4:cf:12:ff:3e:10'] });

const options = {
  /** For people. */
  name: Type.Optional(Text),
  tags: Type.Optional(NewTags),
  idPrefix: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$',
      description: 'What the ids of its devices begin with; the profile and a hyphen by default.',
      examples: ['north-'],
    }),
  ),
};

/** A claim key, without the secret. */
export const ClaimView = Type.Object(
  {
    id: Type.String(),
    name: nullable(Type.String()),
    profile: Type.String(),
    tags: mapOf(Type.String()),
    idPrefix: Type.String(),
    approval: Type.Boolean({ description: 'An operator has to let each device in.' }),
    renew: Type.Boolean({ description: 'A device that was there before may fetch a new token by itself.' }),
    limit: Type.Integer({ description: 'How many devices it may make.' }),
    used: Type.Integer({ description: 'How many it has made, with those that wait for approval.' }),
    createdBy: Type.String(),
    createdAt: Time,
    expiresAt: Time,
    lastUsedAt: nullable(Time),
  },
  { title: 'Claim' },
);
export type ClaimView = DeepReadonly<Type.Static<typeof ClaimView>>;

/** Makes a claim key. */
export const NewClaim = Type.Object(
  {
    ...options,
    profile: ProfileName,
    approval: Type.Optional(Type.Boolean({ description: 'False by default.' })),
    renew: Type.Optional(Type.Boolean({ description: 'False by default.' })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000, description: '1 by default.' })),
    expiresAt: Type.Optional(
      Type.Integer({ minimum: 0, description: 'ms since 1970; in a day by default, in a year at most.' }),
    ),
  },
  { title: 'NewClaim', additionalProperties: false },
);
export type NewClaim = DeepReadonly<Type.Static<typeof NewClaim>>;

/** The answer that makes a claim key. */
export const IssuedClaim = Type.Object(
  { ...ClaimView.properties, claim: Type.String({ description: 'The key. Shown this once.' }) },
  { title: 'IssuedClaim' },
);
export type IssuedClaim = DeepReadonly<Type.Static<typeof IssuedClaim>>;

/** A new device asks for an id and a token. */
export const ProvisionRequest = Type.Object(
  {
    claim: Type.String({ maxLength: 512, description: 'The claim key.' }),
    hardwareId: Type.Optional(HardwareId),
    name: Type.Optional(Text),
  },
  { title: 'ProvisionRequest', additionalProperties: false },
);
export type ProvisionRequest = DeepReadonly<Type.Static<typeof ProvisionRequest>>;

/** A new device asks whether it was let in meanwhile. */
export const ProvisionPoll = Type.Object(
  { poll: Type.String({ maxLength: 512, description: 'From the answer that made it wait.' }) },
  { title: 'ProvisionPoll', additionalProperties: false },
);
export type ProvisionPoll = DeepReadonly<Type.Static<typeof ProvisionPoll>>;

/** What a new device is called from now on, and proves itself with. */
export const ProvisionedDevice = Type.Object(
  { id: DeviceId, token: Type.String({ description: 'Shown this once.' }), profile: Type.String() },
  { title: 'ProvisionedDevice' },
);
export type ProvisionedDevice = DeepReadonly<Type.Static<typeof ProvisionedDevice>>;

/** A new device has to wait until an operator lets it in. */
export const PendingProvision = Type.Object(
  {
    status: Type.Literal('pending'),
    poll: Type.Optional(Type.String({ description: 'What to ask with from now on. Shown this once.' })),
    retryAfter: Type.Integer({ description: 'When to ask again, in ms.' }),
  },
  { title: 'PendingProvision' },
);
export type PendingProvision = DeepReadonly<Type.Static<typeof PendingProvision>>;

/** A device that waits for an operator. */
export const EnrolmentView = Type.Object(
  {
    id: Type.String(),
    claim: Type.String({ description: 'Id of the claim key that it came with.' }),
    profile: Type.String(),
    hardwareId: nullable(Type.String()),
    name: nullable(Type.String()),
    address: Type.String({ description: 'Where the request came from.' }),
    createdAt: Time,
    /** Set for a device that was there before and wants a new token. */
    device: nullable(Type.String()),
  },
  { title: 'Enrolment' },
);
export type EnrolmentView = DeepReadonly<Type.Static<typeof EnrolmentView>>;
