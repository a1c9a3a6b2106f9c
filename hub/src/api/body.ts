import { ProtocolError, parseJson } from '@fieldline/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { FieldlineError } from '../errors.js';

/** Nesting that no body of this API needs. */
const MAX_DEPTH = 32;

/** Takes JSON bodies and nothing else; other types are answered with 415. */
export function takeJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (request: FastifyRequest, body: Buffer) =>
      // Many clients announce JSON on each request, also where there is nothing to send.
      body.length === 0 ? undefined : parseJsonBody(request, body),
  );
}

/**
 * Reads a JSON body as strictly as a device's frame: no key that could reach a prototype, no number beyond a
 * 64-bit float, no broken UTF-8.
 * @throws FieldlineError 400 `malformed_json`
 */
export async function parseJsonBody(_request: FastifyRequest, body: Buffer): Promise<unknown> {
  try {
    return parseJson(body, { maxDepth: MAX_DEPTH });
  } catch (error) {
    if (error instanceof ProtocolError)
      throw new FieldlineError('malformed_json', error.message, { cause: error });
    throw error;
  }
}
