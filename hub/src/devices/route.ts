import { CLOSE, type CloseCode, type DeviceErrorCode, LIMITS } from '@fieldline/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import { networkOf } from '../access/network.js';
import { FieldlineError } from '../errors.js';
import { presentedCertificate } from '../tls/client-certificate.js';
import type { DeviceAccess } from './access.js';
import { type Attempts, kindOfRefusal } from './attempts.js';
import type { Device } from './device.js';
import { BACKLOG_BYTES, DeviceSocket, needsBye } from './device-socket.js';
import { byeMessage, errorMessage, RETRY_AFTER_MS } from './messages.js';
import { Session } from './session.js';
import type { SessionContext } from './session-context.js';
import type { Sessions } from './sessions.js';
import { Turnstile } from './turnstile.js';
import { wireOf } from './wire.js';

export interface DeviceRouteOptions {
  readonly access: DeviceAccess;
  readonly sessions: Sessions;
  readonly context: SessionContext;
  /** For what is refused after the upgrade. */
  readonly attempts: Pick<Attempts, 'note'>;
  /** Whether the hub is stopping: nobody is let in any more. */
  readonly isStopping: () => boolean;
}

/** A device that has logged in. */
export interface LoggedIn {
  readonly device: Device;
  /** The token it used; null when it was its certificate. */
  readonly tokenId: string | null;
}

/** A device that has logged in with a token. */
export interface TokenLogIn extends LoggedIn {
  readonly tokenId: string;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on the device socket: who logged in with the upgrade; null where `hello` has to bring the token. */
    device: LoggedIn | null;
  }
}

/** `GET /ws/v1/device`: the device socket (protocol §1). */
export async function deviceRoute(app: FastifyInstance, options: DeviceRouteOptions): Promise<void> {
  const { access, context } = options;
  const turnstile = new Turnstile({
    maxStrangers: context.config.device.unauthenticatedPerAddress,
    onGone: () => context.counters.upgradesAbandoned++,
  });
  app.decorateRequest('device', null);
  app.route({
    method: 'GET',
    url: '/ws/v1/device',
    config: { access: 'device' },
    schema: { hide: true },
    preValidation: async (request) => {
      try {
        await turnstile.enter(request.raw.socket, strangerOf(request, access));
        request.device = admit(request, options);
      } catch (error) {
        if (error instanceof FieldlineError) context.counters.refuseUpgrade(error.code);
        throw error;
      }
    },
    handler: async () => {
      throw new FieldlineError('upgrade_required', 'this is a WebSocket', { status: 426 });
    },
    wsHandler: (socket, request) => accept(socket, request, options),
  });
}

/** Where somebody comes from who shows no device's token or certificate with the upgrade; null of those who do. */
function strangerOf(request: FastifyRequest, access: DeviceAccess): string | null {
  const { headers, socket, ip } = request;
  const isKnown = access.isKnown(headers.authorization, tokenOfUrl(request), presentedCertificate(socket));
  return isKnown ? null : networkOf(ip);
}

/** Refuses an upgrade by HTTP: 401, 403, 429, 503. */
function admit(
  request: FastifyRequest,
  { access, sessions, isStopping }: DeviceRouteOptions,
): LoggedIn | null {
  if (isStopping()) {
    throw new FieldlineError('stopping', 'the hub is stopping', { status: 503, retryAfterMs: 5_000 });
  }
  const login = access.fromUpgrade(
    request.headers.authorization,
    tokenOfUrl(request),
    request.ip,
    presentedCertificate(request.socket),
  );
  if (login === null) {
    access.requireRoom(request.ip);
    return null;
  }
  const waitMs = sessions.refusal(login.device);
  if (waitMs > 0) {
    const text = 'this device has been taken over too often: do two boards use one token?';
    throw new FieldlineError('too_many_takeovers', text, { status: 429, retryAfterMs: waitMs });
  }
  return login;
}

function tokenOfUrl(request: FastifyRequest): string | undefined {
  const { token } = request.query as Record<string, unknown>;
  return typeof token === 'string' ? token : undefined;
}

