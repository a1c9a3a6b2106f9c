import type { Server } from 'node:http';
import { createServer } from 'node:https';
import type { FastifyServerFactory } from 'fastify';
import type { Certificate } from './certificate.js';

/** Makes a server that speaks TLS, with a certificate that is kept renewed. */
export function httpsServer(certificate: Certificate): FastifyServerFactory<Server> {
  return (handler, options) => {
    const { keepAliveTimeout, requestTimeout } = options as Readonly<Record<string, number>>;
    const timeouts = { keepAliveTimeout, requestTimeout };
    return certificate.serve(createServer({ ...timeouts, ...certificate.serverOptions(true) }, handler));
  };
}
