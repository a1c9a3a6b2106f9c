import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { DeviceConfig, NewDeviceConfig } from '@fieldline/protocol';
import type { Configs } from '../devices/configs.js';
import type { DeviceDirectory } from '../devices/directory.js';
import { viewConfig } from '../devices/view.js';
import { DeviceParams } from './device-params.js';
import { actorOf } from './guard.js';
import { notFound, problems } from './problem.js';

export interface DeviceConfigRouteDeps {
  readonly directory: Pick<DeviceDirectory, 'has'>;
  readonly configs: Pick<Configs, 'set'>;
}

/** `PUT /devices/:id/config`: the configuration that a device shall run. */
export const deviceConfigRoutes: FastifyPluginAsyncTypebox<DeviceConfigRouteDeps> = async (app, deps) => {
  const { directory, configs } = deps;

  app.put(
    '/devices/:id/config',
    {
      config: { access: 'operator' },
      schema: {
        operationId: 'setDeviceConfig',
        summary: 'Set the configuration that a device shall run',
        description:
          'The whole of it: keys that are left out take their default. It is sent when the device is there, or at its ' +
          'next `welcome`; `state` tells whether it was applied.',
        tags: ['devices'],
        params: DeviceParams,
        body: NewDeviceConfig,
        response: {
          200: DeviceConfig,
          ...problems({
            404: 'No such device',
            409: '`stale_version`: somebody else has changed it meanwhile',
            422: '`bad_config`, `too_large`, or a body that makes no sense',
          }),
        },
      },
    },
    async (request) => {
      const { id } = request.params;
      if (!directory.has(id)) throw notFound(`device ${id}`);
      const { desired, version = null } = request.body;
      return viewConfig(configs.set(id, desired, version, actorOf(request)));
    },
  );
};
