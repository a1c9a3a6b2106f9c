import type { FastifyInstance } from 'fastify';
import { FieldlineError } from '../errors.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Set on routes that can become a WebSocket. */
    upgrades?: true;
  }
}

/**
 * Answers requests that ask to upgrade where nothing can be upgraded. (RFC 9110 §7.8 would let us ignore the wish,
 * but Node has taken such a connection out of HTTP by now, and its body would not be read. Java's HttpClient
 * asks for `h2c` unless told not to.)
 */
export function refuseStrayUpgrades(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    if (route.wsHandler !== undefined || route.websocket) route.config = { ...route.config, upgrades: true };
  });
  app.addHook('onRequest', async ({ ws, headers, routeOptions }) => {
    const isSocket = routeOptions.config?.upgrades === true;
    if (!ws || (isSocket && headers.upgrade?.toLowerCase() === 'websocket')) return;
    const detail = isSocket
      ? `cannot upgrade to ${headers.upgrade}, only to websocket`
      : 'cannot be upgraded: send the request without an Upgrade header';
    throw new FieldlineError('bad_upgrade', detail, { status: 400 });
  });
}
