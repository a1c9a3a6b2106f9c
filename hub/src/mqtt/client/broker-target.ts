import { readFile } from 'node:fs/promises';
import { connect as connectTcp, isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { createWebSocketStream, WebSocket } from 'ws';
import type { Config } from '../../config.js';
import { SinkError } from '../../sinks/sink.js';
import { urlCredential } from '../../sinks/url-credential.js';

/** Where the broker is and how the hub introduces itself there. */
export interface BrokerTarget {
  /** For people and logs: `mqtts://broker:8883`, never with credentials. */
  readonly address: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** Reads the TLS files, so that renewed ones count from the next connection on. @throws SinkError `credentials` */
  readTls(): Promise<TlsFiles>;
  openStream(tls: TlsFiles): Duplex;
}

export interface TlsFiles {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

type Settings = Pick<Config['mqtt'], 'url' | 'username' | 'password' | 'caFile' | 'certFile' | 'keyFile'>;

const PORTS: Readonly<Record<string, number>> = { mqtt: 1883, mqtts: 8883, ws: 80, wss: 443 };

/** A WebSocket that takes longer to be opened is given up. */
const HANDSHAKE_TIMEOUT_MS = 10_000;

/** What the configuration says of the broker; its own user name and password count before those of the URL. */
export function brokerTarget(settings: Settings): BrokerTarget {
  const url = new URL(settings.url ?? '');
  const scheme = url.protocol.slice(0, -1);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = url.port === '' ? (PORTS[scheme] ?? 1883) : Number(url.port);
  return {
    address: `${scheme}://${url.hostname}:${port}`,
    username: settings.username ?? (urlCredential(url.username) || undefined),
    password: settings.password ?? (urlCredential(url.password) || undefined),
    readTls: () => readTls(settings),
    openStream: (tls) => {
      switch (scheme) {
        case 'mqtts':
          return connectTls({ host, port, ...tls, ...(isIP(host) ? {} : { servername: host }) }).setNoDelay();
        case 'ws':
        case 'wss':
          return webSocketStream(`${scheme}://${url.hostname}:${port}${url.pathname}${url.search}`, tls);
        default:
          return connectTcp({ host, port, noDelay: true });
      }
    },
  };
}

function webSocketStream(url: string, tls: TlsFiles): Duplex {
  const socket = new WebSocket(url, ['mqtt'], {
    ...tls,
    perMessageDeflate: false,
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
  });
  const stream = createWebSocketStream(socket);
  socket.on('close', () => stream.destroy());
  return stream;
}

async function readTls({ caFile, certFile, keyFile }: Settings): Promise<TlsFiles> {
  const files = Object.entries({ ca: caFile, cert: certFile, key: keyFile });
  const read = files.map(async ([name, path]) => (path === null ? [] : [[name, await readPem(path)]]));
  return Object.fromEntries((await Promise.all(read)).flat());
}

async function readPem(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SinkError('credentials', `a TLS file of the MQTT broker cannot be read: ${reason}`, {
      cause: error,
    });
  }
}
