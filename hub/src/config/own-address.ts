import type { Config } from '../config.js';

/** Addresses that stand for every one of a machine, and the one by which the machine reaches itself. */
const WILDCARDS: ReadonlyMap<string, string> = new Map([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '[::1]'],
]);

/** The port of a hub whose configuration leaves it to the system (0): nobody else can know it. */
const USUAL_PORT = 8080;

/**
 * Where a hub with this configuration is reached from its own machine or container: `http://127.0.0.1:8080`, without a
 * trailing slash.
 */
export function ownAddress({ host, port, tls }: Pick<Config, 'host' | 'port' | 'tls'>): string {
  const name = WILDCARDS.get(host) ?? (host.includes(':') ? `[${host}]` : host);
  return `${tls.cert === null ? 'http' : 'https'}://${name}:${port || USUAL_PORT}`;
}
