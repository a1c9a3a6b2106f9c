import cookie from '@fastify/cookie';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import websocket from '@fastify/websocket';
import { CLOSE, SUBPROTOCOL_CBOR, SUBPROTOCOL_JSON } from '@fieldline/protocol';
import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from 'fastify';
import type { Config } from '../config.js';
import { healthRoute } from '../ops/health.js';
import { type MetricsRouteDeps, metricsRoute } from '../ops/metrics-route.js';
import { type ReadyRouteDeps, readyRoute } from '../ops/ready.js';
import type { Certificate } from '../tls/certificate.js';
import { httpsServer } from '../tls/https-server.js';
import { hubVersion } from '../version.js';
import { type AlarmQuietRouteDeps, alarmQuietRoutes } from './alarm-quiets.js';
import { type AlarmRouteDeps, alarmRoutes } from './alarms.js';
import { asyncApiRoute } from './asyncapi/route.js';
import { type AttemptRouteDeps, attemptRoutes } from './attempts.js';
import { type AuditRouteDeps, auditRoutes } from './audit.js';
import { type AuditExportDeps, auditExportRoutes } from './audit-export.js';
import { type BackupRouteDeps, backupRoutes } from './backup.js';
import { takeJsonBodies } from './body.js';
import { type ClaimRouteDeps, claimRoutes } from './claims.js';
import { answerClientError } from './client-error.js';
import { type CommandRouteDeps, commandRoutes } from './commands.js';
import { type ConnectionRouteDeps, connectionRoutes } from './connection.js';
import { type DeviceConfigRouteDeps, deviceConfigRoutes } from './device-config.js';
import { type DeviceConnectionRouteDeps, deviceConnectionRoutes } from './device-connections.js';
import { type DeviceGrafanaRouteDeps, deviceGrafanaRoutes } from './device-grafana.js';
import { type DeviceLogRouteDeps, deviceLogRoutes } from './device-log.js';
import { type DeviceTokenRouteDeps, deviceTokenRoutes } from './device-tokens.js';
import { type DeviceRouteDeps, deviceRoutes } from './devices.js';
import { docsPage } from './docs-page.js';
import { type ExportRouteDeps, exportRoutes } from './export.js';
import { readForwarding } from './forwarding.js';
import { type GuardOptions, guardRoutes } from './guard.js';
import { hangUpOnClose } from './hang-up.js';
import { Hosts } from './hosts.js';
import { type IngestRouteDeps, ingestRoutes } from './ingest.js';
import { type JobRouteDeps, jobRoutes } from './jobs.js';
import { type LiveRouteDeps, liveRoute } from './live-route.js';
import { logRequests } from './log.js';
import { answerUnknownRoutes } from './not-found.js';
import { noteAttempts } from './note-attempts.js';
import { notePlainOnTls, noteStrangeProtocol } from './note-protocols.js';
import { type OpenSessionRouteDeps, openSessionRoutes } from './open-sessions.js';
import { describeApi } from './openapi.js';
import { pageRoutes } from './page.js';
import { answerErrorsAsProblems, sendProblem } from './problem.js';
import { type ProfileRouteDeps, profileRoutes } from './profiles.js';
import { type ProvisionRouteDeps, provisionRoutes } from './provision.js';
import { type QuarantineRouteDeps, quarantineRoutes } from './quarantine.js';
import { sendSecurityHeaders, setSecurityHeaders } from './security-headers.js';
import { type SessionRouteDeps, sessionRoutes } from './session.js';
import { type SystemRouteDeps, systemRoutes } from './system.js';
import { type TelemetryRouteDeps, telemetryRoutes } from './telemetry.js';
import { type TicketRouteDeps, ticketRoutes } from './tickets.js';
import { type TokenRouteDeps, tokenRoutes } from './tokens.js';
import { refuseStrayUpgrades } from './upgrades.js';
import { type UserRouteDeps, userRoutes } from './users.js';
import { parseQuery, validateRequests } from './validation.js';

/** Everything that the routes need of the other rooms. */
export type ApiDeps = Omit<
  GuardOptions &
    SessionRouteDeps &
    OpenSessionRouteDeps &
    DeviceRouteDeps &
    DeviceTokenRouteDeps &
    TelemetryRouteDeps &
    ExportRouteDeps &
    IngestRouteDeps &
    ProfileRouteDeps &
    CommandRouteDeps &
    JobRouteDeps &
    AlarmQuietRouteDeps &
    AlarmRouteDeps &
    AuditRouteDeps &
    AuditExportDeps &
    BackupRouteDeps &
    DeviceConfigRouteDeps &
    QuarantineRouteDeps &
    DeviceLogRouteDeps &
    DeviceConnectionRouteDeps &
    DeviceGrafanaRouteDeps &
    TicketRouteDeps &
    TokenRouteDeps &
    UserRouteDeps &
    ClaimRouteDeps &
    ProvisionRouteDeps &
    AttemptRouteDeps &
    ConnectionRouteDeps &
    LiveRouteDeps &
    SystemRouteDeps &
    ReadyRouteDeps &
    MetricsRouteDeps,
  'hosts' | 'isPublic'
> & {
  readonly config: Config;
  readonly log: FastifyBaseLogger;
  /** With it the server speaks TLS. */
  readonly certificate: Certificate | null;
  /** Directory of the built page; null for none. */
  readonly page: string | null;
};

