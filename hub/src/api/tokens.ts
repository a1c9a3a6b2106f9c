import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { ApiTokenView, IssuedApiToken, NewApiToken, PageQuery, pageOf } from '@fieldline/protocol';
import { Type } from 'typebox';
import type { ApiTokenRecord, ApiTokens } from '../access/api-tokens.js';
import type { Audit } from '../state/audit.js';
import { deedOf } from './deed.js';
import { paginate } from './paginate.js';
import { problems } from './problem.js';

export interface TokenRouteDeps {
  readonly apiTokens: Pick<ApiTokens, 'create' | 'list' | 'revoke'>;
  readonly audit: Pick<Audit, 'add'>;
  readonly now: () => number;
}

/** `/tokens`: API tokens, for people and programs. */
export const tokenRoutes: FastifyPluginAsyncTypebox<TokenRouteDeps> = async (app, deps) => {
  const { apiTokens, audit, now } = deps;

  app.get(
    '/tokens',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'listTokens',
        summary: 'API tokens, oldest first',
        tags: ['tokens'],
        querystring: PageQuery,
        response: { 200: pageOf(ApiTokenView), ...problems({}) },
      },
    },
    async ({ query }) => {
      const { items, next } = paginate(apiTokens.list(), query);
      return { items: items.map(tokenView), next };
    },
  );

  app.post(
    '/tokens',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'createToken',
        summary: 'Make an API token',
        tags: ['tokens'],
        body: NewApiToken,
        response: {
          201: IssuedApiToken,
          ...problems({ 409: '`too_many_tokens`', 422: 'A body that makes no sense' }),
        },
      },
    },
    async (request, reply) => {
      const { record, token } = apiTokens.create(request.body, ({ id, name, role, expiresAt }) => {
        const details = { name, role, expiresAt };
        audit.add({ ...deedOf(request, now()), action: 'token.created', subject: `token:${id}`, details });
      });
      reply.code(201);
      return { ...tokenView(record), token };
    },
  );

  app.delete(
    '/tokens/:tokenId',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'revokeToken',
        summary: 'Revoke an API token',
        description:
          'Its live sockets, and the log-ins made with it, end within a second; commands that it gave and that were ' +
          'not sent are taken back, and its jobs end.',
        tags: ['tokens'],
        params: Type.Object({ tokenId: Type.String() }),
        response: {
          204: Type.Null({ description: 'It is revoked' }),
          ...problems({ 404: 'No such token', 409: '`admin_token`: that one changes with a restart only' }),
        },
      },
    },
    async (request, reply) => {
      apiTokens.revoke(request.params.tokenId, ({ id, name, role }) => {
        const details = { name, role };
        audit.add({ ...deedOf(request, now()), action: 'token.revoked', subject: `token:${id}`, details });
      });
      reply.code(204);
      return null;
    },
  );
};

function tokenView({ id, name, role, createdAt, lastUsedAt, expiresAt }: ApiTokenRecord): ApiTokenView {
  return { id, name, role, createdAt, lastUsedAt, expiresAt };
}
