import type { FastifyInstance } from 'fastify';
import { problems } from '../problem.js';
import { type AsyncApiOptions, asyncApi } from './document.js';

/** `GET /api/v1/asyncapi.json`: the sockets and topics. */
export async function asyncApiRoute(app: FastifyInstance, options: AsyncApiOptions): Promise<void> {
  const document = asyncApi(options);
  app.get(
    '/api/v1/asyncapi.json',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'describeSockets',
        summary: 'The sockets and MQTT topics',
        tags: ['operation'],
        response: {
          200: { description: 'AsyncAPI 3.0', type: 'object', additionalProperties: true },
          ...problems({}),
        },
      },
    },
    async (_request, reply) => {
      reply.header('cache-control', 'no-cache');
      return document;
    },
  );
}
