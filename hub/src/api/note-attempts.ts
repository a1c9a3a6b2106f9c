import type { AttemptKind } from '@fieldline/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { SESSION_COOKIE } from '../access/session-cookie.js';
import type { Attempts, FailedAttempt } from '../devices/attempts.js';
import { type DeviceCredentials, readAuthorization } from '../ingest/credentials.js';
import { problemOf } from './problem.js';

/** Takes note of every request that looks like one of a device, and was refused. */
export function noteAttempts(app: FastifyInstance, attempts: Pick<Attempts, 'note'>): void {
  app.addHook('onError', async (request, _reply, error) => {
    const { status, code, detail: message = '' } = problemOf(error, request.id);
    if (status >= 500) return;
    const kind = isDeviceRoute(request) ? kindOnDeviceRoute(request, status, code) : kindElsewhere(request);
    if (kind === null) return;
    attempts.note({ ...whoOf(request, kind), kind, code, message, address: request.ip });
  });
}

function isDeviceRoute({ routeOptions }: FastifyRequest): boolean {
  return routeOptions.config?.access === 'device';
}

function kindOnDeviceRoute({ headers }: FastifyRequest, status: number, code: string): AttemptKind {
  if (status === 401) return headers.authorization ? 'bad_token' : 'no_token';
  if (status === 403) return code === 'device_disabled' ? code : 'bad_token';
  if (status === 429) return 'too_many';
  if (code === 'upgrade_required' || code === 'bad_upgrade') return 'wrong_path';
  return 'malformed';
}

/** Elsewhere only what browsers and programs for people do not do: WebSockets and bodies to where nothing is. */
function kindElsewhere(request: FastifyRequest): AttemptKind | null {
  const { routeOptions, headers, method } = request;
  if (routeOptions.config?.upgrades || headers.cookie?.includes(`${SESSION_COOKIE}=`)) return null;
  if (headers.upgrade?.toLowerCase() === 'websocket') return 'wrong_path';
  const isBody = method === 'POST' || method === 'PUT';
  return isBody && routeOptions.url === undefined ? 'wrong_path' : null;
}

function whoOf(
  request: FastifyRequest,
  kind: AttemptKind,
): Pick<FailedAttempt, 'device' | 'via' | 'token' | 'detail'> {
  const { headers, params, url, ws } = request;
  const read = readAuthorization(headers.authorization);
  const given: Partial<DeviceCredentials> = read === null || read === 'bad' ? {} : read;
  const { device } = (params ?? {}) as { device?: string };
  return {
    device: device ?? given.device,
    via: ws || headers.upgrade !== undefined ? 'ws' : 'http',
    detail: kind === 'wrong_path' ? (url.split('?')[0] ?? '') : null,
    token: kind === 'bad_token' ? (given.token ?? '') : undefined,
  };
}
