import { crc16Text } from '../../firmware-bridge/src/lines/crc16.js';
import { SerialCable } from './serial-cable.js';

export interface BoardManner {
  /** In its hello. */
  readonly caps?: readonly string[];
  readonly rxMax?: number;
  /** Puts a check behind each line. */
  readonly checked?: boolean;
  /** Says nothing when it is asked for a hello. */
  readonly isMute?: boolean;
}

/** A command as the board got it. */
export interface BoardCommand {
  readonly id: string;
  /** `relay.set on=true`. */
  readonly text: string;
}

/**
 * A board at the end of a cable, in JavaScript: answers `?`, numbers readings `{"n":1}`, `{"n":2}` … and keeps each until
 * it is acknowledged (saying it again after each hello), counts the commands that it is given, and answers them when it is told to.
 */
export class ScriptedBoard {
  readonly cable = new SerialCable();
  readonly #manner: BoardManner;
  boot = 'b1';
  /** Version of the configuration that it runs, and those that it was given. */
  config: number | undefined;
  readonly configs: { version: number; desired: Record<string, unknown> }[] = [];
  /** Ids of commands in the order in which they came; twice where one came twice. */
  readonly commands: BoardCommand[] = [];
  /** Called with each command; it says nothing by itself. */
  onCommand: (command: BoardCommand) => void = () => {};
  onConfig: (config: { version: number; desired: Record<string, unknown> }) => void = () => {};
  /** Lines that it heard and that are none of these. */
  readonly others: string[] = [];
  sent = 0;
  acked = 0;

  constructor(manner: BoardManner = {}) {
    this.#manner = manner;
  }

  get port(): string {
    return this.cable.port;
  }

  /** Resolves when the cable is in. */
  async plug(): Promise<void> {
    await this.cable.plug();
    // Every line goes through here, and nothing of it is found.
    void this.cable.heard.find((line) => {
      this.#hear(line);
      return undefined;
    });
  }

  async pull(): Promise<void> {
    await this.cable.pull();
  }

  async dispose(): Promise<void> {
    await this.cable.dispose();
  }

  /** Says a line, with its check where it has them. */
  say(text: string): void {
    this.cable.say(`${this.#line(text)}\n`);
  }

  /** Begins to say a line, and does not come to its end. */
  sayHalf(text: string): void {
    const line = this.#line(text);
    this.cable.say(line.slice(0, Math.ceil(line.length / 2)));
  }

  hello(): void {
    const { caps = [], rxMax = 256 } = this.#manner;
    const config = this.config === undefined ? {} : { config: this.config };
    this.say(JSON.stringify({ type: 'hello', boot: this.boot, seq: this.sent, caps, rxMax, ...config }));
  }

  /** Gives out the next `count` numbers and says them. */
  measure(count: number): void {
    for (let n = 0; n < count; n++) this.say(this.numbered(++this.sent));
  }

  numbered(n: number): string {
    return JSON.stringify({ type: 'telemetry', seq: n, values: { n } });
  }

  #line(text: string): string {
    return this.#manner.checked ? `${text} *${crc16Text(Buffer.from(text))}` : text;
  }

  #hear(line: string): void {
    const text = line.replace(/ \*[0-9A-F]{4}$/, '');
    const [, id, command] = /^!(\S+) (.*)$/.exec(text) ?? [];
    if (text === '?') {
      if (this.#manner.isMute) return;
      this.hello();
      for (let n = this.acked + 1; n <= this.sent; n++) this.say(this.numbered(n));
    } else if (id !== undefined && command !== undefined) {
      const heard = { id, text: command };
      this.commands.push(heard);
      this.onCommand(heard);
    } else if (text.startsWith('{')) this.#message(JSON.parse(text) as Record<string, unknown>);
    else this.others.push(line);
  }

  #message(message: Record<string, unknown>): void {
    if (message.type === 'ack' && message.boot === this.boot) {
      this.acked = Math.max(this.acked, Number(message.seq));
    } else if (message.type === 'config') {
      const config = {
        version: Number(message.version),
        desired: message.desired as Record<string, unknown>,
      };
      this.configs.push(config);
      this.onConfig(config);
    }
  }
}
