import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { OpenSession, PageQuery, pageOf } from '@fieldline/protocol';
import { Type } from 'typebox';
import type { Access } from '../access/access.js';
import type { Principal } from '../access/principal.js';
import type { SessionRecord } from '../access/sessions.js';
import { principalOf } from './guard.js';
import { paginate } from './paginate.js';
import { problems } from './problem.js';

export interface OpenSessionRouteDeps {
  readonly access: Pick<Access, 'openSessions' | 'endSession'>;
}

/** `/sessions`: the log-ins that go on. */
export const openSessionRoutes: FastifyPluginAsyncTypebox<OpenSessionRouteDeps> = async (app, { access }) => {
  app.get(
    '/sessions',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'listSessions',
        summary: 'Log-ins that go on',
        description: "Your own, for an admin everybody's; the one that was used last comes first.",
        tags: ['session'],
        querystring: PageQuery,
        response: { 200: pageOf(OpenSession), ...problems({}) },
      },
    },
    async (request) => {
      const principal = principalOf(request);
      const { items, next } = paginate(access.openSessions(principal), request.query);
      return { items: items.map((session) => openSession(session, principal)), next };
    },
  );

  app.delete(
    '/sessions/:id',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'endSession',
        summary: 'End a log-in',
        description: "One of your own, for an admin anybody's. Its live sockets end within a second.",
        tags: ['session'],
        params: Type.Object({ id: Type.String() }),
        response: {
          204: Type.Null({ description: 'It has ended' }),
          ...problems({ 404: 'No such log-in, or not yours' }),
        },
      },
    },
    async (request, reply) => {
      access.endSession(principalOf(request), request.params.id, request.ip);
      reply.code(204);
      return null;
    },
  );
};

function openSession(session: SessionRecord, asking: Principal): OpenSession {
  const { id, name, role, isUser, createdAt, lastSeenAt } = session;
  return { id, name, role, user: isUser, current: id === asking.id, createdAt, lastUsedAt: lastSeenAt };
}
