import type { FastifyInstance } from 'fastify';
import { FieldlineError } from './errors.js';

/** What to do about the ways in which listening fails, by the code of the system's error. */
const HINTS: ReadonlyMap<string, string> = new Map([
  [
    'EADDRINUSE',
    'The address is in use. Is a hub running already? Another port is chosen with port (FIELDLINE_PORT).',
  ],
  [
    'EACCES',
    'The system does not allow it; ports below 1024 need a right of their own. ' +
      'Another port is chosen with port (FIELDLINE_PORT).',
  ],
  [
    'EADDRNOTAVAIL',
    'This machine does not have that address. Set host (FIELDLINE_HOST) to one that it has, or to 0.0.0.0 for all.',
  ],
]);
const HOST_HINT = 'Check host (FIELDLINE_HOST) and port (FIELDLINE_PORT).';

/**
 * Listens on the configured address.
 * @param isSecure whether the server speaks TLS
 * @returns where, such as `http://127.0.0.1:8080`
 * @throws FieldlineError `cannot_listen` with the address, the reason and what to do
 */
export async function listen(
  server: Pick<FastifyInstance, 'listen'>,
  { host, port }: { readonly host: string; readonly port: number },
  isSecure = false,
): Promise<string> {
  // Fastify does not know what its server speaks.
  const named = (at: string): string => (isSecure ? at.replace(/^http:/, 'https:') : at);
  try {
    const url = await server.listen({ host, port, listenTextResolver: (at) => `listens at ${named(at)}` });
    return named(url);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const reason = error instanceof Error ? error.message : String(error);
    const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
    const message = `The hub cannot listen on ${address} (${reason}). ${HINTS.get(code) ?? HOST_HINT}`;
    throw new FieldlineError('cannot_listen', message, { status: 503, cause: error });
  }
}
