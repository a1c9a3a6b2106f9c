import type { FastifyInstance } from 'fastify';
import type { WebSocket } from 'ws';
import { requireOrigin } from '../../api/guard.js';
import type { Hosts } from '../../api/hosts.js';
import { FieldlineError } from '../../errors.js';

/** What the WebSocket library that is most used on ESP32 sends. */
const NO_PAGE = 'file://';

export interface WebSocketDoorOptions {
  readonly hosts: Hosts;
  /** @throws FieldlineError when this address, or anybody, is not let in now */
  readonly requireRoom: (address: string) => void;
  readonly onSocket: (socket: WebSocket, address: string) => void;
}

/**
 * `GET /mqtt`: MQTT over WebSocket (MQTT 3.1.1 §6). The CONNECT packet authenticates, never a cookie; still a page of
 * another site has no business here: it could try passwords, and have this address locked out.
 */
export async function webSocketDoor(app: FastifyInstance, options: WebSocketDoorOptions): Promise<void> {
  app.route({
    method: 'GET',
    url: '/mqtt',
    // Like the device socket it goes by any host name; what a browser may do is decided by its Origin.
    config: { access: 'device' },
    schema: { hide: true },
    onRequest: async (request) => {
      if (!request.ws) return;
      const { origin } = request.headers;
      if (origin !== undefined && origin !== NO_PAGE) requireOrigin(request, options.hosts);
      options.requireRoom(request.ip);
    },
    handler: async (_request, reply) => {
      reply.header('upgrade', 'websocket');
      throw new FieldlineError('upgrade_required', 'this is a WebSocket', { status: 426 });
    },
    wsHandler: (socket, request) => options.onSocket(socket, request.ip),
  });
}
