import type { Role } from '@fieldline/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Access } from '../access/access.js';
import { allows, grantorOf, type Principal } from '../access/principal.js';
import { SESSION_COOKIE } from '../access/session-cookie.js';
import type { Actor } from '../commands/ledger.js';
import { FieldlineError } from '../errors.js';
import { isSecure } from './forwarding.js';
import type { Addressed, Hosts } from './hosts.js';

/**
 * Who may use a route. A role means that role or a higher one. `public`: anybody. `device`: the route asks for a
 * device's token itself, under any host name, and no cookie counts. `newcomer`: the same for a device that has no
 * token yet. `self`: the route authenticates by itself.
 */
export type RouteAccess = Role | 'public' | 'device' | 'newcomer' | 'self';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Every route says so, or the hub does not start. */
    access?: RouteAccess;
  }
  interface FastifyRequest {
    /** Set on routes that ask for a role. */
    principal: Principal | null;
  }
}

export interface GuardOptions {
  readonly access: Pick<Access, 'authenticate'>;
  readonly hosts: Hosts;
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Guards every route of the instance: host names, log-ins, roles and origins, by the `access` of its config.
 * A route without one stops the start.
 */
export function guardRoutes(app: FastifyInstance, { access, hosts }: GuardOptions): void {
  app.decorateRequest('principal', null);

  app.addHook('onRoute', ({ method, url, config }) => {
    if (config?.access === undefined) throw new Error(`route ${method} ${url} does not say who may use it`);
  });

  app.addHook('onRequest', async (request) => {
    const needed = request.routeOptions.config?.access;
    if (needed === 'device' || needed === 'newcomer') return;
    if (!hosts.isOurs(addressOf(request))) throw wrongHost(request.host);
    if (needed === undefined || needed === 'public' || needed === 'self') return;
    const credentials = credentialsOf(request);
    const principal = access.authenticate(credentials, request.ip);
    if (principal === undefined) throw unauthorized(whyNobody(credentials));
    if (!allows(principal.role, needed)) {
      throw forbidden(`needs the role ${needed}; ${principal.name} has ${principal.role}`);
    }
    if (principal.kind === 'session' && !SAFE_METHODS.has(request.method)) requireOrigin(request, hosts);
    request.principal = principal;
  });
}

/** Who is asking, on a route that asks for a role. */
export function principalOf(request: FastifyRequest): Principal {
  if (request.principal === null) throw new Error(`${request.url} does not ask for a role`);
  return request.principal;
}

/** Who is asking, as the audit tells it. */
export function actorOf(request: FastifyRequest): Actor {
  const principal = principalOf(request);
  const kind = principal.user === true ? 'user' : 'token';
  return { name: principal.name, kind, id: grantorOf(principal), address: request.ip };
}

/**
 * What the request proves itself with. An API token goes before a cookie; another kind of `Authorization`,
 * which a proxy in front may ask for, is not for us.
 */
export function credentialsOf({ headers }: FastifyRequest): { authorization?: string; cookie?: string } {
  const { authorization, cookie } = headers;
  if (authorization !== undefined && /^bearer /i.test(authorization)) return { authorization };
  return cookie === undefined ? {} : { cookie };
}

/** What is wrong with credentials that are of nobody: what people see who sent others than they meant. */
function whyNobody({ authorization, cookie }: ReturnType<typeof credentialsOf>): string {
  if (authorization !== undefined) {
    return /^bearer fld_/i.test(authorization)
      ? 'this is a device token (fld_…): it writes readings, and the API takes API tokens (fla_…)'
      : 'this API token is not valid, or not any more';
  }
  if (cookie?.includes(`${SESSION_COOKIE}=`)) return 'this log-in is over: log in again';
  return 'log in, or send an API token as Authorization: Bearer';
}

/** @throws FieldlineError 403 `bad_origin` unless a page of ours sent the request */
export function requireOrigin(request: FastifyRequest, hosts: Hosts): void {
  if (hosts.isAllowedOrigin(addressOf(request))) return;
  const origin = request.headers.origin;
  const detail = origin === undefined ? 'an Origin header is needed here' : `origin ${origin} is not allowed`;
  throw new FieldlineError('bad_origin', detail, { status: 403 });
}

export function unauthorized(detail: string): FieldlineError {
  return new FieldlineError('unauthorized', detail, { status: 401 });
}

export function forbidden(detail: string): FieldlineError {
  return new FieldlineError('forbidden', detail, { status: 403 });
}

/** Where a request went to; of a trusted proxy's, where that one says that it came to. */
export function addressOf(request: FastifyRequest): Addressed {
  const { localAddress, localPort } = request.socket;
  const { host, headers } = request;
  return { host, origin: headers.origin, localAddress, localPort, isSecure: isSecure(request) };
}

function wrongHost(host: string): FieldlineError {
  const detail = `this hub does not go by the name ${host || '(none)'}; FIELDLINE_ORIGINS adds names`;
  return new FieldlineError('wrong_host', detail, { status: 421 });
}
