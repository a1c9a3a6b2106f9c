import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { AlarmQuiet, NewAlarmQuiet, pageOf } from '@fieldline/protocol';
import { Type } from 'typebox';
import type { Alarms } from '../alarms/alarms.js';
import type { Quiets } from '../alarms/quiets.js';
import { actorOf } from './guard.js';
import { problems } from './problem.js';

export interface AlarmQuietRouteDeps {
  readonly alarms: {
    readonly alarms: Pick<Alarms, 'get'>;
    readonly quiets: Pick<Quiets, 'list' | 'begin' | 'end'>;
  };
}

const Params = Type.Object({ id: Type.String() });
const HOUR_MS = 3_600_000;

/** `/alarms/quiets`, `/alarms/:id/quiet`: what nobody is called about for a while. */
export const alarmQuietRoutes: FastifyPluginAsyncTypebox<AlarmQuietRouteDeps> = async (
  app,
  { alarms: { alarms, quiets } },
) => {
  app.get(
    '/alarms/quiets',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'listAlarmQuiets',
        summary: 'Limits that nobody is called about for a while',
        tags: ['alarms'],
        response: { 200: pageOf(AlarmQuiet), ...problems({}) },
      },
    },
    async () => ({ items: quiets.list(), next: null }),
  );

  app.put(
    '/alarms/:id/quiet',
    {
      config: { access: 'operator' },
      schema: {
        operationId: 'quietAlarm',
        summary: 'Call nobody for a while',
        description:
          'For the limit of this alarm on its device: what it raises from now on is shown, and told over MQTT, but neither by webhook nor by e-mail. What is still raised and not acknowledged at the end is told then. Asked for again, the end moves.',
        tags: ['alarms'],
        params: Params,
        body: NewAlarmQuiet,
        response: {
          200: AlarmQuiet,
          ...problems({
            404: '`unknown_alarm`',
            409: '`too_many_quiet`',
            422: 'A body that makes no sense',
          }),
        },
      },
    },
    async (request) =>
      quiets.begin(alarms.get(request.params.id), request.body.for ?? HOUR_MS, actorOf(request)),
  );

  app.delete(
    '/alarms/:id/quiet',
    {
      config: { access: 'operator' },
      schema: {
        operationId: 'endAlarmQuiet',
        summary: 'Call people again',
        description: 'What is still raised and not acknowledged is told at once.',
        tags: ['alarms'],
        params: Params,
        response: {
          204: Type.Null({ description: 'It is not quiet' }),
          ...problems({ 404: '`unknown_alarm`' }),
        },
      },
    },
    async (request, reply) => {
      quiets.end(alarms.get(request.params.id), actorOf(request));
      reply.code(204);
      return null;
    },
  );
};
