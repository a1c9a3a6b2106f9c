import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { HubProcess } from './hub-process.js';

const EVERY_MS = 20;

/** A viewer that asked for nothing, and measures how long the hub takes to answer its WebSocket pings. */
export class Ping {
  readonly #socket: WebSocket;
  readonly #sentAtMs: number[] = [];
  #took: number[] = [];
  #timer: NodeJS.Timeout | undefined;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('pong', () => {
      const sentAtMs = this.#sentAtMs.shift();
      if (sentAtMs !== undefined) this.#took.push(performance.now() - sentAtMs);
    });
  }

  static async open(hub: HubProcess): Promise<Ping> {
    const socket = new WebSocket(`${hub.url.replace('http', 'ws')}/ws/v1/live`, {
      headers: { authorization: `Bearer ${hub.adminToken}` },
      perMessageDeflate: false,
    });
    await once(socket, 'open');
    const ping = new Ping(socket);
    // Every 20 ms, whether the one before was answered or not: who waits for answers does not see the queue.
    ping.#timer = setInterval(() => {
      ping.#sentAtMs.push(performance.now());
      socket.ping();
    }, EVERY_MS);
    return ping;
  }

  /** Round trips since the last call, ms. */
  taken(): readonly number[] {
    const took = this.#took;
    this.#took = [];
    return took;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#socket.terminate();
  }
}
