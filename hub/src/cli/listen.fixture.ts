import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';

/** Opens a stand-in hub on a free port of loopback and returns its address, such as `http://127.0.0.1:40001`. */
export async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
