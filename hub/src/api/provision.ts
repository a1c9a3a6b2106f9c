import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { PendingProvision, ProvisionedDevice, ProvisionPoll, ProvisionRequest } from '@fieldline/protocol';
import { Type } from 'typebox';
import type { Provisioning } from '../access/provisioning.js';
import { problems } from './problem.js';

export interface ProvisionRouteDeps {
  readonly provisioning: Pick<Provisioning, 'request'>;
}

/** How often a device that waits for a person should ask. */
const ASK_AGAIN_MS = 10_000;

/** `POST /provision`: a new device exchanges a claim key for an id and a token of its own. */
export const provisionRoutes: FastifyPluginAsyncTypebox<ProvisionRouteDeps> = async (app, deps) => {
  app.post(
    '/provision',
    {
      config: { access: 'newcomer' },
      // Anybody may ask here: what is checked must be small.
      bodyLimit: 4 * 1_024,
      schema: {
        operationId: 'provision',
        summary: 'Exchange a claim key for an id and a token',
        description:
          'For new devices, under any host name. With `hardwareId` the exchange may be repeated until the token was ' +
          'used for the first time, so that a lost answer does no harm; after that only where the claim key says ' +
          '`renew`. A claim key that asks for approval is answered with 202 and a secret: ask again with `{"poll":…}`.',
        tags: ['provisioning'],
        body: Type.Union([ProvisionRequest, ProvisionPoll]),
        response: {
          201: ProvisionedDevice,
          202: PendingProvision,
          ...problems({
            401: '`bad_claim`: a key that is unknown or was removed',
            403: '`claim_expired`, `claim_rejected`',
            409: '`claim_used_up`, `already_claimed`',
            422: 'A body that makes no sense',
            429: '`too_many_attempts`, `too_many_pending`; see `Retry-After`',
          }),
        },
      },
    },
    async (request, reply) => {
      const answer = deps.provisioning.request(request.body, request.ip);
      if (answer.state === 'ready') {
        reply.code(201);
        return { id: answer.id, token: answer.token, profile: answer.profile };
      }
      reply.code(202).header('retry-after', ASK_AGAIN_MS / 1_000);
      const { poll } = answer;
      return {
        status: 'pending' as const,
        ...(poll === undefined ? {} : { poll }),
        retryAfter: ASK_AGAIN_MS,
      };
    },
  );
};
