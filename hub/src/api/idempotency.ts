import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Idempotency } from '../commands/ledger.js';
import { ValidationError } from './problem.js';

/**
 * What makes a repeated request harmless (protocol §3 "Commands"); null where it is not asked for.
 * @param scope the token and the route: another's key is another key
 */
export function idempotencyOf(request: FastifyRequest, scope: string): Idempotency | null {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return null;
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new ValidationError([
      { path: 'Idempotency-Key', message: 'must be 1 to 255 visible ASCII characters' },
    ]);
  }
  const body = JSON.stringify(request.body);
  return { scope, key, bodyHash: createHash('sha256').update(body).digest('base64url') };
}
