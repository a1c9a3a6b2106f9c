import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { AttemptKind } from '@fieldline/protocol';
import type { Attempts } from '../devices/attempts.js';

/** First bytes of what is no HTTP: a TLS handshake (RFC 8446 §5.1), an MQTT CONNECT (MQTT 3.1.1 §3.1). */
const PROTOCOLS: ReadonlyMap<number, readonly [kind: AttemptKind, message: string]> = new Map([
  [0x16, ['tls_on_plain', 'TLS was spoken, and this port has none']],
  [0x10, ['mqtt_on_http', 'MQTT was spoken, and this port speaks HTTP']],
]);

/** Takes note of a client that speaks something else than HTTP, where its first bytes tell what. */
export function noteStrangeProtocol(
  error: { readonly rawPacket?: unknown },
  { remoteAddress }: Pick<Socket, 'remoteAddress'>,
  attempts: Pick<Attempts, 'note'>,
): void {
  const [kind, message] = PROTOCOLS.get((Buffer.isBuffer(error.rawPacket) && error.rawPacket[0]) || -1) ?? [];
  if (kind === undefined || message === undefined || remoteAddress === undefined) return;
  attempts.note({ kind, address: remoteAddress, via: 'tcp', code: 'bad_request', message });
}

/** Takes note of clients that speak plain HTTP to a port with TLS. A server without TLS never tells of one. */
export function notePlainOnTls(server: Server, attempts: Pick<Attempts, 'note'>): void {
  server.on('tlsClientError', (error: Error & { code?: string }, { remoteAddress }: Socket) => {
    if (error.code !== 'ERR_SSL_HTTP_REQUEST' || remoteAddress === undefined) return;
    const message = 'plain HTTP was spoken, and this port wants TLS';
    attempts.note({ kind: 'plain_on_tls', address: remoteAddress, via: 'tcp', code: 'bad_request', message });
  });
}
