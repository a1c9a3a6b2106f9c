import Type from 'typebox';
import { nullable } from '../combinators.js';
import type { DeepReadonly } from '../deep-readonly.js';
import { Time } from './fields.js';

/** A refused value and why. */
export const QuarantineItem = Type.Object(
  {
    /** Of the reading where it is known, else of its arrival. */
    time: Time,
    metric: nullable(Type.String({ description: '`null` when the whole message was refused.' })),
    /** A number that is not finite is kept as a text. */
    value: Type.Unknown({
      description: 'As it came; a frame that could not be read as its first 256 bytes.',
    }),
    code: Type.String({ description: 'Why, for programs: the codes of rejects.' }),
    message: Type.String({ description: 'Why, for people.' }),
    source: Type.String({ description: '`ws`, `http`, `mqtt`, or the sink that refused it.' }),
  },
  {
    title: 'QuarantineItem',
    examples: [
      {
        time: 1767225600123,
        metric: 'temperature',
        value: 'warm',
        code: 'type_conflict',
        message: 'number expected, got string',
        source: 'ws',
      },
    ],
  },
);
export type QuarantineItem = DeepReadonly<Type.Static<typeof QuarantineItem>>;
