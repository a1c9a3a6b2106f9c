import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { isDeviceId } from '@fieldline/protocol';

/** What a client's certificate says: which device it is, or why it is good for nothing. */
export type PresentedCertificate = { readonly device: string } | { readonly fault: string };

/**
 * Reads the certificate that a client showed in its TLS handshake.
 * @returns null when it showed none, which includes every connection without TLS
 */
export function presentedCertificate(socket: Duplex): PresentedCertificate | null {
  if (!(socket instanceof TLSSocket)) return null;
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return null;
  if (!socket.authorized)
    return { fault: 'the client certificate is not signed by tls.clientCa, or expired' };
  const device = deviceNamed(certificate.subjectAltName);
  return device === null ? { fault: 'the client certificate does not name one device' } : { device };
}

/**
 * The device that a subject alternative name names (RFC 5280 §4.2.1.6): the URI `urn:fieldline:device:<id>`, else the
 * DNS name that is a device id, which those with a dot are not. Two different ones are none.
 * @param names as Node prints them: `DNS:esp-7f3a, URI:urn:fieldline:device:esp-7f3a`
 */
export function deviceNamed(names: string | undefined): string | null {
  // Node puts a name into quotes where it holds a comma: no device id does, and nobody may smuggle one in.
  if (names === undefined || names.includes('"')) return null;
  const parts = names.split(', ');
  const byUri = startingWith(parts, 'URI:urn:fieldline:device:');
  const ids = byUri.length > 0 ? byUri : startingWith(parts, 'DNS:').filter(isDeviceId);
  const [id, ...others] = new Set(ids);
  return id !== undefined && others.length === 0 && isDeviceId(id) ? id : null;
}

function startingWith(parts: readonly string[], prefix: string): string[] {
  return parts.flatMap((part) => (part.startsWith(prefix) ? [part.slice(prefix.length)] : []));
}
