import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { problems } from '../api/problem.js';

/** `GET /healthz`: the process is alive and answers. */
export const healthRoute: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/healthz',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'isAlive',
        summary: 'The process is alive',
        tags: ['operation'],
        response: { 200: Type.Object({ status: Type.Literal('ok') }), ...problems({}) },
      },
    },
    async () => ({ status: 'ok' as const }),
  );
};
