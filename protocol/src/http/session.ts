import Type from 'typebox';
import { choice } from '../combinators.js';
import type { DeepReadonly } from '../deep-readonly.js';
import { RoleName, Time } from './fields.js';

/** Logs in by name. */
export const Credentials = Type.Object(
  { username: Type.String({ maxLength: 128 }), password: Type.String({ maxLength: 512 }) },
  { title: 'Credentials', additionalProperties: false },
);
export type Credentials = DeepReadonly<Type.Static<typeof Credentials>>;

/** Logs in by a one-time link. */
export const LoginCode = Type.Object(
  { code: Type.String({ maxLength: 512, description: 'From a one-time link, `/#/login?code=…`.' }) },
  { title: 'LoginCode', additionalProperties: false },
);
export type LoginCode = DeepReadonly<Type.Static<typeof LoginCode>>;

/** A one-time link. */
export const LoginLink = Type.Object(
  { code: Type.String({ description: 'For `/#/login?code=…`, once.' }), expiresAt: Time },
  { title: 'LoginLink' },
);
export type LoginLink = DeepReadonly<Type.Static<typeof LoginLink>>;

/** Who is asking: a program with an API token, or somebody who has logged in. */
export const SessionView = Type.Object(
  {
    name: Type.String(),
    role: RoleName,
    kind: choice(['token', 'session']),
    user: Type.Optional(Type.Boolean({ description: 'True for a log-in of a user, who has a password.' })),
  },
  { title: 'Session', examples: [{ name: 'admin', role: 'admin', kind: 'session' }] },
);
export type SessionView = DeepReadonly<Type.Static<typeof SessionView>>;

/** A log-in of the page that goes on. */
export const OpenSession = Type.Object(
  {
    id: Type.String({ description: 'Not secret: it opens nothing.' }),
    name: Type.String(),
    role: RoleName,
    user: Type.Boolean({ description: 'False for a log-in by the admin token, or by a link of a token.' }),
    current: Type.Boolean({ description: 'It is the one that asks.' }),
    createdAt: Time,
    lastUsedAt: Time,
  },
  { title: 'OpenSession' },
);
export type OpenSession = DeepReadonly<Type.Static<typeof OpenSession>>;

/** Lets the bearer open one live socket. */
export const Ticket = Type.Object(
  { ticket: Type.String({ description: 'For `?ticket=`, once.' }), expiresAt: Time },
  { title: 'Ticket' },
);
export type Ticket = DeepReadonly<Type.Static<typeof Ticket>>;
