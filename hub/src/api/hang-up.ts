import type { Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import type { FastifyInstance } from 'fastify';
import { FieldlineError } from '../errors.js';

/** How long requests that are under way at the stop may take. */
const GRACE_MS = 1_000;

/** A restart takes about so long. */
const RETRY_AFTER_MS = 5_000;

/**
 * Lets the server close within about a second. Fastify closes connections that are idle between two requests;
 * those that never sent one (browsers open some in advance) are hung up here, and those with a request under
 * way after a grace. WebSockets are not touched: they belong to their rooms.
 */
export function hangUpOnClose(app: FastifyInstance): void {
  const silent = new Set<Socket>();
  let grace: NodeJS.Timeout | undefined;

  // In place of Fastify's own answer, which is no problem document and does not say when to come again.
  app.addHook('onRequest', async () => {
    if (grace === undefined) return;
    throw new FieldlineError('stopping', 'the hub is stopping', {
      status: 503,
      retryAfterMs: RETRY_AFTER_MS,
    });
  });
  // With TLS, requests come from another socket than the one that was accepted.
  const opened = app.server instanceof TlsServer ? 'secureConnection' : 'connection';
  app.server.on(opened, (socket: Socket) => {
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
    if (grace !== undefined) socket.destroy();
  });
  app.server.on('request', ({ socket }) => silent.delete(socket));
  app.server.on('upgrade', ({ socket }) => silent.delete(socket));

  app.addHook('preClose', async () => {
    grace = setTimeout(() => app.server.closeAllConnections(), GRACE_MS);
    for (const socket of silent) socket.destroy();
  });
  app.server.once('close', () => clearTimeout(grace));
}
