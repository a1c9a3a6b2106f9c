import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ServerProcess, started } from './server-process.js';

export interface MosquittoOptions {
  /** Names and passwords; without them anybody may connect. */
  readonly users?: Readonly<Record<string, string>>;
  /** Its listener speaks TLS, with these PEM files. */
  readonly tls?: { readonly caFile: string; readonly certFile: string; readonly keyFile: string };
  /** Its listener speaks WebSocket. */
  readonly webSocket?: boolean;
  /** Sessions and retained messages outlive `stop` and `restart`; by default they do not. */
  readonly persistence?: boolean;
  /** More lines for its configuration file, such as `max_packet_size 1000`. */
  readonly lines?: readonly string[];
}

/** Whether Debian's broker and clients can be used: for `requireTool`. They print their version with code 3. */
export const MOSQUITTO_PROBES = {
  mosquitto: ['sh', '-c', 'mosquitto -h >/dev/null 2>&1; test $? -ne 127'],
  clients: ['sh', '-c', 'mosquitto_sub --help >/dev/null 2>&1; test $? -ne 127'],
} as const;

/** Debian's mosquitto on loopback. */
export class Mosquitto extends ServerProcess {
  readonly #options: MosquittoOptions;

  constructor(options: MosquittoOptions = {}) {
    super('mosquitto');
    this.#options = options;
  }

  get port(): number {
    return this.portAt(0);
  }

  /** Without credentials: `mqtt://127.0.0.1:<port>`, or `mqtts:`, `ws:`, `wss:`. */
  get url(): string {
    const { tls, webSocket } = this.#options;
    const scheme = webSocket ? (tls ? 'wss' : 'ws') : tls ? 'mqtts' : 'mqtt';
    return `${scheme}://127.0.0.1:${this.port}`;
  }

  protected command() {
    return { argv: ['mosquitto', '-c', this.#configure()] };
  }

  protected isUp(): Promise<boolean> {
    return this.output.find((line) => (/mosquitto version \S+ running/.test(line) ? true : undefined));
  }

  #configure(): string {
    const { users, tls, webSocket, persistence = false, lines = [] } = this.#options;
    const data = join(this.directory, 'data');
    mkdirSync(data, { recursive: true });
    const config = [
      `listener ${this.port} 127.0.0.1`,
      ...(webSocket ? ['protocol websockets'] : []),
      ...(tls ? [`cafile ${tls.caFile}`, `certfile ${tls.certFile}`, `keyfile ${tls.keyFile}`] : []),
      // Version 2.0.11 takes a broker that has WebSocket listeners only for one that has none.
      ...(webSocket ? [`listener ${this.portAt(1)} 127.0.0.1`] : []),
      `allow_anonymous ${users === undefined}`,
      ...(users === undefined ? [] : [`password_file ${this.#passwordFile(users)}`]),
      ...(persistence ? ['persistence true', `persistence_location ${data}/`] : ['persistence false']),
      // Otherwise it drops what a subscriber that is away should get.
      'max_queued_messages 0',
      'log_dest stderr',
      ...(process.getuid?.() === 0 ? ['user root'] : []),
      ...lines,
    ];
    const file = join(this.directory, 'mosquitto.conf');
    writeFileSync(file, `${config.join('\n')}\n`);
    return file;
  }

  #passwordFile(users: Readonly<Record<string, string>>): string {
    const file = join(this.directory, 'passwords');
    const lines = Object.entries(users).map(([name, password]) => `${name}:${password}\n`);
    writeFileSync(file, lines.join(''), { mode: 0o600 });
    execFileSync('mosquitto_passwd', ['-U', file]);
    return file;
  }
}

/** Starts a broker that answers. The caller disposes of it. */
export function startMosquitto(options: MosquittoOptions = {}): Promise<Mosquitto> {
  return started(new Mosquitto(options));
}
