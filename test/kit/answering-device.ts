import { DeviceClient, type Message } from './device-client.js';

export interface Manner {
  /** What it answers, beside type and id; `ok` by default. */
  readonly answer?: Readonly<Record<string, unknown>>;
  /** It says nothing until it is asked again. */
  readonly isQuiet?: boolean;
}

/** A device that executes each command once, and remembers what it has done over as many connections as it takes. */
export class AnsweringDevice {
  readonly id: string;
  /** Ids of commands that it has executed, in order. */
  readonly executed: string[] = [];
  readonly #token: string;
  readonly #manner: Manner;
  readonly #answers = new Map<string, object>();
  #client: DeviceClient | undefined;

  constructor(id: string, token: string, manner: Manner = {}) {
    this.id = id;
    this.#token = token;
    this.#manner = manner;
  }

  async connect(url: string): Promise<void> {
    const client = await DeviceClient.connect(url, { token: this.#token });
    this.#client = client;
    client.socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as Message;
      if (message.type === 'command') this.#take(message, client);
    });
    await client.hello({ boot: 'b1', seq: 0, caps: ['command', 'reconnect'] });
  }

  drop(): void {
    this.#client?.socket.terminate();
  }

  #take(command: Message, client: DeviceClient): void {
    const id = String(command.id);
    const { answer = { status: 'ok' }, isQuiet = false } = this.#manner;
    if (!this.#answers.has(id) && command.again !== true) {
      this.executed.push(id);
      this.#answers.set(id, answer);
      if (isQuiet) return;
    }
    const known = this.#answers.get(id) ?? { status: 'error', code: 'unknown_id' };
    client.send({ type: 'result', id, ...known });
  }
}
