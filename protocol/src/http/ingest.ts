import Type from 'typebox';
import type { DeepReadonly } from '../deep-readonly.js';

/** What became of messages that were sent together over HTTP. */
export const IngestAnswer = Type.Object(
  {
    accepted: Type.Integer({ description: 'Messages of which everything good is on disk.' }),
    duplicates: Type.Integer({ description: 'Messages that were on disk before.' }),
    rejected: Type.Array(
      Type.Object({
        index: Type.Integer({ description: 'Which message of the array.' }),
        metric: Type.Optional(Type.String({ description: 'Absent when the whole message was refused.' })),
        code: Type.String(),
        message: Type.String(),
      }),
    ),
  },
  { title: 'IngestAnswer', examples: [{ accepted: 2, duplicates: 0, rejected: [] }] },
);
export type IngestAnswer = DeepReadonly<Type.Static<typeof IngestAnswer>>;
