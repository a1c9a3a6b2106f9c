import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { freePort } from '../free-port.js';
import { ServerProcess } from './server-process.js';

/**
 * Its own limits are off: by default it drops QoS 1 messages beyond 1,000 that wait for a subscriber, and a
 * figure that counts arrivals would count that.
 */
const CONFIGURATION = (port: number) => `listener ${port} 127.0.0.1
allow_anonymous true
persistence false
max_queued_messages 0
max_inflight_messages 0
log_type error
user root
`;

/** A real mosquitto 2 (Debian: mosquitto). */
export class Mosquitto {
  readonly port: number;
  readonly #server: ServerProcess;

  private constructor(port: number, server: ServerProcess) {
    this.port = port;
    this.#server = server;
  }

  /** Starts one on a free port, with its configuration in `directory`. */
  static async start(directory: string): Promise<Mosquitto> {
    const port = await freePort();
    const file = join(directory, 'mosquitto.conf');
    await writeFile(file, CONFIGURATION(port));
    const server = new ServerProcess({
      name: 'mosquitto',
      command: 'mosquitto',
      args: ['-c', file],
      env: { PATH: `${process.env.PATH}:/usr/sbin` },
      isUp: () => listens(port),
    });
    await server.start();
    return new Mosquitto(port, server);
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.#server.pid;
  }

  kill(): void {
    this.#server.kill();
  }
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.destroy();
  return true;
}
