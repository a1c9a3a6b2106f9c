import { isIP } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/**
 * Makes `X-Forwarded-For` fit to be believed, where a trusted proxy is believed at all: some write ports to the
 * addresses, and some pass on whatever the client wrote.
 */
export function readForwarding(app: FastifyInstance): void {
  app.addHook('onRequest', async ({ raw: { headers } }) => {
    const said = headers['x-forwarded-for'];
    if (typeof said === 'string') headers['x-forwarded-for'] = forwardedAddresses(said);
  });
}

/**
 * The addresses in an `X-Forwarded-For`, the nearest last, without ports. What is no address, and what stands before
 * it, is left out: nobody knows who wrote it.
 */
export function forwardedAddresses(header: string): string {
  const addresses: string[] = [];
  for (const part of header.split(',').reverse()) {
    const address = withoutPort(part.trim());
    if (isIP(address) === 0) break;
    addresses.unshift(address);
  }
  return addresses.join(', ');
}

function withoutPort(text: string): string {
  return /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
}

/** Whether the request came by TLS: to the hub itself, or to a proxy that is trusted. Some of these say `wss`. */
export function isSecure({ protocol }: FastifyRequest): boolean {
  return /^(?:https|wss)$/i.test(protocol);
}
