import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { PageQuery, pageOf, QuarantineItem } from '@fieldline/protocol';
import type { DeviceDirectory } from '../devices/directory.js';
import type { Quarantine } from '../state/quarantine.js';
import { DeviceParams } from './device-params.js';
import { notFound, problems } from './problem.js';

export interface QuarantineRouteDeps {
  readonly directory: DeviceDirectory;
  readonly quarantine: Pick<Quarantine, 'list'>;
}

/** `GET /devices/:id/quarantine`: values that were refused, and why. */
export const quarantineRoutes: FastifyPluginAsyncTypebox<QuarantineRouteDeps> = async (app, deps) => {
  const { directory, quarantine } = deps;

  app.get(
    '/devices/:id/quarantine',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'listQuarantine',
        summary: 'Refused values of a device, newest first',
        description: 'The newest 1,000 of each device are kept.',
        tags: ['devices'],
        params: DeviceParams,
        querystring: PageQuery,
        response: { 200: pageOf(QuarantineItem), ...problems({ 404: 'No such device' }) },
      },
    },
    async ({ params: { id }, query }) => {
      if (!directory.has(id)) throw notFound(`device ${id}`);
      const page = quarantine.list(id, query);
      const items = page.items.map(({ time, metric, value, code, message, source }) => {
        return { time, metric, value, code, message, source };
      });
      return { items, next: page.next };
    },
  );
};
