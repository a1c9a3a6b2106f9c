import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { IssuedToken, NewToken, PageQuery, pageOf, TokenView } from '@fieldline/protocol';
import { Type } from 'typebox';
import type { DeviceTokens } from '../access/device-tokens.js';
import type { DeviceDirectory } from '../devices/directory.js';
import type { Audit } from '../state/audit.js';
import { deedOf } from './deed.js';
import { DeviceParams } from './device-params.js';
import { paginate } from './paginate.js';
import { notFound, problems } from './problem.js';

export interface DeviceTokenRouteDeps {
  readonly directory: DeviceDirectory;
  readonly deviceTokens: Pick<DeviceTokens, 'create' | 'list' | 'revoke'>;
  readonly audit: Pick<Audit, 'add'>;
  readonly now: () => number;
}

/** `/devices/:id/tokens`: several may live at once, so that a token is rotated without a disconnect. */
export const deviceTokenRoutes: FastifyPluginAsyncTypebox<DeviceTokenRouteDeps> = async (app, deps) => {
  const { directory, deviceTokens, audit, now } = deps;

  app.get(
    '/devices/:id/tokens',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'listDeviceTokens',
        summary: 'The tokens of a device',
        tags: ['devices'],
        params: DeviceParams,
        querystring: PageQuery,
        response: { 200: pageOf(TokenView), ...problems({ 404: 'No such device' }) },
      },
    },
    async ({ params: { id }, query }) => {
      requireDevice(id);
      return paginate(deviceTokens.list(id), query);
    },
  );

  app.post(
    '/devices/:id/tokens',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'createDeviceToken',
        summary: 'One more token for a device',
        tags: ['devices'],
        params: DeviceParams,
        body: NewToken,
        response: {
          201: IssuedToken,
          ...problems({ 404: 'No such device', 422: 'A body that makes no sense' }),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      requireDevice(id);
      const { record, token } = deviceTokens.create(id, request.body, (made) => {
        const details = { id: made.id, name: made.name, expiresAt: made.expiresAt };
        audit.add({
          ...deedOf(request, now()),
          action: 'device.token_created',
          subject: `device:${id}`,
          details,
        });
      });
      reply.code(201);
      return { ...record, token };
    },
  );

  app.delete(
    '/devices/:id/tokens/:tokenId',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'revokeDeviceToken',
        summary: 'Revoke a token of a device',
        description: 'A socket that uses it is closed within a second.',
        tags: ['devices'],
        params: Type.Object({ id: Type.String(), tokenId: Type.String() }),
        response: {
          204: Type.Null({ description: 'It is revoked' }),
          ...problems({ 404: 'No such device or token' }),
        },
      },
    },
    async (request, reply) => {
      const { id, tokenId } = request.params;
      requireDevice(id);
      deviceTokens.revoke(id, tokenId, () => {
        const details = { id: tokenId };
        audit.add({
          ...deedOf(request, now()),
          action: 'device.token_revoked',
          subject: `device:${id}`,
          details,
        });
      });
      reply.code(204);
      return null;
    },
  );

  function requireDevice(id: string): void {
    if (!directory.has(id)) throw notFound(`device ${id}`);
  }
};
