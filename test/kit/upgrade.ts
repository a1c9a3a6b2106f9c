import { randomBytes } from 'node:crypto';
import { type IncomingHttpHeaders, request } from 'node:http';
import type { Duplex } from 'node:stream';
import { deadline } from './deadline.js';

/** What a server answered to an upgrade: headers that a WebSocket library would hide. */
export interface UpgradeAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The connection, to be destroyed by who asked. */
  readonly socket: Duplex;
}

/** Asks for a WebSocket with exactly these headers, as a foreign client might, and leaves the rest to the caller. */
export function askForUpgrade(
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<UpgradeAnswer> {
  const answer = new Promise<UpgradeAnswer>((resolve, reject) => {
    const asked = request(`${url}/ws/v1/device`, {
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': randomBytes(16).toString('base64'),
        ...headers,
      },
    });
    asked.on('upgrade', (response, socket) => {
      resolve({ status: response.statusCode ?? 0, headers: response.headers, socket });
    });
    asked.on('response', (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0, headers: response.headers, socket: response.socket });
    });
    asked.on('error', reject);
    asked.end();
  });
  return deadline(answer, () => 'an answer to the upgrade');
}
