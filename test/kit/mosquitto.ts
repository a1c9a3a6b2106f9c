import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { deadline } from './deadline.js';
import { LineReader } from './line-reader.js';
import { tempDir } from './temp-dir.js';

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

/** Debian's mosquitto on a free port of loopback, which it keeps over restarts. */
export class Mosquitto {
  readonly #options: MosquittoOptions;
  readonly #dir = tempDir('mosquitto');
  #port = 0;
  #plainPort = 0;
  #child: ChildProcess | undefined;
  #output = new LineReader();
  #exit: Promise<unknown> = Promise.resolve();

  constructor(options: MosquittoOptions = {}) {
    this.#options = options;
  }

  get port(): number {
    return this.#port;
  }

  /** Without credentials: `mqtt://127.0.0.1:<port>`, or `mqtts:`, `ws:`, `wss:`. */
  get url(): string {
    const { tls, webSocket } = this.#options;
    const scheme = webSocket ? (tls ? 'wss' : 'ws') : tls ? 'mqtts' : 'mqtt';
    return `${scheme}://127.0.0.1:${this.#port}`;
  }

  /** What it logged, with everything that it receives and sends. */
  get output(): LineReader {
    return this.#output;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  async start(): Promise<void> {
    if (this.#port === 0) [this.#port, this.#plainPort] = [await freePort(), await freePort()];
    const child = spawn('mosquitto', ['-c', this.#configure()], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    this.#output = new LineReader(child.stdout, child.stderr);
    this.#exit = once(child, 'close');
    const running = this.#output.find((line) =>
      /mosquitto version \S+ running/.test(line) ? true : undefined,
    );
    const ended = this.#exit.then(() => {
      throw new Error(`mosquitto ended instead of starting:\n${this.#output.tail()}`);
    });
    ended.catch(() => undefined);
    await deadline(Promise.race([running, ended]), () => `mosquitto to run:\n${this.#output.tail()}`);
  }

  /** Asks it to stop; it saves what it keeps. */
  async stop(): Promise<void> {
    this.#child?.kill('SIGCONT');
    this.#child?.kill('SIGTERM');
    await deadline(this.#exit, () => 'mosquitto to stop');
  }

  /** Pulls the plug. */
  async kill9(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#exit;
  }

  /** Stops it and starts it again on the same port with the same data. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** It accepts connections (the kernel does) and says nothing any more. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  /** Ends it, whatever state it is in, and removes its data. */
  async dispose(): Promise<void> {
    await this.kill9();
    this.#dir.remove();
  }

  #configure(): string {
    const { users, tls, webSocket, persistence = false, lines = [] } = this.#options;
    const data = join(this.#dir.path, 'data');
    mkdirSync(data, { recursive: true });
    const config = [
      `listener ${this.#port} 127.0.0.1`,
      ...(webSocket ? ['protocol websockets'] : []),
      ...(tls ? [`cafile ${tls.caFile}`, `certfile ${tls.certFile}`, `keyfile ${tls.keyFile}`] : []),
      // Version 2.0.11 takes a broker that has WebSocket listeners only for one that has none.
      ...(webSocket ? [`listener ${this.#plainPort} 127.0.0.1`] : []),
      `allow_anonymous ${users === undefined}`,
      ...(users === undefined ? [] : [`password_file ${this.#passwordFile(users)}`]),
      ...(persistence ? ['persistence true', `persistence_location ${data}/`] : ['persistence false']),
      // Otherwise it drops what a subscriber that is away should get.
      'max_queued_messages 0',
      'log_dest stderr',
      ...(process.getuid?.() === 0 ? ['user root'] : []),
      ...lines,
    ];
    const file = join(this.#dir.path, 'mosquitto.conf');
    writeFileSync(file, `${config.join('\n')}\n`);
    return file;
  }

  #passwordFile(users: Readonly<Record<string, string>>): string {
    const file = join(this.#dir.path, 'passwords');
    const lines = Object.entries(users).map(([name, password]) => `${name}:${password}\n`);
    writeFileSync(file, lines.join(''), { mode: 0o600 });
    execFileSync('mosquitto_passwd', ['-U', file]);
    return file;
  }
}

/** Starts a broker that answers. */
export async function startMosquitto(options: MosquittoOptions = {}): Promise<Mosquitto> {
  const mosquitto = new Mosquitto(options);
  await mosquitto.start();
  return mosquitto;
}

/** A port of loopback that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
