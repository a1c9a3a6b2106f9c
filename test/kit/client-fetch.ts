import { request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';

/** How a client of a server with TLS connects. */
export interface TlsClient {
  /** The certificates that sign the server's; PEM. */
  readonly ca: Buffer;
  /** Its own certificate, and the key of it; PEM. */
  readonly cert?: Buffer;
  readonly key?: Buffer;
  /** The name that it asks for; the host's by default. */
  readonly servername?: string;
}

export interface ClientOptions extends Partial<TlsClient> {
  /** The address that it comes from. */
  readonly localAddress?: string;
}

/**
 * `fetch` as far as the tests need it, and beyond it: for a server whose authority only the test knows, from another
 * address of this machine, with any `Host`; each request on a connection of its own.
 */
export function clientFetch(client: ClientOptions): typeof fetch {
  return (url, { method = 'GET', headers, body } = {}) =>
    new Promise((resolve, reject) => {
      const { protocol } = new URL(String(url));
      const request = protocol === 'https:' ? requestSecure : requestPlain;
      const asked = request(String(url), { ...client, method, agent: false }, (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('error', reject);
        answer.on('end', () => {
          const status = answer.statusCode ?? 0;
          const fields = new Headers();
          for (const [name, values = []] of Object.entries(answer.headersDistinct)) {
            for (const value of values) fields.append(name, value);
          }
          const isEmpty = status === 204 || status === 304;
          resolve(new Response(isEmpty ? null : Buffer.concat(parts), { status, headers: fields }));
        });
      });
      for (const [name, value] of Object.entries(headers ?? {})) asked.setHeader(name, String(value));
      asked.on('error', reject);
      asked.end(body);
    });
}
