import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { ApiTokenView, IssuedApiToken, NewApiToken, PageQuery, pageOf } from '@fieldline/protocol';
import { Type } from 'typebox';
import type { ApiTokenRecord, ApiTokens } from '../access/api-tokens.js';
import { paginate } from './paginate.js';
import { problems } from './problem.js';

export interface TokenRouteDeps {
  readonly apiTokens: Pick<ApiTokens, 'create' | 'list' | 'revoke'>;
}

/** `/tokens`: API tokens, for people and programs. */
export const tokenRoutes: FastifyPluginAsyncTypebox<TokenRouteDeps> = async (app, { apiTokens }) => {
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
    async ({ body }, reply) => {
      const { record, token } = apiTokens.create(body);
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
        description: 'Its live sockets, and the log-ins made with it, end within a second.',
        tags: ['tokens'],
        params: Type.Object({ tokenId: Type.String() }),
        response: {
          204: Type.Null({ description: 'It is revoked' }),
          ...problems({ 404: 'No such token', 409: '`admin_token`: that one changes with a restart only' }),
        },
      },
    },
    async ({ params }, reply) => {
      apiTokens.revoke(params.tokenId);
      reply.code(204);
      return null;
    },
  );
};

function tokenView({ id, name, role, createdAt, lastUsedAt, expiresAt }: ApiTokenRecord): ApiTokenView {
  return { id, name, role, createdAt, lastUsedAt, expiresAt };
}
