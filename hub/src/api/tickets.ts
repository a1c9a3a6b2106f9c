import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Ticket } from '@fieldline/protocol';
import type { Tickets } from '../access/tickets.js';
import { principalOf } from './guard.js';
import { problems } from './problem.js';

export interface TicketRouteDeps {
  readonly tickets: Pick<Tickets, 'create'>;
}

/** `POST /tickets`: for clients that can set no header on a WebSocket, such as a browser with an API token. */
export const ticketRoutes: FastifyPluginAsyncTypebox<TicketRouteDeps> = async (app, { tickets }) => {
  app.post(
    '/tickets',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'createTicket',
        summary: 'A one-time ticket for the live socket',
        description: 'Valid for 30 s, once, with the role of its creator: `GET /ws/v1/live?ticket=…`.',
        tags: ['live'],
        response: { 201: Ticket, ...problems({}) },
      },
    },
    async (request, reply) => {
      const { ticket, expiresAt } = tickets.create(principalOf(request));
      reply.code(201);
      return { ticket, expiresAt };
    },
  );
};
