import { networkInterfaces } from 'node:os';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { ConnectionView } from '@fieldline/protocol';
import type { Config } from '../config.js';
import { isLoopback } from './hosts.js';
import { problems } from './problem.js';

export interface ConnectionRouteDeps {
  readonly config: Pick<Config, 'host' | 'port' | 'origins' | 'mqtt'>;
  /** With it the hub speaks TLS. */
  readonly certificate: object | null;
  /** Port of the embedded broker; null when there is none. */
  readonly mqttPort: () => number | null;
}

/** More addresses than this belong to containers and tunnels. */
const MAX_ADDRESSES = 8;

/** `GET /connection`: how devices reach this hub. */
export const connectionRoutes: FastifyPluginAsyncTypebox<ConnectionRouteDeps> = async (app, deps) => {
  const { config, certificate } = deps;

  app.get(
    '/connection',
    {
      config: { access: 'operator' },
      schema: {
        operationId: 'getConnection',
        summary: 'How devices reach the hub',
        description:
          'Addresses for the sketches of new devices, and whether any board can reach them at all.',
        tags: ['operation'],
        response: { 200: ConnectionView, ...problems({}) },
      },
    },
    async ({ socket }) => {
      const { urls, otherUrls, ...rest } = connectionOf(deps, socket.localPort ?? config.port);
      return { ...rest, urls: [...urls], otherUrls: [...otherUrls] };
    },
  );

  function connectionOf({ mqttPort }: ConnectionRouteDeps, port: number): ConnectionView {
    const bound = boundTo(config.host);
    const at = (host: string) => `${certificate === null ? 'http' : 'https'}://${written(host)}:${port}`;
    const origins = config.origins.filter((origin) => !isLoopback(new URL(origin).hostname));
    const machine = addressesOf(networkInterfaces()).map(at);
    const listening = bound === 'all' ? machine : bound === 'loopback' ? [] : [at(config.host)];
    const urls = [...new Set([...origins, ...listening])];
    return {
      loopbackOnly: bound === 'loopback' && origins.length === 0,
      urls,
      otherUrls: bound === 'loopback' ? machine : [],
      mqtt: mqttOf(config.mqtt, mqttPort(), certificate !== null),
    };
  }
};

function boundTo(host: string): 'all' | 'loopback' | 'one' {
  if (host === '0.0.0.0' || host === '::') return 'all';
  return isLoopback(host) ? 'loopback' : 'one';
}

function mqttOf(mqtt: Config['mqtt'], ownPort: number | null, isTls: boolean): ConnectionView['mqtt'] {
  const { prefix } = mqtt;
  if (mqtt.url === null) {
    if (ownPort === null) return null;
    return { embedded: true, host: null, port: ownPort, secure: isTls && mqtt.tls !== 'off', prefix };
  }
  const { protocol, hostname, port } = new URL(mqtt.url);
  if (protocol !== 'mqtt:' && protocol !== 'mqtts:') return null;
  const secure = protocol === 'mqtts:';
  return { embedded: false, host: hostname, port: Number(port) || (secure ? 8883 : 1883), secure, prefix };
}

/** Addresses of this machine in its networks, IPv4 first: boards rarely have another. */
function addressesOf(interfaces: ReturnType<typeof networkInterfaces>): string[] {
  const all = Object.values(interfaces)
    .flatMap((each) => each ?? [])
    .filter(({ internal, address }) => !internal && !/^fe80:|^169\.254\./i.test(address));
  const inOrder = [
    ...all.filter(({ family }) => family === 'IPv4'),
    ...all.filter(({ family }) => family === 'IPv6'),
  ];
  return inOrder.slice(0, MAX_ADDRESSES).map(({ address }) => address);
}

function written(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
