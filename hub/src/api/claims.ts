import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { ClaimView, EnrolmentView, IssuedClaim, NewClaim, PageQuery, pageOf } from '@fieldline/protocol';
import { Type } from 'typebox';
import type { ClaimRecord, Claims } from '../access/claims.js';
import type { Provisioning } from '../access/provisioning.js';
import { type Audit, auditName } from '../state/audit.js';
import type { Enrolment, EnrolmentStore } from '../state/enrolments.js';
import { deedOf } from './deed.js';
import { actorOf } from './guard.js';
import { paginate } from './paginate.js';
import { problems, requireProfile } from './problem.js';

export interface ClaimRouteDeps {
  readonly claims: Pick<Claims, 'create' | 'list' | 'get' | 'revoke'>;
  readonly enrolments: Pick<EnrolmentStore, 'pending'>;
  readonly provisioning: Pick<Provisioning, 'approve' | 'reject'>;
  readonly profiles: ReadonlyMap<string, unknown>;
  readonly audit: Pick<Audit, 'add'>;
  readonly now: () => number;
}

const ClaimParams = Type.Object({ id: Type.String() });

/** `/claims`: keys by which new devices register themselves, and devices that wait to be let in. */
export const claimRoutes: FastifyPluginAsyncTypebox<ClaimRouteDeps> = async (app, deps) => {
  const { claims, enrolments, provisioning, profiles, audit, now } = deps;

  app.get(
    '/claims',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'listClaims',
        summary: 'Claim keys, oldest first',
        tags: ['provisioning'],
        querystring: PageQuery,
        response: { 200: pageOf(ClaimView), ...problems({}) },
      },
    },
    async ({ query }) => {
      const { items, next } = paginate(claims.list(), query);
      return { items: items.map(claimView), next };
    },
  );

  app.post(
    '/claims',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'createClaim',
        summary: 'Make a claim key',
        description:
          'New devices exchange it for an id and a token of their own: `POST /provision`. By default it is good for ' +
          'one device and one day.',
        tags: ['provisioning'],
        body: NewClaim,
        response: {
          201: IssuedClaim,
          ...problems({ 409: '`too_many_claims`', 422: 'A body that makes no sense' }),
        },
      },
    },
    async (request, reply) => {
      requireProfile(profiles, request.body.profile);
      const by = auditName(actorOf(request));
      const { record, claim } = claims.create(request.body, by, ({ id, createdBy: _, ...details }) =>
        audit.add({ ...deedOf(request, now()), action: 'claim.created', subject: `claim:${id}`, details }),
      );
      reply.code(201);
      return { ...claimView(record), claim };
    },
  );

  app.delete(
    '/claims/:id',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'revokeClaim',
        summary: 'Remove a claim key',
        description: 'Devices that came with it stay; those that wait for approval are forgotten.',
        tags: ['provisioning'],
        params: ClaimParams,
        response: {
          204: Type.Null({ description: 'It is gone' }),
          ...problems({ 404: 'No such claim key' }),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      claims.revoke(id, () =>
        audit.add({ ...deedOf(request, now()), action: 'claim.revoked', subject: `claim:${id}` }),
      );
      reply.code(204);
      return null;
    },
  );

  app.get(
    '/claims/pending',
    {
      config: { access: 'operator' },
      schema: {
        operationId: 'listPendingDevices',
        summary: 'Devices that wait to be let in',
        tags: ['provisioning'],
        querystring: PageQuery,
        response: { 200: pageOf(EnrolmentView), ...problems({}) },
      },
    },
    async ({ query }) => {
      const { items, next } = enrolments.pending(query);
      return { items: items.map(enrolmentView), next };
    },
  );

  app.post(
    '/claims/pending/:id/approve',
    {
      config: { access: 'operator' },
      schema: {
        operationId: 'approveDevice',
        summary: 'Let a device in',
        description: 'It is registered now, and gets its token when it asks again.',
        tags: ['provisioning'],
        params: ClaimParams,
        response: {
          200: EnrolmentView,
          ...problems({ 404: 'Nobody waits by that id', 409: '`not_pending`, `too_many_devices`' }),
        },
      },
    },
    async (request) => enrolmentView(provisioning.approve(request.params.id, actorOf(request))),
  );

  app.post(
    '/claims/pending/:id/reject',
    {
      config: { access: 'operator' },
      schema: {
        operationId: 'rejectDevice',
        summary: 'Turn a device away',
        tags: ['provisioning'],
        params: ClaimParams,
        response: {
          204: Type.Null({ description: 'It is turned away' }),
          ...problems({ 404: 'Nobody waits by that id', 409: '`not_pending`' }),
        },
      },
    },
    async (request, reply) => {
      provisioning.reject(request.params.id, actorOf(request));
      reply.code(204);
      return null;
    },
  );

  function enrolmentView({
    id,
    claim,
    hardwareId,
    name,
    address,
    createdAt,
    device,
  }: Enrolment): EnrolmentView {
    const profile = claims.get(claim)?.profile ?? '';
    return { id, claim, profile, hardwareId, name, address, createdAt, device };
  }
};

function claimView({ id, name, profile, tags, idPrefix, ...rest }: ClaimRecord): ClaimView {
  const { approval, renew, limit, used, createdBy, createdAt, expiresAt, lastUsedAt } = rest;
  const scope = { id, name, profile, tags, idPrefix, approval, renew, limit, used };
  return { ...scope, createdBy, createdAt, expiresAt, lastUsedAt };
}
