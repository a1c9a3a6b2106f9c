import Type from 'typebox';
import { nullable } from '../combinators.js';
import type { DeepReadonly } from '../deep-readonly.js';
import { Time } from './fields.js';

/** Something that somebody did. */
export const AuditEntry = Type.Object(
  {
    id: Type.Integer(),
    at: Time,
    actor: Type.String({
      description: '`user:<name>`, `token:<name>`, `device:<id>`, or `hub` for what happens by itself.',
      examples: ['user:ada'],
    }),
    address: nullable(Type.String({ description: 'Where the request came from.' })),
    action: Type.String({ examples: ['command.sent'] }),
    subject: Type.String({ description: 'What it was done to.', examples: ['device:esp-7f3a'] }),
    result: Type.String({ examples: ['ok'] }),
    details: Type.Unknown(),
  },
  { title: 'AuditEntry' },
);
export type AuditEntry = DeepReadonly<Type.Static<typeof AuditEntry>>;
