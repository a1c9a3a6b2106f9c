import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import {
  ALARM_CHANNELS,
  ALARM_LEVELS,
  ALARM_STATES,
  AlarmChannelView,
  AlarmCounts,
  AlarmDetail,
  AlarmNote,
  AlarmRule,
  AlarmsNote,
  AlarmView,
  choice,
  PageQuery,
  pageOf,
} from '@fieldline/protocol';
import { Type } from 'typebox';
import type { Alarms } from '../alarms/alarms.js';
import type { OpenAlarms } from '../alarms/open-alarms.js';
import type { AlarmDeliveries } from '../state/alarm-deliveries.js';
import type { Audit } from '../state/audit.js';
import { deedOf } from './deed.js';
import { actorOf } from './guard.js';
import { problems } from './problem.js';

export interface AlarmRouteDeps {
  readonly alarms: Pick<OpenAlarms, 'channels' | 'test' | 'rules'> & {
    readonly alarms: Pick<Alarms, 'list' | 'waiting' | 'get' | 'acknowledge' | 'counts'>;
    readonly deliveries: Pick<AlarmDeliveries, 'of'>;
  };
  readonly audit: Pick<Audit, 'add'>;
  readonly now: () => number;
}

const Params = Type.Object({ id: Type.String() });
const ListQuery = Type.Object(
  {
    ...PageQuery.properties,
    cursor: Type.Optional(
      Type.String({ pattern: '^[0-9A-Z]{26}$', description: '`next` of the page before.' }),
    ),
    state: Type.Optional(choice(ALARM_STATES)),
    device: Type.Optional(Type.String({ maxLength: 64 })),
    level: Type.Optional(choice(ALARM_LEVELS)),
  },
  { additionalProperties: false },
);

/** `/alarms`: what is wrong, what was, and who has seen it. */
export const alarmRoutes: FastifyPluginAsyncTypebox<AlarmRouteDeps> = async (
  app,
  { alarms: room, audit, now },
) => {
  const { alarms, deliveries } = room;

  app.get(
    '/alarms',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'listAlarms',
        summary: 'Alarms, newest first',
        description:
          'By when the limit was crossed. `state=waiting` are limits that are crossed and whose `for` is not over: the 1,000 newest.',
        tags: ['alarms'],
        querystring: ListQuery,
        response: { 200: pageOf(AlarmView), ...problems({ 422: 'A query that makes no sense' }) },
      },
    },
    async ({ query: { limit, cursor, state, device, level } }) => {
      const page = cursor === undefined ? { limit } : { limit, cursor };
      if (state === 'waiting') return alarms.waiting({ device, level }, page);
      return alarms.list({ state, device, level }, page);
    },
  );

  app.get(
    '/alarms/counts',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'countAlarms',
        summary: 'How many alarms there are now',
        tags: ['alarms'],
        response: { 200: AlarmCounts, ...problems({}) },
      },
    },
    async () => alarms.counts(),
  );

  app.get(
    '/alarms/rules',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'listAlarmRules',
        summary: 'When alarms are raised',
        description: 'What the device profiles say.',
        tags: ['alarms'],
        response: { 200: pageOf(AlarmRule), ...problems({}) },
      },
    },
    async () => ({ items: room.rules(), next: null }),
  );

  app.get(
    '/alarms/channels',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'listAlarmChannels',
        summary: 'Where alarms are told',
        tags: ['alarms'],
        response: { 200: pageOf(AlarmChannelView), ...problems({}) },
      },
    },
    async () => ({ items: room.channels(), next: null }),
  );

  app.post(
    '/alarms/channels/:channel/test',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'testAlarmChannel',
        summary: 'Send a test over a channel',
        tags: ['alarms'],
        params: Type.Object({ channel: choice(ALARM_CHANNELS) }),
        response: {
          200: Type.Object({ ms: Type.Integer({ description: 'How long it took.' }) }),
          ...problems({ 404: '`unknown_channel`', 502: '`channel_failed`: the other side did not take it' }),
        },
      },
    },
    async (request) => {
      const { channel } = request.params;
      audit.add({ ...deedOf(request, now()), action: 'alarm.channel_tested', subject: `channel:${channel}` });
      return { ms: await room.test(channel) };
    },
  );

  app.get(
    '/alarms/:id',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'getAlarm',
        summary: 'An alarm, and how it was told',
        tags: ['alarms'],
        params: Params,
        response: { 200: AlarmDetail, ...problems({ 404: '`unknown_alarm`' }) },
      },
    },
    async ({ params: { id } }) => ({ ...alarms.get(id), deliveries: deliveries.of(id) }),
  );

  app.post(
    '/alarms/:id/acknowledge',
    {
      config: { access: 'operator' },
      schema: {
        operationId: 'acknowledgeAlarm',
        summary: 'Say that you have seen it',
        description: 'It stays raised until its readings are well. Who was first stays.',
        tags: ['alarms'],
        params: Params,
        body: AlarmNote,
        response: {
          200: AlarmView,
          ...problems({ 404: '`unknown_alarm`', 422: 'A body that makes no sense' }),
        },
      },
    },
    async (request) => {
      const [alarm] = alarms.acknowledge([request.params.id], actorOf(request), request.body.note || null);
      return alarm as AlarmView;
    },
  );

  app.post(
    '/alarms/acknowledge',
    {
      config: { access: 'operator' },
      schema: {
        operationId: 'acknowledgeAlarms',
        summary: 'Say that you have seen these',
        description: 'All or none.',
        tags: ['alarms'],
        body: AlarmsNote,
        response: {
          200: pageOf(AlarmView),
          ...problems({ 404: '`unknown_alarm`', 422: 'A body that makes no sense' }),
        },
      },
    },
    async (request) => {
      const { ids, note } = request.body;
      return { items: alarms.acknowledge([...new Set(ids)], actorOf(request), note || null), next: null };
    },
  );
};
