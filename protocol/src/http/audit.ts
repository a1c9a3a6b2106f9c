import Type from 'typebox';
import { nullable } from '../combinators.js';
import type { DeepReadonly } from '../deep-readonly.js';
import { Time } from './fields.js';

/** Something that somebody did. */
export const AuditEntry = Type.Object(
  {
    id: Type.Integer(),
    at: Time,
    /** Name of a user or a token; `device:<id>`; `hub` for what happens by itself. */
    actor: Type.String(),
    address: nullable(Type.String({ description: 'Where the request came from.' })),
    action: Type.String({ examples: ['command.sent'] }),
    subject: Type.String({ description: 'What it was done to.', examples: ['device:esp-7f3a'] }),
    result: Type.String({ examples: ['ok'] }),
    details: Type.Unknown(),
  },
  { title: 'AuditEntry' },
);
export type AuditEntry = DeepReadonly<Type.Static<typeof AuditEntry>>;
