import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { problems } from '../api/problem.js';
import type { Metrics } from './metrics.js';

export interface MetricsRouteDeps {
  readonly metrics: Pick<Metrics, 'scrape' | 'contentType'>;
  /** Whether anybody may read them. */
  readonly isPublic: boolean;
}

/** `GET /metrics`, for Prometheus. */
export const metricsRoute: FastifyPluginAsyncTypebox<MetricsRouteDeps> = async (
  app,
  { metrics, isPublic },
) => {
  app.get(
    '/metrics',
    {
      config: { access: isPublic ? 'public' : 'viewer' },
      schema: {
        operationId: 'getMetrics',
        summary: 'Metrics for Prometheus',
        tags: ['operation'],
        response: {
          200: { description: 'Metrics', content: { 'text/plain': { schema: Type.String() } } },
          ...problems({}),
        },
      },
    },
    async (_request, reply) => reply.type(metrics.contentType).send(await metrics.scrape()),
  );
};