/** Listeners are attached before anything else happens, so that no frame is lost. */
function accept(ws: WebSocket, request: FastifyRequest, options: DeviceRouteOptions): void {
  const socket = new DeviceSocket(ws, request.raw.socket, wireOf(ws.protocol));
  const address = request.ip;
  options.sessions.sockets.add(socket);
  let session: Session | null = null;
  let stopWaiting: (() => void) | null = null;

  const begin = (login: LoggedIn): Session => {
    const begun = new Session(options.context, login.device, login.tokenId, socket, address);
    session = begun;
    options.sessions.begin(begun).catch((error: unknown) => {
      options.context.log.error({ err: error, device: login.device.id }, 'a session could not begin');
      begun.end(CLOSE.internal, 'internal', 'the hub failed to begin this session');
    });
    return begun;
  };

  ws.on('message', (data: Buffer) => {
    if (session) return session.receive(data);
    if (!stopWaiting || !socket.isOpen) return; // refused, and being closed
    stopWaiting();
    stopWaiting = null;
    const login = logIn(data, socket, address, options);
    if (login) begin(login).receive(data);
  });
  ws.on('pong', () => session?.heard());
  ws.on('ping', () => {
    if (session) session.heard();
    else if (socket.unsentBytes > BACKLOG_BYTES) socket.destroy(); // a stranger who floods, and reads no answer
  });
  ws.on('error', (error) => session?.failed(error.message));
  ws.on('close', (code) => {
    stopWaiting?.();
    options.sessions.sockets.delete(socket);
    if (session) options.sessions.ended(session, session.endReason ?? reasonOf(code));
  });

  if (request.device) begin(request.device);
  else stopWaiting = awaitHello(socket, address, options);
}

/** Gives an unauthenticated socket its time to say `hello`. Returns how to stop waiting. */
function awaitHello(
  socket: DeviceSocket,
  address: string,
  { access, context, attempts }: DeviceRouteOptions,
): () => void {
  const leave = access.enter(address);
  const timer = setTimeout(() => {
    leave();
    const message = 'no hello with a token came in time';
    attempts.note({ kind: 'no_hello', address, via: 'ws', code: 'timeout', message });
    refuse(socket, CLOSE.timeout, 'timeout', message);
  }, context.config.device.helloTimeoutMs);
  return () => {
    clearTimeout(timer);
    leave();
  };
}

/** The first message of an unauthenticated socket: a `hello` with a token of at most 1 KiB, or the end. */
function logIn(
  data: Buffer,
  socket: DeviceSocket,
  address: string,
  options: DeviceRouteOptions,
): LoggedIn | null {
  const { access, sessions, context, attempts, isStopping } = options;
  if (isStopping()) {
    refuse(socket, CLOSE.goingAway, 'going_away', 'the hub is stopping');
    return null;
  }
  if (data.length > LIMITS.tokenBytes) {
    refuse(socket, CLOSE.unauthorized, 'unauthorized', 'a hello with a token has at most 1,024 bytes');
    return null;
  }
  const frame = socket.wire.decode(data);
  const { token, caps = [] } = frame.kind === 'hello' ? frame.message : {};
  const reconnects = caps.includes('reconnect');
  if (token === undefined) {
    const message =
      'the first message must be a hello with a token; one in the URL counts only if device.urlToken is on';
    attempts.note({ kind: 'no_token', address, via: 'ws', code: 'unauthorized', message });
    refuse(socket, CLOSE.unauthorized, 'unauthorized', message);
    return null;
  }
  try {
    const login = access.fromToken({ token }, address);
    const waitMs = sessions.refusal(login.device);
    if (waitMs === 0) return login;
    const text = 'this device has been taken over too often';
    refuse(socket, CLOSE.tryLater, 'try_later', text, { retryAfterMs: waitMs, reconnects });
  } catch (error) {
    if (error instanceof FieldlineError) {
      const { status, code, message } = error;
      attempts.note({ kind: kindOfRefusal(status), address, via: 'ws', code, message, token });
    }
    if (!(error instanceof FieldlineError)) {
      context.log.error({ err: error }, 'a device could not log in');
      refuse(socket, CLOSE.internal, 'internal', 'the hub failed on this hello', { reconnects });
    } else if (error.status === 429) {
      const { message, retryAfterMs } = error;
      refuse(socket, CLOSE.tryLater, 'try_later', message, { retryAfterMs, reconnects });
    } else {
      refuse(socket, CLOSE.unauthorized, 'unauthorized', error.message);
    }
  }
  return null;
}

function refuse(
  socket: DeviceSocket,
  code: CloseCode,
  error: DeviceErrorCode,
  message: string,
  { retryAfterMs, reconnects = false }: { retryAfterMs?: number | undefined; reconnects?: boolean } = {},
): void {
  const last = [errorMessage(error, message, { fatal: true, retryAfterMs })];
  if (needsBye(code, reconnects)) last.push(byeMessage(retryAfterMs ?? RETRY_AFTER_MS));
  socket.end(code, last, reconnects);
}

/** Why a device went offline, in one word. 1005: it closed in order, and gave no code. */
function reasonOf(code: number): string {
  if (code === 1000 || code === 1001 || code === 1005) return 'closed';
  return code === 1009 ? 'too_large' : 'connection_lost';
}
