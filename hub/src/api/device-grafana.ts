import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { DeviceGrafana } from '@fieldline/protocol';
import type { DeviceDirectory } from '../devices/directory.js';
import type { BoardLink } from '../live/grafana/board-links.js';
import { DeviceParams } from './device-params.js';
import { notFound, problems } from './problem.js';

export interface DeviceGrafanaRouteDeps {
  readonly directory: Pick<DeviceDirectory, 'view'>;
  readonly boardLink: BoardLink;
}

/** `GET /devices/:id/grafana`: where Grafana shows the device. */
export const deviceGrafanaRoutes: FastifyPluginAsyncTypebox<DeviceGrafanaRouteDeps> = async (app, deps) => {
  const { directory, boardLink } = deps;

  app.get(
    '/devices/:id/grafana',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'findDeviceInGrafana',
        summary: 'Where Grafana shows a device',
        description:
          'Its board there, among those that `fieldline dashboards` makes. A range of time is put behind it: `&from=<ms>&to=<ms>`.',
        tags: ['devices'],
        params: DeviceParams,
        response: { 200: DeviceGrafana, ...problems({ 404: 'No such device' }) },
      },
    },
    async ({ params: { id } }) => {
      const device = directory.view(id);
      if (device === undefined) throw notFound(`device ${id}`);
      return { url: boardLink(id, device.profile) };
    },
  );
};
