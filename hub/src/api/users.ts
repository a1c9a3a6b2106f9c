import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { NewUser, PageQuery, pageOf, UserChanges, UserView } from '@fieldline/protocol';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Access } from '../access/access.js';
import { allows } from '../access/principal.js';
import type { UserRecord, Users } from '../access/users.js';
import type { Audit } from '../state/audit.js';
import { deedOf } from './deed.js';
import { forbidden, principalOf } from './guard.js';
import { paginate } from './paginate.js';
import { problems, ValidationError } from './problem.js';

export interface UserRouteDeps {
  readonly users: Pick<Users, 'list' | 'get' | 'create' | 'change' | 'remove'>;
  readonly access: Pick<Access, 'confirm'>;
  readonly audit: Pick<Audit, 'add'>;
  readonly now: () => number;
}

const UserParams = Type.Object({ username: Type.String() });

/** `/users`: those who log in by name and password. */
export const userRoutes: FastifyPluginAsyncTypebox<UserRouteDeps> = async (app, deps) => {
  const { users, access, audit, now } = deps;

  app.get(
    '/users',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'listUsers',
        summary: 'Users, by name',
        tags: ['access'],
        querystring: PageQuery,
        response: { 200: pageOf(UserView), ...problems({}) },
      },
    },
    async ({ query }) => {
      const { items, next } = paginate(users.list(), query);
      return { items: items.map(userView), next };
    },
  );

  app.post(
    '/users',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'createUser',
        summary: 'Make a user',
        description: 'Capital letters make no difference in a user name.',
        tags: ['access'],
        body: NewUser,
        response: {
          201: UserView,
          ...problems({
            409: '`user_exists`, `too_many_users`',
            422: '`bad_password`, or a body that makes no sense',
          }),
        },
      },
    },
    async (request, reply) => {
      const { username, role } = request.body;
      const made = await users.create(request.body, () =>
        audit.add({ ...by(request), action: 'user.created', subject: `user:${username}`, details: { role } }),
      );
      reply.code(201).header('location', `/api/v1/users/${encodeURIComponent(username)}`);
      return userView(made);
    },
  );

  app.patch(
    '/users/:username',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'updateUser',
        summary: 'Change a role or a password',
        description:
          'An admin may change everybody; whoever has logged in as a user may change the own password, with ' +
          '`currentPassword`. Log-ins of that user end within a second, but for the one that changes its own password.',
        tags: ['access'],
        params: UserParams,
        body: UserChanges,
        response: {
          200: UserView,
          ...problems({
            403: '`forbidden`; `bad_credentials`: the current password is wrong',
            404: 'No such user',
            409: '`last_admin`',
            422: '`bad_password`, or a body that makes no sense',
            429: '`too_many_attempts`',
          }),
        },
      },
    },
    async (request) => {
      const { role, password, currentPassword } = request.body;
      const me = principalOf(request);
      const { username } = request.params;
      const isMine = me.user === true && users.get(username)?.name === me.name;
      if (!allows(me.role, 'admin') && (!isMine || role !== undefined)) {
        throw forbidden('only an admin may change others, or a role');
      }
      if (isMine && password !== undefined) {
        // Whoever finds a page left open must not be able to keep it.
        if (currentPassword === undefined) {
          throw new ValidationError([{ path: 'body.currentPassword', message: 'is missing' }]);
        }
        await access.confirm(me.name, currentPassword, request.ip);
      }
      const changed = await users.change(
        username,
        { role, password },
        {
          except: isMine ? me.id : undefined,
          also: () => {
            const subject = `user:${users.get(username)?.name}`;
            const deed = { ...by(request), subject };
            if (role !== undefined) audit.add({ ...deed, action: 'user.role', details: { role } });
            if (password !== undefined) audit.add({ ...deed, action: 'user.password' });
          },
        },
      );
      return userView(changed);
    },
  );

  app.delete(
    '/users/:username',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'deleteUser',
        summary: 'Remove a user',
        description:
          'Their log-ins and live sockets end within a second; commands that they gave and that were not sent are ' +
          'taken back, and their jobs end.',
        tags: ['access'],
        params: UserParams,
        response: {
          204: Type.Null({ description: 'They are gone' }),
          ...problems({ 404: 'No such user', 409: '`last_admin`' }),
        },
      },
    },
    async (request, reply) => {
      const subject = `user:${users.get(request.params.username)?.name}`;
      users.remove(request.params.username, () =>
        audit.add({ ...by(request), action: 'user.deleted', subject }),
      );
      reply.code(204);
      return null;
    },
  );

  function by(request: FastifyRequest) {
    return deedOf(request, now());
  }
};

function userView({ name: username, role, createdAt, lastUsedAt }: UserRecord): UserView {
  return { username, role, createdAt, lastUsedAt };
}
