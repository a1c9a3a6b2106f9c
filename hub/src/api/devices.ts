import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import {
  DeviceChanges,
  DeviceView,
  METRIC_NAME_PATTERN,
  NewDevice,
  PageQuery,
  pageOf,
  RegisteredDevice,
} from '@fieldline/protocol';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { DeviceTokens } from '../access/device-tokens.js';
import type { DeviceDirectory } from '../devices/directory.js';
import type { Registry } from '../devices/registry.js';
import type { Audit } from '../state/audit.js';
import { deedOf } from './deed.js';
import { DeviceParams } from './device-params.js';
import { notFound, problems, requireProfile } from './problem.js';

export interface DeviceRouteDeps {
  readonly directory: DeviceDirectory;
  readonly registry: Pick<Registry, 'create' | 'update' | 'delete'>;
  readonly deviceTokens: Pick<DeviceTokens, 'create'>;
  readonly profiles: ReadonlyMap<string, unknown>;
  readonly audit: Pick<Audit, 'add'>;
  readonly now: () => number;
}

const TAG_PARAMETER = 'tag.';

const ListQuery = Type.Object(
  {
    ...PageQuery.properties,
    online: Type.Optional(Type.Boolean()),
    q: Type.Optional(
      Type.String({ maxLength: 128, description: 'Part of an id, a name or the value of a tag.' }),
    ),
  },
  {
    additionalProperties: false,
    patternProperties: { [METRIC_NAME_PATTERN.replace('^', '^tag\\.')]: { type: 'string', maxLength: 128 } },
  },
);

/** `/devices`: the registry, joined with what is known of each device at this moment. */
export const deviceRoutes: FastifyPluginAsyncTypebox<DeviceRouteDeps> = async (app, deps) => {
  const { directory, registry, deviceTokens, profiles, audit, now } = deps;

  app.get(
    '/devices',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'listDevices',
        summary: 'Devices, by id',
        description: 'All filters must match. `tag.<name>=<value>` asks for a tag, such as `tag.site=north`.',
        tags: ['devices'],
        querystring: ListQuery,
        response: { 200: pageOf(DeviceView), ...problems({ 422: 'A query that makes no sense' }) },
      },
    },
    async ({ query }) => {
      const { limit, cursor, online, q } = query;
      const filter = {
        ...(online === undefined ? {} : { online }),
        ...(q === undefined ? {} : { q }),
        tags: tagsOf(query),
      };
      return directory.list(filter, cursor === undefined ? { limit } : { limit, cursor });
    },
  );

  app.post(
    '/devices',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'createDevice',
        summary: 'Register a device and make its first token',
        tags: ['devices'],
        body: NewDevice,
        response: {
          201: RegisteredDevice,
          ...problems({ 409: '`device_exists`', 422: 'A body that makes no sense' }),
        },
      },
    },
    async (request, reply) => {
      const { body } = request;
      requireProfile(profiles, body.profile);
      const { id: _, ...details } = body;
      registry.create(body, () => note(request, 'device.created', body.id, details));
      const token = firstToken(body.id);
      reply.code(201).header('location', `/api/v1/devices/${body.id}`);
      return { device: viewOf(body.id), token };
    },
  );

  app.get(
    '/devices/:id',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'getDevice',
        summary: 'One device',
        tags: ['devices'],
        params: DeviceParams,
        response: { 200: DeviceView, ...problems({ 404: 'No such device' }) },
      },
    },
    async ({ params }) => viewOf(params.id),
  );

  app.patch(
    '/devices/:id',
    {
      config: { access: 'operator' },
      schema: {
        operationId: 'updateDevice',
        summary: 'Change a device',
        description:
          'What is absent stays. `null` takes a name or a profile away; `tags` are replaced as a whole.',
        tags: ['devices'],
        params: DeviceParams,
        body: DeviceChanges,
        response: {
          200: DeviceView,
          ...problems({ 404: 'No such device', 422: 'A body that makes no sense' }),
        },
      },
    },
    async (request) => {
      const { id } = request.params;
      viewOf(id);
      requireProfile(profiles, request.body.profile);
      registry.update(id, request.body, () => note(request, 'device.updated', id, request.body));
      return viewOf(id);
    },
  );

  app.delete(
    '/devices/:id',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'deleteDevice',
        summary: 'Remove a device and its tokens',
        description: 'Its socket is closed. What it sent stays in the history.',
        tags: ['devices'],
        params: DeviceParams,
        response: { 204: Type.Null({ description: 'It is gone' }), ...problems({ 404: 'No such device' }) },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      viewOf(id);
      registry.delete(id, () => note(request, 'device.deleted', id));
      reply.code(204);
      return null;
    },
  );

  function note(request: FastifyRequest, action: string, id: string, details?: object): void {
    audit.add({ ...deedOf(request, now()), action, subject: `device:${id}`, details });
  }

  /** A device without a token could neither connect nor be registered again: it is both or nothing. */
  function firstToken(id: string): string {
    try {
      return deviceTokens.create(id).token;
    } catch (error) {
      registry.delete(id);
      throw error;
    }
  }

  function viewOf(id: string): DeviceView {
    const view = directory.view(id);
    if (view === undefined) throw notFound(`device ${id}`);
    return view;
  }
};

/** The filters by tag of a query, such as `tag.site=north`. */
function tagsOf(query: object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(query)
      .filter(([name]) => name.startsWith(TAG_PARAMETER))
      .map(([name, value]) => [name.slice(TAG_PARAMETER.length), String(value)]),
  );
}
