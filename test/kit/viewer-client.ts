import type { SnapshotDevice } from '@fieldline/protocol';
import { DeviceClient, type Message } from './device-client.js';
import { ADMIN_TOKEN } from './hub-process.js';

/** A viewer with the admin's token. */
export class ViewerClient {
  readonly #client: DeviceClient;

  private constructor(client: DeviceClient) {
    this.#client = client;
  }

  static async connect(url: string, token = ADMIN_TOKEN): Promise<ViewerClient> {
    return new ViewerClient(await DeviceClient.connect(url, { path: '/ws/v1/live', token }));
  }

  get socket(): DeviceClient['socket'] {
    return this.#client.socket;
  }

  get messages(): readonly Message[] {
    return this.#client.messages;
  }

  send(message: object | string): void {
    this.#client.send(message);
  }

  /** Subscribes and answers the whole snapshot. */
  async subscribe(id: number, rest: object): Promise<SnapshotDevice[]> {
    this.send({ type: 'subscribe', id, ...rest });
    const devices: SnapshotDevice[] = [];
    for (;;) {
      const snapshot = await this.take('snapshot');
      if (snapshot.id !== id) continue;
      devices.push(...(snapshot.devices as SnapshotDevice[]));
      if (snapshot.more === false) return devices;
    }
  }

  take(type: string): Promise<Message> {
    return this.#client.take(type);
  }

  end(): Promise<{ readonly code: number }> {
    return this.#client.end();
  }

  close(): void {
    this.#client.socket.terminate();
  }
}
