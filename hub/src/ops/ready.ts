import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { JournalStats } from '@fieldline/journal';
import { Type } from 'typebox';
import { problems } from '../api/problem.js';
import type { SinkStatus } from '../sinks/sink.js';

export interface ReadyRouteDeps {
  readonly journal: { stats(): JournalStats };
  /** How each sink is doing, by its name. */
  readonly sinks: () => Readonly<Record<string, SinkStatus>>;
}

const Count = Type.Integer({ minimum: 0 });

const SinkReadiness = Type.Object({
  state: Type.Union(
    (['starting', 'running', 'retrying', 'holding', 'closed'] as const).map((state) => Type.Literal(state)),
  ),
  lag: Type.Integer({ description: 'Readings in the journal that it has not confirmed.' }),
  oldest: Type.Union([Type.Integer(), Type.Null()], {
    description: 'When the oldest of them was journaled, ms since 1970.',
  }),
  written: Count,
  skipped: Count,
  error: Type.Optional(Type.String({ description: 'Its last error, while it lasts.' })),
});

const Readiness = Type.Object(
  {
    status: Type.Union([Type.Literal('ready'), Type.Literal('unavailable')]),
    journal: Type.Object({
      bytes: Count,
      maxBytes: Count,
      segments: Count,
      damaged: Type.Integer({ description: 'Damaged batches that the last start passed over.' }),
      trouble: Type.Union([Type.String(), Type.Null()], { description: 'Why nothing can be journaled.' }),
    }),
    sinks: Type.Unsafe<Record<string, Omit<SinkStatus, 'errors'>>>({
      type: 'object',
      additionalProperties: SinkReadiness,
    }),
  },
  { title: 'Readiness' },
);

/**
 * `GET /readyz`: 200 while telemetry can be journaled, 503 when it cannot. A sink that fails is told here but
 * makes nothing unavailable: the journal holds what it has not taken.
 */
export const readyRoute: FastifyPluginAsyncTypebox<ReadyRouteDeps> = async (app, { journal, sinks }) => {
  app.get(
    '/readyz',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'isReady',
        summary: 'Telemetry can be stored',
        tags: ['operation'],
        response: { 200: Readiness, 503: Readiness, ...problems({}) },
      },
    },
    async (_request, reply) => {
      const { bytes, maxBytes, segments, damaged, trouble } = journal.stats();
      const states = Object.entries(sinks()).map(
        ([name, { errors: _errors, ...status }]) => [name, status] as const,
      );
      return reply.code(trouble === null ? 200 : 503).send({
        status: trouble === null ? 'ready' : 'unavailable',
        journal: { bytes, maxBytes, segments, damaged, trouble },
        sinks: Object.fromEntries(states),
      });
    },
  );
};
