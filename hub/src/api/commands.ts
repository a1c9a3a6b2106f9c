import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { COMMAND_STATES, CommandView, choice, NewCommand, PageQuery, pageOf } from '@fieldline/protocol';
import { Type } from 'typebox';
import { hasEnded, viewCommand } from '../commands/command.js';
import type { Commands } from '../commands/commands.js';
import type { DeviceDirectory } from '../devices/directory.js';
import type { CommandStore } from '../state/commands.js';
import { DeviceParams } from './device-params.js';
import { actorOf, principalOf } from './guard.js';
import { idempotencyOf } from './idempotency.js';
import { notFound, problems } from './problem.js';

export interface CommandRouteDeps {
  readonly directory: Pick<DeviceDirectory, 'has'>;
  readonly commands: Pick<Commands, 'give' | 'get' | 'cancel' | 'ended'>;
  readonly commandStore: Pick<CommandStore, 'list'>;
}

const MAX_WAIT_MS = 60_000;
const CommandParams = Type.Object({ id: Type.String() });
const Wait = Type.Object(
  {
    wait: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: MAX_WAIT_MS,
        description: 'Answer when it has ended, or after so many ms.',
      }),
    ),
  },
  { additionalProperties: false },
);
const ListQuery = Type.Object(
  {
    ...PageQuery.properties,
    cursor: Type.Optional(
      Type.String({ pattern: '^[0-9A-Za-z]{1,26}$', description: '`next` of the page before.' }),
    ),
    state: Type.Optional(choice(COMMAND_STATES)),
  },
  { additionalProperties: false },
);

const GIVE = `Answers 202 with the command as it is, or, with \`wait\`, 200 when it has ended within that time.

\`Idempotency-Key\`: a request that is sent again with the same key (1 to 255 visible ASCII characters) and the same body
within a day makes no second command, and is answered with the first.`;

/** `/commands` and `/devices/:id/commands`: commands to devices, and what became of them. */
export const commandRoutes: FastifyPluginAsyncTypebox<CommandRouteDeps> = async (app, deps) => {
  const { directory, commands, commandStore } = deps;

  app.post(
    '/devices/:id/commands',
    {
      config: { access: 'operator' },
      schema: {
        operationId: 'giveCommand',
        summary: 'Give a device a command',
        description: GIVE,
        tags: ['commands'],
        params: DeviceParams,
        querystring: Wait,
        body: NewCommand,
        response: {
          200: CommandView,
          202: CommandView,
          ...problems({
            404: 'No such device',
            409: '`device_offline`, `busy`, `not_supported` or `command_forgotten`',
            422: '`unknown_command`, `bad_params`, `too_large`, `idempotency_conflict`, or a body that makes no sense',
            503: 'It cannot be made durable now',
          }),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      if (!directory.has(id)) throw notFound(`device ${id}`);
      const given = commands.give(
        id,
        request.body,
        actorOf(request),
        idempotencyOf(request, `${principalOf(request).id} ${id}`),
      );
      const command = await commands.ended(given.id, request.query.wait ?? 0);
      reply.header('location', `/api/v1/commands/${given.id}`);
      reply.code(request.query.wait !== undefined && hasEnded(command) ? 200 : 202);
      return viewCommand(command);
    },
  );

  app.get(
    '/devices/:id/commands',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'listDeviceCommands',
        summary: 'Commands of a device, newest first',
        description: 'The newest 1,000 that have ended are kept of each device.',
        tags: ['commands'],
        params: DeviceParams,
        querystring: ListQuery,
        response: { 200: pageOf(CommandView), ...problems({ 404: 'No such device' }) },
      },
    },
    async ({ params: { id }, query }) => {
      if (!directory.has(id)) throw notFound(`device ${id}`);
      return list({ device: id, ...query });
    },
  );

  app.get(
    '/commands',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'listCommands',
        summary: 'Commands of all devices, newest first',
        tags: ['commands'],
        querystring: ListQuery,
        response: { 200: pageOf(CommandView), ...problems({ 422: 'A query that makes no sense' }) },
      },
    },
    async ({ query }) => list(query),
  );

  app.get(
    '/commands/:id',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'getCommand',
        summary: 'One command',
        tags: ['commands'],
        params: CommandParams,
        querystring: Wait,
        response: { 200: CommandView, ...problems({ 404: 'No such command' }) },
      },
    },
    async ({ params, query }) => viewCommand(await commands.ended(params.id, query.wait ?? 0)),
  );

  app.delete(
    '/commands/:id',
    {
      config: { access: 'operator' },
      schema: {
        operationId: 'cancelCommand',
        summary: 'Take a command back that was not sent',
        tags: ['commands'],
        params: CommandParams,
        response: { 200: CommandView, ...problems({ 404: 'No such command', 409: '`already_sent`' }) },
      },
    },
    async (request) => viewCommand(commands.cancel(request.params.id, actorOf(request))),
  );

  function list({ limit, cursor, ...filter }: Parameters<CommandStore['list']>[0] & PageQuery) {
    const { items, next } = commandStore.list(filter, cursor === undefined ? { limit } : { limit, cursor });
    return { items: items.map(viewCommand), next };
  }
};
