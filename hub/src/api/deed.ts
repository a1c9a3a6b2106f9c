import type { FastifyRequest } from 'fastify';
import { auditName, type Deed } from '../state/audit.js';
import { actorOf } from './guard.js';

/** The part of an audit entry that a request tells: who, from where, and when. */
export function deedOf(request: FastifyRequest, nowMs: number): Pick<Deed, 'at' | 'actor' | 'address'> {
  const actor = actorOf(request);
  return { at: nowMs, actor: auditName(actor), address: actor.address };
}
