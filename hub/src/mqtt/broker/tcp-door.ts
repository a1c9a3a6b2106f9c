import { createServer, type Server, type Socket } from 'node:net';
import type { FastifyBaseLogger } from 'fastify';
import { FieldlineError } from '../../errors.js';

/** The port of MQTT without TLS (IANA). */
export const DEFAULT_PORT = 1883;

/** A connection that is dead, and says nothing, is found out by the system after about so long. */
const PROBE_AFTER_MS = 60_000;

export interface TcpDoorOptions {
  readonly host: string;
  /** The configured port; null for 1883, where it is free. */
  readonly port: number | null;
  readonly log: Pick<FastifyBaseLogger, 'info' | 'warn'>;
  readonly onSocket: (socket: Socket) => void;
}

/**
 * Listens for MQTT over TCP. Without a setting a port that is taken (a mosquitto runs on many machines) is no reason
 * not to start.
 * @returns null when 1883 cannot be had, and nobody asked for it
 * @throws FieldlineError `cannot_listen` when the configured port cannot be had
 */
export async function openTcpDoor({ host, port, log, onSocket }: TcpDoorOptions): Promise<Server | null> {
  const wanted = port ?? DEFAULT_PORT;
  const server = createServer(
    { noDelay: true, keepAlive: true, keepAliveInitialDelay: PROBE_AFTER_MS },
    onSocket,
  );
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
  log.info({ address: server.address() }, 'the MQTT broker listens');
  return server;
}
