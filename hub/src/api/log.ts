import type { FastifyInstance } from 'fastify';
import { type DestinationStream, type Logger, pino } from 'pino';

/** Query parameters whose values log people and devices in. */
const SECRET_PARAMETERS =
  /([?&#](?:(?:access_|api_)?token|api_?key|ticket|code|password|claim|poll)=)[^&#\s"]*/gi;
/** What we issue looks like this, wherever somebody puts it. */
const SECRETS = /\bfl[a-z]_[\w-]{40,}/g;

/** The URL as it may stand in a log. */
export function redactUrl(url: string): string {
  return url.replace(SECRET_PARAMETERS, '$1[redacted]').replace(SECRETS, '[redacted]');
}

const SECRET_KEYS = ['authorization', 'cookie', 'token', 'ticket', 'password'];

/** The hub's log: JSON lines. No secret gets into it, whether in a header, in a URL or in a field of that name. */
export function createLog(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`]),
      censor: '[redacted]',
    },
    serializers: {
      err: redactError,
      req: (request: { method: string; url: string; ip?: string }) => ({
        method: request.method,
        url: redactUrl(request.url),
        remoteAddress: request.ip,
      }),
    },
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

function redactError(error: Error) {
  const { message, stack, ...rest } = pino.stdSerializers.err(error);
  return { ...rest, message: redactUrl(message), stack: redactUrl(stack) };
}

/** Writes one line for each request that was answered, at the level `debug`. */
export function logRequests(app: FastifyInstance): void {
  app.addHook('onResponse', async (request, reply) => {
    const { method, url, ip } = request;
    const ms = Math.round(reply.elapsedTime);
    request.log.debug({ method, url: redactUrl(url), address: ip, status: reply.statusCode, ms }, 'answered');
  });
}
