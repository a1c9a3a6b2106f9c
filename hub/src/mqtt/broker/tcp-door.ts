import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { FastifyBaseLogger } from 'fastify';
import { FieldlineError } from '../../errors.js';
import type { Certificate } from '../../tls/certificate.js';

/** The ports of MQTT without TLS, and with it (IANA). */
export const DEFAULT_PORT = 1883;
export const DEFAULT_TLS_PORT = 8883;

/** A connection that is dead, and says nothing, is found out by the system after about so long. */
const PROBE_AFTER_MS = 60_000;

export interface TcpDoorOptions {
  readonly host: string;
  /** The configured port; null for 1883, or 8883 with TLS, where it is free. */
  readonly port: number | null;
  /** With it the port speaks TLS, and nothing else. */
  readonly certificate: Certificate | null;
  readonly log: Pick<FastifyBaseLogger, 'info' | 'warn'>;
  readonly onSocket: (socket: Socket) => void;
}

/**
 * Listens for MQTT over TCP. Without a setting a port that is taken (a mosquitto runs on many machines) is no reason
 * not to start.
 * @returns null when the usual port cannot be had, and nobody asked for it
 * @throws FieldlineError `cannot_listen` when the configured port cannot be had
 */
export async function openTcpDoor(options: TcpDoorOptions): Promise<Server | null> {
  const { host, port, certificate, log, onSocket } = options;
  const wanted = port ?? (certificate === null ? DEFAULT_PORT : DEFAULT_TLS_PORT);
  const tcp = { noDelay: true, keepAlive: true, keepAliveInitialDelay: PROBE_AFTER_MS };
  const server =
    certificate === null
      ? createServer(tcp, onSocket)
      : certificate.serve(createTlsServer({ ...tcp, ...certificate.serverOptions(false) }, onSocket));
  const address = host.includes(':') ? `[${host}]:${wanted}` : `${host}:${wanted}`;
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port: wanted }, () => {
        server.off('error', reject);
        resolve();
      });
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (port === null) {
      log.warn(
        { reason },
        `MQTT cannot listen on ${address}: the broker goes on over WebSocket only, at /mqtt. ` +
          'Another port is chosen with mqtt.port (FIELDLINE_MQTT_PORT).',
      );
      return null;
    }
    const message =
      `The MQTT broker cannot listen on ${address} (${reason}). ` +
      'Another port is chosen with mqtt.port (FIELDLINE_MQTT_PORT), another address with host (FIELDLINE_HOST).';
    throw new FieldlineError('cannot_listen', message, { status: 503, cause: error });
  }
  server.on('error', (error) => log.warn({ err: error }, 'the MQTT broker could not accept a connection'));
  log.info({ address: server.address(), tls: certificate !== null }, 'the MQTT broker listens');
  return server;
}
