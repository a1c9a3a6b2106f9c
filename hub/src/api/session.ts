import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Credentials, LoginCode, LoginLink, SessionView } from '@fieldline/protocol';
import { Type } from 'typebox';
import type { Access } from '../access/access.js';
import type { Principal } from '../access/principal.js';
import { SESSION_COOKIE } from '../access/session-cookie.js';
import type { Audit } from '../state/audit.js';
import { deedOf } from './deed.js';
import { isSecure } from './forwarding.js';
import { principalOf, requireOrigin } from './guard.js';
import type { Hosts } from './hosts.js';
import { problems } from './problem.js';

export interface SessionRouteDeps {
  readonly access: Pick<Access, 'logIn' | 'logOut' | 'createLinkFor'>;
  readonly audit: Pick<Audit, 'add'>;
  readonly now: () => number;
  readonly hosts: Hosts;
}

const COOKIE = { path: '/', httpOnly: true, sameSite: 'strict' } as const;

/** `/session`: log in, out, and who am I. */
export const sessionRoutes: FastifyPluginAsyncTypebox<SessionRouteDeps> = async (app, deps) => {
  const { access, audit, hosts, now } = deps;

  app.post(
    '/session',
    {
      config: { access: 'public' },
      // Anybody may ask here: what is checked must be small.
      bodyLimit: 4 * 1_024,
      schema: {
        operationId: 'logIn',
        summary: 'Log in',
        description: `With a user name and a password, or with the code of a one-time link. Sets the cookie \`${SESSION_COOKIE}\`.`,
        tags: ['session'],
        body: Type.Union([Credentials, LoginCode]),
        response: {
          200: SessionView,
          ...problems({
            401: '`bad_credentials`: wrong name or password, or a link that was used or is too old',
            403: '`bad_origin`: a page of another site',
            422: 'A body that makes no sense',
            429: '`too_many_attempts`; see `Retry-After`',
          }),
        },
      },
    },
    async (request, reply) => {
      const { origin } = request.headers;
      // A page of another site must not log its visitor in as somebody else.
      if (origin !== undefined) requireOrigin(request, hosts);
      const { principal, cookie, expiresAt } = await access.logIn(request.body, request.ip);
      reply.setCookie(SESSION_COOKIE, cookie, {
        ...COOKIE,
        // That a proxy which is not listed as trusted speaks HTTPS shows in the page's origin.
        secure: isSecure(request) || origin?.startsWith('https:') === true,
        expires: new Date(expiresAt),
      });
      return sessionView(principal);
    },
  );

  app.post(
    '/session/links',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'createLoginLink',
        summary: 'Make a one-time link',
        description:
          'Whoever has the code logs in as you, once, within ten minutes and while your log-in or token lasts: ' +
          '`/#/login?code=…`. It is the way in where passwords are refused because somebody else guesses too many.',
        tags: ['session'],
        response: { 201: LoginLink, ...problems({}) },
      },
    },
    async (request, reply) => {
      const deed = deedOf(request, now());
      audit.add({ ...deed, action: 'session.link_created', subject: deed.actor });
      const { code, expiresAt } = access.createLinkFor(principalOf(request));
      reply.code(201);
      return { code, expiresAt };
    },
  );

  app.get(
    '/session',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'whoAmI',
        summary: 'Who am I',
        tags: ['session'],
        response: { 200: SessionView, ...problems({}) },
      },
    },
    async (request) => sessionView(principalOf(request)),
  );

  app.delete(
    '/session',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'logOut',
        summary: 'Log out',
        description:
          'Ends the log-in and its live sockets. An API token stays valid: it is revoked, not logged out.',
        tags: ['session'],
        response: { 204: Type.Null({ description: 'Logged out' }), ...problems({}) },
      },
    },
    async (request, reply) => {
      access.logOut(principalOf(request), request.ip);
      reply.clearCookie(SESSION_COOKIE, COOKIE).code(204);
      return null;
    },
  );
};

function sessionView({ name, role, kind, user }: Principal): SessionView {
  return { name, role, kind, ...(user === true ? { user } : {}) };
}
