import type { Duplex } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import type { Access } from '../access/access.js';
import type { Principal } from '../access/principal.js';
import { FieldlineError } from '../errors.js';
import { credentialsOf, principalOf, requireOrigin, unauthorized } from './guard.js';
import type { Hosts } from './hosts.js';

export interface LiveRouteDeps {
  readonly access: Pick<Access, 'authenticate' | 'redeemTicket'>;
  /** Takes over the socket of a viewer. */
  readonly live: { attach(socket: WebSocket, principal: Principal, stream: Duplex): void };
  readonly hosts: Hosts;
}

/**
 * `GET /ws/v1/live`: the viewer socket (protocol §2). Who may not have one is told by HTTP, before the upgrade.
 * A cookie counts only with an allowed `Origin`: browsers send it along for pages of other sites too.
 */
export async function liveRoute(app: FastifyInstance, deps: LiveRouteDeps): Promise<void> {
  const { access, live, hosts } = deps;

  app.route({
    method: 'GET',
    url: '/ws/v1/live',
    config: { access: 'self' },
    schema: { hide: true },
    onRequest: async (request) => {
      if (request.ws) request.principal = authenticate(request);
    },
    handler: async (_request, reply) => {
      reply.header('upgrade', 'websocket');
      throw new FieldlineError('upgrade_required', 'this is a WebSocket', { status: 426 });
    },
    wsHandler: (socket, request) => live.attach(socket, principalOf(request), request.raw.socket),
  });

  function authenticate(request: FastifyRequest): Principal {
    const { ticket } = request.query as { ticket?: unknown };
    if (typeof ticket === 'string')
      return access.redeemTicket(ticket) ?? refuse('the ticket is not valid any more');
    const principal = access.authenticate(credentialsOf(request), request.ip);
    if (principal === undefined) return refuse('log in, or send an API token or a ticket');
    if (principal.kind === 'session') requireOrigin(request, hosts);
    return principal;
  }
}

function refuse(detail: string): never {
  throw unauthorized(detail);
}
