import { Problem } from '@fieldline/protocol';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { FieldlineError } from '../errors.js';

/** A request that asks for nonsense: 422 `validation_failed`, naming each bad part. */
export class ValidationError extends FieldlineError {
  readonly errors: NonNullable<Problem['errors']>;

  constructor(errors: NonNullable<Problem['errors']>) {
    super('validation_failed', errors.map(({ path, message }) => `${path} ${message}`).join('; '), {
      status: 422,
    });
    this.errors = errors;
  }
}

/** @throws ValidationError unless `name` is absent, null, or the name of a profile */
export function requireProfile(
  profiles: ReadonlyMap<string, unknown>,
  name: string | null | undefined,
): void {
  if (typeof name !== 'string' || profiles.has(name)) return;
  const known = [...profiles.keys()].sort().join(', ') || 'there is none';
  throw new ValidationError([{ path: 'body.profile', message: `must be the name of a profile: ${known}` }]);
}

/** 404 `not_found`, for a thing of which the caller gave the name. */
export function notFound(what: string): FieldlineError {
  return new FieldlineError('not_found', `no ${what}`, { status: 404 });
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Content Too Large',
  414: 'URI Too Long',
  415: 'Unsupported Media Type',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
  421: 'Misdirected Request',
  422: 'Unprocessable Content',
  426: 'Upgrade Required',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
};

const UNTOLD = 'the hub failed to answer; its log tells why';

/** What plugins refuse without a code of their own. */
const STATUS_CODES: Readonly<Record<number, string>> = { 403: 'forbidden', 404: 'not_found' };

/** What Fastify itself refuses, by its codes. */
const FRAMEWORK_CODES: Readonly<Record<string, string>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'malformed_json',
  FST_ERR_CTP_INVALID_JSON_BODY: 'malformed_json',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'bad_request',
  FST_ERR_BAD_URL: 'bad_request',
  FST_ERR_MAX_PARAM_LENGTH: 'not_found',
  FST_ERR_NOT_FOUND: 'not_found',
};

/**
 * Turns whatever was thrown into the answer. Of an unexpected error nothing is told but where the log tells more.
 * Of the hub's own failures that wrap another, the code is told too: their message is for whoever runs the hub,
 * and may name its files.
 */
export function problemOf(error: unknown, requestId: string): Problem {
  const instance = `urn:fieldline:request:${requestId}`;
  if (error instanceof FieldlineError) {
    if (error.status >= 500 && error.cause !== undefined) {
      return { ...problem(error.status, error.code, UNTOLD), instance };
    }
    return {
      ...problem(error.status, error.code, error.message),
      ...(error instanceof ValidationError ? { errors: error.errors } : {}),
    };
  }
  const { statusCode = 500, code = '', message = '' } = (error ?? {}) as Partial<FastifyError>;
  const known = FRAMEWORK_CODES[code];
  if (known !== undefined) return problem(statusCode, known, message);
  if (statusCode >= 400 && statusCode < 500) {
    return problem(statusCode, STATUS_CODES[statusCode] ?? 'bad_request', message);
  }
  return { ...problem(500, 'internal', UNTOLD), instance };
}

/** The answer for a status, a code and a reason. */
export function problem(status: number, code: string, detail: string): Problem {
  return { type: 'about:blank', title: TITLES[status] ?? 'Error', status, code, detail };
}

/** The one place where errors become HTTP. */
export function answerErrorsAsProblems(app: FastifyInstance): void {
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply));
}

/** Answers with a problem, and the headers that belong to it. */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const body = problemOf(error, request.id);
  if (body.instance !== undefined) request.log.error({ err: error }, 'request failed');
  if (body.status === 401) reply.header('www-authenticate', 'Bearer realm="fieldline"');
  if (error instanceof FieldlineError && error.retryAfterMs !== undefined) {
    reply.header('retry-after', Math.max(1, Math.ceil(error.retryAfterMs / 1_000)));
  }
  return reply.code(body.status).type('application/problem+json').send(JSON.stringify(body));
}

/** For a route's `response`: the problems that it answers with, beside those that any route may. */
export function problems(meanings: Readonly<Record<number, string>>) {
  return Object.fromEntries(
    Object.entries({ ...meanings, default: 'Any other problem' }).map(([status, description]) => [
      status,
      { description, content: { 'application/problem+json': { schema: Problem } } },
    ]),
  );
}
