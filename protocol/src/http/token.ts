import Type from 'typebox';
import { nullable } from '../combinators.js';
import type { DeepReadonly } from '../deep-readonly.js';
import { RoleName, Text, Time } from './fields.js';

/** A device's token, without the secret. */
export const TokenView = Type.Object(
  {
    id: Type.String(),
    name: nullable(Type.String()),
    createdAt: Time,
    lastUsedAt: nullable(Time),
    /** It is refused from then on; null for never. */
    expiresAt: nullable(Time),
  },
  { title: 'Token' },
);
export type TokenView = DeepReadonly<Type.Static<typeof TokenView>>;

const secret = { token: Type.String({ description: 'Shown this once.' }) };

/** The answer that makes a token of a device. */
export const IssuedToken = Type.Object({ ...TokenView.properties, ...secret }, { title: 'IssuedToken' });
export type IssuedToken = DeepReadonly<Type.Static<typeof IssuedToken>>;

/** Makes a token of a device. */
export const NewToken = Type.Object(
  {
    name: Type.Optional(Text),
    expiresAt: Type.Optional(Type.Integer({ minimum: 0, description: 'ms since 1970' })),
  },
  { title: 'NewToken', additionalProperties: false },
);
export type NewToken = DeepReadonly<Type.Static<typeof NewToken>>;

/** A token of a person or a program, without the secret. */
export const ApiTokenView = Type.Object({ ...TokenView.properties, role: RoleName }, { title: 'ApiToken' });
export type ApiTokenView = DeepReadonly<Type.Static<typeof ApiTokenView>>;

/** The answer that makes an API token. */
export const IssuedApiToken = Type.Object(
  { ...ApiTokenView.properties, ...secret },
  { title: 'IssuedApiToken' },
);
export type IssuedApiToken = DeepReadonly<Type.Static<typeof IssuedApiToken>>;

/** Makes an API token. */
export const NewApiToken = Type.Object(
  { ...NewToken.properties, name: Text, role: RoleName },
  { title: 'NewApiToken', additionalProperties: false },
);
export type NewApiToken = DeepReadonly<Type.Static<typeof NewApiToken>>;
