import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isSecure } from './forwarding.js';
import { isLoopback, parseHost } from './hosts.js';

const HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
};

/** How long a browser that came by HTTPS insists on it: a year. */
const HSTS_SECONDS = 31_536_000;

export interface SecurityHeaderOptions {
  /** Whether browsers that came by HTTPS are to insist on it, for every port of the name. */
  readonly hsts: boolean;
}

/**
 * Puts security headers on every answer. Nothing may be loaded but what the hub itself serves; no inline script
 * or style runs; no other site may frame a page of ours. Answers are not cached unless the route says otherwise.
 */
export function sendSecurityHeaders(app: FastifyInstance, options: SecurityHeaderOptions): void {
  app.addHook('onRequest', async (request, reply) => setSecurityHeaders(request, reply, options));
  app.addHook('onSend', async (_request, reply) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
  });
}

export function setSecurityHeaders(
  request: FastifyRequest,
  reply: FastifyReply,
  { hsts }: SecurityHeaderOptions,
): void {
  const { host } = request;
  const isEncrypted = isSecure(request);
  const name = parseHost(host)?.name;
  reply.headers(HEADERS);
  reply.header(
    'content-security-policy',
    contentSecurityPolicy(name === undefined ? null : host, isEncrypted),
  );
  // Of loopback names a browser would remember it for everything else that runs on its machine.
  if (hsts && isEncrypted && name !== undefined && !isLoopback(name)) {
    reply.header('strict-transport-security', `max-age=${HSTS_SECONDS}`);
  }
}

/** Older Safari does not take `'self'` to cover WebSockets: they are named, for this host only. */
function contentSecurityPolicy(host: string | null, isEncrypted: boolean): string {
  const sockets = host === null ? '' : isEncrypted ? ` wss://${host}` : ` ws://${host} wss://${host}`;
  return [
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src 'self'${sockets}`,
    "object-src 'none'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
  ].join('; ');
}
