import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { DeviceLogLine, PageQuery, pageOf } from '@fieldline/protocol';
import type { DeviceDirectory } from '../devices/directory.js';
import type { DeviceLog } from '../state/device-log.js';
import { DeviceParams } from './device-params.js';
import { notFound, problems } from './problem.js';

export interface DeviceLogRouteDeps {
  readonly directory: DeviceDirectory;
  readonly deviceLog: Pick<DeviceLog, 'list'>;
}

/** `GET /devices/:id/log`: what the device itself had to say. */
export const deviceLogRoutes: FastifyPluginAsyncTypebox<DeviceLogRouteDeps> = async (app, deps) => {
  const { directory, deviceLog } = deps;

  app.get(
    '/devices/:id/log',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'listDeviceLog',
        summary: 'Log lines of a device, newest first',
        description: 'The newest 1,000 of each device are kept.',
        tags: ['devices'],
        params: DeviceParams,
        querystring: PageQuery,
        response: { 200: pageOf(DeviceLogLine), ...problems({ 404: 'No such device' }) },
      },
    },
    async ({ params: { id }, query }) => {
      if (!directory.has(id)) throw notFound(`device ${id}`);
      const page = deviceLog.list(id, query);
      return { items: page.items.map(({ at, level, message }) => ({ at, level, message })), next: page.next };
    },
  );
};
