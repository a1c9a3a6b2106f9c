import Type from 'typebox';
import type { DeepReadonly } from '../deep-readonly.js';

/** How every error looks: RFC 9457 "Problem Details for HTTP APIs". `code` is stable, `detail` is for people. */
export const Problem = Type.Object(
  {
    type: Type.String({ description: 'Always `about:blank`: `code` tells what it is.' }),
    title: Type.String({ description: 'The reason phrase of the status.' }),
    status: Type.Integer(),
    code: Type.String({ description: 'Stable, for programs.' }),
    detail: Type.String({ description: 'For people; may change.' }),
    instance: Type.Optional(Type.String({ description: 'Id of the request in the log of the hub.' })),
    errors: Type.Optional(
      Type.Array(
        Type.Object({
          path: Type.String({ description: 'Which part, such as `query.points` or `body.tags.site`.' }),
          message: Type.String(),
        }),
      ),
    ),
  },
  {
    title: 'Problem',
    examples: [
      {
        type: 'about:blank',
        title: 'Not Found',
        status: 404,
        code: 'not_found',
        detail: 'no device esp-7f3a',
      },
    ],
  },
);
export type Problem = DeepReadonly<Type.Static<typeof Problem>>;