/** How long a client may take for its request's headers and body: it holds a socket meanwhile. */
const REQUEST_TIMEOUT_MS = 60_000;

/**
 * Builds the HTTP server with all routes, the page, and the viewer socket. It does not listen yet: the caller
 * may register more routes (each with an `access`), then calls `listen`.
 * @throws when a route does not say who may use it
 */
export async function buildServer(deps: ApiDeps): Promise<FastifyInstance> {
  const { config } = deps;
  const app = fastify({
    loggerInstance: deps.log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: config.http.bodyBytes,
    requestTimeout: REQUEST_TIMEOUT_MS,
    return503OnClosing: false,
    clientErrorHandler: (error, socket) => {
      noteStrangeProtocol(error, socket, deps.attempts);
      answerClientError(error, socket);
    },
    ...(deps.certificate === null ? {} : { serverFactory: httpsServer(deps.certificate) }),
    trustProxy: config.proxy.trusted.length > 0 && [...config.proxy.trusted],
    frameworkErrors: (error, request, reply) => {
      setSecurityHeaders(request, reply, config.http);
      sendProblem(error, request, reply);
    },
    routerOptions: { querystringParser: parseQuery, maxParamLength: 256 },
  }).withTypeProvider<TypeBoxTypeProvider>();
  const hosts = new Hosts(config.host, config.origins);

  if (config.proxy.trusted.length > 0) readForwarding(app);
  logRequests(app);
  hangUpOnClose(app);
  noteAttempts(app, deps.attempts);
  notePlainOnTls(app.server, deps.attempts);
  answerErrorsAsProblems(app);
  sendSecurityHeaders(app, config.http);
  answerUnknownRoutes(app);
  validateRequests(app);
  // Answers are made field by field by the routes, and checked against their schemas by the tests.
  app.setSerializerCompiler(() => (answer) => JSON.stringify(answer));
  takeJsonBodies(app);
  await app.register(cookie);
  await app.register(websocket, {
    options: webSocketOptions(config.device.frameBytes),
    errorHandler: (error, socket, request) => {
      // Broken frames and connections are the other side's doing: ws has closed with its code already.
      if ('code' in error) {
        request.log.debug({ err: error }, 'a WebSocket broke');
        return;
      }
      request.log.error({ err: error }, 'a WebSocket could not be served');
      socket.close(CLOSE.internal);
    },
  });
  refuseStrayUpgrades(app);
  guardRoutes(app, { ...deps, hosts });
  await describeApi(app, { version: hubVersion() });
  await app.register(asyncApiRoute, { version: hubVersion(), topicPrefix: config.mqtt.prefix });
  await app.register(docsPage);

  const parts = { ...deps, hosts, isPublic: config.metrics.public };
  const resources = { ...parts, prefix: '/api/v1' };
  await app.register(sessionRoutes, resources);
  await app.register(openSessionRoutes, resources);
  await app.register(deviceRoutes, resources);
  await app.register(deviceTokenRoutes, resources);
  await app.register(telemetryRoutes, resources);
  await app.register(exportRoutes, resources);
  await app.register(ingestRoutes, resources);
  await app.register(profileRoutes, resources);
  await app.register(commandRoutes, resources);
  await app.register(jobRoutes, resources);
  await app.register(alarmRoutes, resources);
  await app.register(alarmQuietRoutes, resources);
  await app.register(auditRoutes, resources);
  await app.register(auditExportRoutes, resources);
  await app.register(backupRoutes, resources);
  await app.register(deviceConfigRoutes, resources);
  await app.register(quarantineRoutes, resources);
  await app.register(deviceLogRoutes, resources);
  await app.register(deviceConnectionRoutes, resources);
  await app.register(deviceGrafanaRoutes, resources);
  await app.register(ticketRoutes, resources);
  await app.register(tokenRoutes, resources);
  await app.register(userRoutes, resources);
  await app.register(claimRoutes, resources);
  await app.register(provisionRoutes, resources);
  await app.register(attemptRoutes, resources);
  await app.register(connectionRoutes, resources);
  await app.register(systemRoutes, resources);
  await app.register(liveRoute, parts);
  await app.register(healthRoute);
  await app.register(readyRoute, parts);
  await app.register(metricsRoute, parts);
  await app.register(pageRoutes, { directory: deps.page });
  return app;
}

/** What is spoken where, beside JSON on every socket. */
const SUBPROTOCOLS: ReadonlyMap<string, readonly string[]> = new Map([
  ['/mqtt', ['mqtt']],
  ['/ws/v1/device', [SUBPROTOCOL_JSON, SUBPROTOCOL_CBOR]],
]);

/** Options of every WebSocket: of devices and of viewers (protocol §1), and of MQTT clients (§4). */
function webSocketOptions(frameBytes: number) {
  return {
    // A frame that is a little too large is answered before it is closed (1009); ws itself only closes.
    maxPayload: 4 * frameBytes,
    perMessageDeflate: false,
    clientTracking: false,
    // The hub checks UTF-8 itself, so that a broken frame is answered and not closed by 1007.
    skipUTF8Validation: true,
    handleProtocols: (offered: Set<string>, { url = '' }: { url?: string | undefined }) => {
      const ours = SUBPROTOCOLS.get(url.split('?')[0] ?? '') ?? [SUBPROTOCOL_JSON];
      for (const name of offered) if (ours.includes(name)) return name; // the client prefers what it names first
      return false;
    },
  } as const;
}
