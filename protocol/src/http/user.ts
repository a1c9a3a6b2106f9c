import Type from 'typebox';
import { nullable } from '../combinators.js';
import type { DeepReadonly } from '../deep-readonly.js';
import { USER_NAME_PATTERN } from '../names.js';
import { RoleName, Time } from './fields.js';

/** A name that somebody logs in with; capital letters make no difference. */
const UserName = Type.String({ pattern: USER_NAME_PATTERN, examples: ['ada'] });

/** At least 12 characters and at most 256 bytes, which the hub counts. */
const NewPassword = Type.String({
  minLength: 12,
  maxLength: 256,
  description: 'At least 12 characters, at most 256 bytes.',
  examples: ['correct horse battery'],
});

/** Somebody who may log in. */
export const UserView = Type.Object(
  {
    username: Type.String(),
    role: RoleName,
    createdAt: Time,
    /** When they logged in last. */
    lastUsedAt: nullable(Time),
  },
  { title: 'User' },
);
export type UserView = DeepReadonly<Type.Static<typeof UserView>>;

/** Makes a user. */
export const NewUser = Type.Object(
  { username: UserName, password: NewPassword, role: RoleName },
  { title: 'NewUser', additionalProperties: false },
);
export type NewUser = DeepReadonly<Type.Static<typeof NewUser>>;

/** Changes a user: what is absent stays. */
export const UserChanges = Type.Object(
  {
    role: Type.Optional(RoleName),
    password: Type.Optional(NewPassword),
    currentPassword: Type.Optional(
      Type.String({ maxLength: 512, description: 'Needed to change your own password.' }),
    ),
  },
  { title: 'UserChanges', additionalProperties: false, minProperties: 1 },
);
export type UserChanges = DeepReadonly<Type.Static<typeof UserChanges>>;
