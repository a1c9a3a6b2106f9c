import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { DeviceConnection, PageQuery, pageOf } from '@fieldline/protocol';
import type { DeviceDirectory } from '../devices/directory.js';
import type { DeviceConnections } from '../state/device-connections.js';
import { DeviceParams } from './device-params.js';
import { notFound, problems } from './problem.js';

export interface DeviceConnectionRouteDeps {
  readonly directory: DeviceDirectory;
  readonly deviceConnections: Pick<DeviceConnections, 'list'>;
}

/** `GET /devices/:id/connections`: when the device came and went. */
export const deviceConnectionRoutes: FastifyPluginAsyncTypebox<DeviceConnectionRouteDeps> = async (
  app,
  deps,
) => {
  const { directory, deviceConnections } = deps;

  app.get(
    '/devices/:id/connections',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'listDeviceConnections',
        summary: 'What befell the connection of a device, newest first',
        description:
          'The newest 1,000 events of each device are kept: `online` and `offline` with their reason, `rebooted` when it named a new boot, and `late` for readings that it had kept while it was away. A restart of the hub is no event.',
        tags: ['devices'],
        params: DeviceParams,
        querystring: PageQuery,
        response: { 200: pageOf(DeviceConnection), ...problems({ 404: 'No such device' }) },
      },
    },
    async ({ params: { id }, query }) => {
      if (!directory.has(id)) throw notFound(`device ${id}`);
      return deviceConnections.list(id, query);
    },
  );
};
