import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import {
  choice,
  JOB_DEVICE_STATES,
  JobDeviceView,
  JobView,
  NewJob,
  PageQuery,
  pageOf,
} from '@fieldline/protocol';
import { Type } from 'typebox';
import type { Jobs } from '../jobs/jobs.js';
import { actorOf, principalOf } from './guard.js';
import { idempotencyOf } from './idempotency.js';
import { problems } from './problem.js';

export interface JobRouteDeps {
  readonly jobs: Pick<Jobs, 'start' | 'get' | 'list' | 'devices' | 'cancel'>;
}

const JobParams = Type.Object({ id: Type.String() });
const ListQuery = Type.Object(
  {
    ...PageQuery.properties,
    cursor: Type.Optional(
      Type.String({ pattern: '^[0-9A-Z]{26}$', description: '`next` of the page before.' }),
    ),
  },
  { additionalProperties: false },
);
const DevicesQuery = Type.Object(
  { ...PageQuery.properties, state: Type.Optional(choice(JOB_DEVICE_STATES)) },
  { additionalProperties: false },
);

const START = `Each device gets a command of its own, in its turn; a job goes on over restarts of the hub, and none gets
it twice. Beforehand every device's profile is asked: where some would refuse, the answer is 422 and names the first of
them, unless \`skipUnable\` leaves them out. A device that is offline in its turn is \`refused\`, unless \`queue\`.

At most 10,000 devices a job, and 10 jobs at a time. \`Idempotency-Key\` as for a command.`;

/** `/jobs`: one command to many devices. */
export const jobRoutes: FastifyPluginAsyncTypebox<JobRouteDeps> = async (app, { jobs }) => {
  app.post(
    '/jobs',
    {
      config: { access: 'operator' },
      schema: {
        operationId: 'startJob',
        summary: 'Give many devices a command',
        description: START,
        tags: ['commands'],
        body: NewJob,
        response: {
          202: JobView,
          ...problems({
            409: '`too_many_jobs` or `job_forgotten`',
            422: '`devices_unable`, `no_devices`, `too_many_devices`, `idempotency_conflict`, or a body that makes no sense',
            503: 'It cannot be made durable now',
          }),
        },
      },
    },
    async (request, reply) => {
      const idempotency = idempotencyOf(request, `${principalOf(request).id} /jobs`);
      const job = await jobs.start(request.body, actorOf(request), idempotency);
      reply.code(202).header('location', `/api/v1/jobs/${job.id}`);
      return job;
    },
  );

  app.get(
    '/jobs',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'listJobs',
        summary: 'Jobs, newest first',
        description: 'The newest 50 that have finished are kept.',
        tags: ['commands'],
        querystring: ListQuery,
        response: { 200: pageOf(JobView), ...problems({ 422: 'A query that makes no sense' }) },
      },
    },
    async ({ query }) => jobs.list(query),
  );

  app.get(
    '/jobs/:id',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'getJob',
        summary: 'How far a job is',
        tags: ['commands'],
        params: JobParams,
        response: { 200: JobView, ...problems({ 404: 'No such job' }) },
      },
    },
    async ({ params }) => jobs.get(params.id),
  );

  app.get(
    '/jobs/:id/devices',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'listJobDevices',
        summary: 'The devices of a job, in its order',
        tags: ['commands'],
        params: JobParams,
        querystring: DevicesQuery,
        response: { 200: pageOf(JobDeviceView), ...problems({ 404: 'No such job' }) },
      },
    },
    async ({ params, query: { state, ...page } }) => jobs.devices(params.id, state ?? null, page),
  );

  app.delete(
    '/jobs/:id',
    {
      config: { access: 'operator' },
      schema: {
        operationId: 'cancelJob',
        summary: 'End a job: what was not sent is taken back, no more is sent',
        tags: ['commands'],
        params: JobParams,
        response: { 200: JobView, ...problems({ 404: 'No such job', 409: '`already_ended`' }) },
      },
    },
    async (request) => jobs.cancel(request.params.id, actorOf(request)),
  );
};
