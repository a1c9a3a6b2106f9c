import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { AuditEntry, PageQuery, pageOf } from '@fieldline/protocol';
import { Type } from 'typebox';
import type { Audit } from '../state/audit.js';
import { problems } from './problem.js';

export interface AuditRouteDeps {
  readonly audit: Pick<Audit, 'list'>;
}

/** By what the audit is filtered. */
export const AuditQuery = {
  actor: Type.Optional(Type.String({ maxLength: 256, examples: ['user:ada'] })),
  action: Type.Optional(
    Type.String({ maxLength: 64, description: 'An action, or what actions begin with: `command`.' }),
  ),
  subject: Type.Optional(Type.String({ maxLength: 256, examples: ['device:esp-7f3a'] })),
  from: Type.Optional(Type.Integer({ description: 'Inclusive, ms since 1970.' })),
  to: Type.Optional(Type.Integer({ description: 'Exclusive, ms since 1970.' })),
};

const ListQuery = Type.Object({ ...PageQuery.properties, ...AuditQuery }, { additionalProperties: false });

/** `GET /audit`: who did what. */
export const auditRoutes: FastifyPluginAsyncTypebox<AuditRouteDeps> = async (app, { audit }) => {
  app.get(
    '/audit',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'listAudit',
        summary: 'Who did what, newest first',
        description: 'All filters must match. The newest million entries are kept; none can be changed.',
        tags: ['access'],
        querystring: ListQuery,
        response: { 200: pageOf(AuditEntry), ...problems({ 422: 'A query that makes no sense' }) },
      },
    },
    async ({ query: { limit, cursor, ...filter } }) =>
      audit.list(filter, cursor === undefined ? { limit } : { limit, cursor }),
  );
};
