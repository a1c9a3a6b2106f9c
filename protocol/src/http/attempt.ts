import Type from 'typebox';
import { choice, nullable } from '../combinators.js';
import type { DeepReadonly } from '../deep-readonly.js';
import { Time } from './fields.js';

/** What somebody who wanted to be a device did wrong. */
export const ATTEMPT_KINDS = [
  'bad_token',
  'no_token',
  'no_hello',
  'device_disabled',
  'too_many',
  'wrong_path',
  'wrong_topic',
  'malformed',
  'refused',
  'tls_on_plain',
  'plain_on_tls',
  'mqtt_on_http',
] as const;
export type AttemptKind = (typeof ATTEMPT_KINDS)[number];

/** What can be said of a wrong token without telling it. */
export const TOKEN_FAULTS = ['missing', 'spaces', 'cut_off', 'too_long', 'other_kind', 'unknown'] as const;
export type TokenFault = (typeof TOKEN_FAULTS)[number];

/** Something that wanted to be a device and was refused; the same again only counts up. No token is ever in it. */
export const AttemptView = Type.Object(
  {
    id: Type.String(),
    kind: choice(ATTEMPT_KINDS),
    device: nullable(Type.String({ description: 'What it called itself; null where it did not say.' })),
    address: Type.String({ description: 'Where it came from.' }),
    via: choice(['ws', 'http', 'mqtt', 'tcp']),
    code: Type.String({ description: 'The code that it was answered with.' }),
    message: Type.String({ description: 'The reason that it was answered with.' }),
    detail: nullable(
      Type.String({ description: 'The path or topic that it asked for, or the beginning of what it sent.' }),
    ),
    tokenFault: nullable(choice(TOKEN_FAULTS)),
    tokenLength: nullable(Type.Integer({ description: 'Characters of the token that was refused.' })),
    count: Type.Integer({ minimum: 1 }),
    firstAt: Time,
    lastAt: Time,
  },
  { title: 'Attempt' },
);
export type AttemptView = DeepReadonly<Type.Static<typeof AttemptView>>;
