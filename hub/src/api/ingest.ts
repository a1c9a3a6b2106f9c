import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { IngestAnswer, IngestMessage } from '@fieldline/protocol';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { LiveFeed } from '../devices/session-context.js';
import { visibleText } from '../devices/visible-text.js';
import { type PresentedCertificate, presentedCertificate } from '../tls/client-certificate.js';
import { parseJsonBody } from './body.js';
import { forbidden, unauthorized } from './guard.js';
import { problems, ValidationError } from './problem.js';

export interface IngestRouteDeps {
  /** Those who watch what goes over the wire. */
  readonly live: Pick<LiveFeed, 'wantsRaw' | 'raw'>;
  readonly now: () => number;
  readonly ingest: {
    /** Takes messages that came together and resolves when they are on disk. */
    submit(device: string, messages: readonly unknown[], source: 'http'): Promise<IngestAnswer>;
  };
  /** The same way in as for the device socket. */
  readonly deviceAccess: {
    /**
     * @returns null when no credentials came
     * @throws FieldlineError 401, 403, 429
     */
    fromUpgrade(
      authorization: string | undefined,
      urlToken: undefined,
      address: string,
      certificate: PresentedCertificate | null,
    ): { readonly device: { readonly id: string } } | null;
  };
}

const MAX_MESSAGES = 1_000;
/** Of a body, viewers of `raw` see so much. */
const SHOWN_BYTES = 4_096;

const Body = Type.Union([IngestMessage, Type.Array(IngestMessage, { minItems: 1, maxItems: MAX_MESSAGES })], {
  examples: [{ values: { temperature: 21.5, door: true } }],
});

const DESCRIPTION = `One telemetry message, or an array of up to ${MAX_MESSAGES}, answered when all of it is on disk.

The device's token goes into \`Authorization\`: \`Bearer <token>\`, or \`Basic\` with the device id as the user. Messages
with \`boot\` and \`seq\` may be sent again: they are stored once. The body is JSON, whatever \`Content-Type\` says.`;

/** `POST /ingest/:device`: telemetry over HTTP. */
export const ingestRoutes: FastifyPluginAsyncTypebox<IngestRouteDeps> = async (app, deps) => {
  const { ingest, deviceAccess, live, now } = deps;

  // Small HTTP clients send JSON under whatever type their library has as a default.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, parseJsonBody);

  app.post(
    '/ingest/:device',
    {
      config: { access: 'device' },
      onRequest: async (request: FastifyRequest<{ Params: { device: string } }>) =>
        authenticate(request, request.params.device),
      // Messages are checked one by one, and refused value by value, by the same code as on the device socket.
      validatorCompiler: () => () => true,
      schema: {
        operationId: 'ingest',
        summary: 'Send telemetry',
        description: DESCRIPTION,
        tags: ['ingest'],
        params: Type.Object({ device: Type.String() }),
        body: Body,
        response: {
          200: IngestAnswer,
          ...problems({
            401: 'No token, or one that is not valid',
            403: 'The token of another device, or a device that is disabled',
            413: 'A body that is too large',
            422: 'A body that is no message',
            429: 'Too many failed attempts, or too many messages; see `Retry-After`',
            503: 'Nothing can be stored at the moment; see `Retry-After`',
          }),
        },
      },
    },
    async ({ params: { device }, body, headers }) => {
      show(device, 'in', body, Number(headers['content-length']));
      const { accepted, duplicates, rejected } = await ingest.submit(device, messagesOf(body), 'http');
      const answer = { accepted, duplicates, rejected: [...rejected] };
      show(device, 'out', answer);
      return answer;
    },
  );

  /** Shows to those who watch the wire what a request says, and what it is answered. */
  function show(device: string, direction: 'in' | 'out', said: unknown, bytes = Number.NaN): void {
    if (!live.wantsRaw(device)) return;
    const text = Buffer.from(JSON.stringify(said) ?? '');
    const frame = visibleText(text, SHOWN_BYTES);
    const length = Number.isInteger(bytes) ? bytes : text.length;
    live.raw({ device, direction, frame, bytes: length, via: 'http', at: now() });
  }

  function authenticate({ headers, ip, socket }: FastifyRequest, id: string): void {
    const certificate = presentedCertificate(socket);
    const login = deviceAccess.fromUpgrade(headers.authorization, undefined, ip, certificate);
    if (login === null)
      throw unauthorized("send the device's token as Authorization: Bearer, or Basic with its id");
    if (login.device.id !== id) throw forbidden(`the token, or certificate, is not one of device ${id}`);
  }
};

function messagesOf(body: unknown): readonly unknown[] {
  if (!Array.isArray(body)) return [body];
  if (body.length >= 1 && body.length <= MAX_MESSAGES) return body;
  throw new ValidationError([{ path: 'body', message: `must hold 1 to ${MAX_MESSAGES} messages` }]);
}
