import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { AttemptView, DEVICE_ID_PATTERN, PageQuery, pageOf } from '@fieldline/protocol';
import { Type } from 'typebox';
import type { Attempts } from '../devices/attempts.js';
import type { DeviceDirectory } from '../devices/directory.js';
import { paginate } from './paginate.js';
import { problems } from './problem.js';

export interface AttemptRouteDeps {
  readonly attempts: Pick<Attempts, 'list' | 'note'>;
  readonly directory: Pick<DeviceDirectory, 'has'>;
}

const Query = Type.Object(
  {
    ...PageQuery.properties,
    device: Type.Optional(
      Type.String({
        pattern: DEVICE_ID_PATTERN,
        description: 'Only those that named this device, none, or one that is not registered.',
      }),
    ),
    since: Type.Optional(Type.Integer({ minimum: 0, description: 'Seen then or later, ms since 1970.' })),
  },
  { additionalProperties: false },
);

/** `GET /attempts`: what was refused of late to those who wanted to be devices. */
export const attemptRoutes: FastifyPluginAsyncTypebox<AttemptRouteDeps> = async (app, deps) => {
  const { attempts, directory } = deps;

  app.get(
    '/attempts',
    {
      config: { access: 'operator' },
      schema: {
        operationId: 'listAttempts',
        summary: 'Refused attempts to be a device, the last seen first',
        description:
          'Why a new device does not appear: a wrong token, path or first message. The same again only counts up. ' +
          'In memory, for an hour: the newest 500, and 50 of one address. Tokens are never in it.',
        tags: ['devices'],
        querystring: Query,
        response: { 200: pageOf(AttemptView), ...problems({ 422: 'A query that makes no sense' }) },
      },
    },
    async ({ query }) => {
      const { device, since = 0 } = query;
      const isOf = ({ device: named }: AttemptView) =>
        device === undefined || named === null || named === device || !directory.has(named);
      const { items, next } = paginate(attempts.list(since).filter(isOf), query);
      return { items: [...items], next };
    },
  );
};
