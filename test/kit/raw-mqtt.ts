import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import mqtt, { type Packet } from 'mqtt-packet';
import { deadline } from './deadline.js';

export interface RawLogIn {
  readonly username?: string;
  readonly password?: string;
  readonly clientId?: string;
  readonly clean?: boolean;
  readonly keepalive?: number;
  readonly will?: {
    readonly topic: string;
    readonly payload: string;
    readonly qos?: 0 | 1;
    readonly retain?: boolean;
  };
}

/** A socket that speaks MQTT packets, and does nothing by itself: it sends what the test says, right or wrong. */
export class RawMqtt {
  readonly socket: Socket;
  readonly packets: Packet[] = [];
  readonly #closed: Promise<unknown>;
  readonly #waiting = new Set<() => void>();
  #isClosed = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    const parser = mqtt.parser();
    parser.on('packet', (packet) => {
      this.packets.push(packet);
      this.#wake();
    });
    socket.on('data', (bytes) => parser.parse(bytes));
    socket.on('error', () => {});
    this.#closed = new Promise((resolve) => socket.once('close', resolve)).then(() => {
      this.#isClosed = true;
      this.#wake();
    });
  }

  static async open(url: string): Promise<RawMqtt> {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port) });
    const raw = new RawMqtt(socket);
    await once(socket, 'connect');
    return raw;
  }

  /** Connects and logs in. @throws Error when that is refused */
  static async logIn(url: string, logIn: RawLogIn): Promise<RawMqtt> {
    const raw = await RawMqtt.open(url);
    const code = await raw.connect(logIn);
    if (code !== 0) throw new Error(`CONNACK says ${code}`);
    return raw;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /**
   * Sends CONNECT.
   * @param change makes it wrong
   * @returns the code of the CONNACK; null when the connection was closed instead
   */
  async connect(
    { username, password, clientId = '', clean = true, keepalive = 0, will }: RawLogIn,
    change: (packet: Buffer) => void = () => {},
  ): Promise<number | null> {
    const packet = mqtt.generate({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clean,
      clientId,
      keepalive,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password: Buffer.from(password) }),
      ...(will === undefined
        ? {}
        : { will: { qos: 0, retain: false, ...will, payload: Buffer.from(will.payload) } }),
    });
    change(packet);
    this.socket.write(packet);
    const answer = await this.next('connack');
    return answer?.cmd === 'connack' ? (answer.returnCode ?? null) : null;
  }

  send(packet: Packet): void {
    this.socket.write(mqtt.generate(packet));
  }

  /** @returns the granted QoS, or 128, of each; null when the connection was closed instead */
  async subscribe(filters: readonly string[], qos: 0 | 1 = 1): Promise<readonly number[] | null> {
    this.send({ cmd: 'subscribe', messageId: 7, subscriptions: filters.map((topic) => ({ topic, qos })) });
    const answer = await this.next('suback');
    return answer?.cmd === 'suback' ? (answer.granted as number[]) : null;
  }

  /** Publishes with QoS 1. @returns whether it was confirmed; false when the connection was closed instead */
  async publish(topic: string, payload: string, messageId = 9): Promise<boolean> {
    this.send({ cmd: 'publish', topic, payload, qos: 1, messageId, dup: false, retain: false });
    return (await this.next('puback')) !== null;
  }

  /** Takes the first packet of a kind out of those that came, or come; null when the connection ends before. */
  async next(cmd: Packet['cmd'], matches: (packet: Packet) => boolean = () => true): Promise<Packet | null> {
    const wait = async (): Promise<Packet | null> => {
      for (;;) {
        const at = this.packets.findIndex((packet) => packet.cmd === cmd && matches(packet));
        if (at >= 0) return this.packets.splice(at, 1)[0] ?? null;
        if (this.#isClosed) return null;
        await new Promise<void>((resolve) => this.#waiting.add(resolve));
      }
    };
    return deadline(wait(), () => `${cmd}; there are ${this.packets.map((packet) => packet.cmd)}`);
  }

  /** Resolves when everything that was sent before has been handled: a ping is answered behind it. */
  async settled(): Promise<boolean> {
    this.send({ cmd: 'pingreq' });
    return (await this.next('pingresp')) !== null;
  }

  /** Resolves when the other side has closed the connection. */
  async closed(): Promise<void> {
    await deadline(this.#closed, () => 'the connection to be closed');
  }

  /** Cuts the cable. */
  destroy(): void {
    this.socket.destroy();
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}
