import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { clientFetch, type TlsClient } from './client-fetch.js';
import { deadline } from './deadline.js';
import { HubHttp } from './hub-http.js';
import { LineReader } from './line-reader.js';
import { tempDir } from './temp-dir.js';

/** The repository. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The admin token of every hub under test. */
export const ADMIN_TOKEN = `fla_${'t'.repeat(43)}`;

export interface HubOptions {
  /** Where it keeps its data; a fresh directory, removed at the end, by default. */
  readonly data?: string;
  /** Added to its environment: `{ FIELDLINE_RATE_LIMIT: '0' }`. */
  readonly env?: Readonly<Record<string, string>>;
  /** A program that runs it, as argv: `['strace', …]`. */
  readonly under?: readonly string[];
  /** How its API is reached, where it speaks TLS. */
  readonly tls?: TlsClient;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The built hub as a process of its own, driven from outside like any other server. */
export class HubProcess {
  readonly dataDir: string;
  readonly #options: HubOptions;
  readonly #removeData: () => void;
  #child: ChildProcess | undefined;
  #output = new LineReader();
  #exit: Promise<Exit> = Promise.resolve({ code: null, signal: null });
  #url = '';
  /** 0 takes a free one. */
  #port = '0';

  constructor(options: HubOptions = {}) {
    this.#options = options;
    const own = options.data === undefined ? tempDir('hub') : undefined;
    this.dataDir = options.data ?? own?.path ?? '';
    this.#removeData = () => own?.remove();
  }

  /** `http://127.0.0.1:<port>`. Another one after every start, but not after `restart`. */
  get url(): string {
    return this.#url;
  }

  get http(): HubHttp {
    const { tls } = this.#options;
    return new HubHttp(this.#url, ADMIN_TOKEN, tls && clientFetch(tls));
  }

  /** What it printed, line by line. */
  get output(): LineReader {
    return this.#output;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Resolves when it has ended. */
  get exit(): Promise<Exit> {
    return this.#exit;
  }

  /** Runs it until it ends by itself or prints its address. @returns whether it is ready */
  async launch(): Promise<boolean> {
    const program = `${ROOT}hub/bin/fieldline.cjs`;
    if (!existsSync(`${ROOT}hub/bundle/cli.js`)) throw new Error('the hub is not built: npm run build');
    const [command = process.execPath, ...args] = [
      ...(this.#options.under ?? []),
      process.execPath,
      program,
      'start',
    ];
    const child = spawn(command, args, {
      cwd: ROOT,
      env: { ...cleanEnv(), ...this.#environment(), ...this.#options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#output = new LineReader(child.stdout, child.stderr);
    this.#exit = once(child, 'close').then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
    }));
    const ready = this.#output.find(readyUrl).then((url) => {
      this.#url = url;
      return true;
    });
    const ended = this.#exit.then(() => false);
    return deadline(
      Promise.race([ready, ended]),
      () => `the hub to be ready:\n${this.#output.tail()}`,
      30_000,
    );
  }

  /** As {@link launch}, for a hub that must come up. */
  async start(): Promise<void> {
    if (await this.launch()) return;
    const { code, signal } = await this.#exit;
    throw new Error(`the hub ended with ${signal ?? code} instead of starting:\n${this.#output.tail()}`);
  }

  /** Pulls the plug, as far as a process can feel it. */
  async kill9(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#exit;
  }

  /** Asks it to stop, and waits until it has. */
  async stop(): Promise<Exit> {
    this.#child?.kill('SIGTERM');
    return deadline(this.#exit, () => `the hub to stop:\n${this.#output.tail()}`, 60_000);
  }

  /** Stops it and starts it again on the same port, as a service manager would. */
  async restart(): Promise<void> {
    this.#port = new URL(this.#url).port;
    await this.stop();
    await this.start();
  }

  /** Ends it, whatever state it is in, and removes its data if they are its own. */
  async dispose(): Promise<void> {
    await this.kill9();
    this.#removeData();
  }

  /** Memory that it occupies now, in bytes. */
  residentBytes(): number {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) * 1_024;
  }

  #environment(): Record<string, string> {
    return {
      FIELDLINE_HOST: '127.0.0.1',
      FIELDLINE_PORT: this.#port,
      FIELDLINE_DATA: this.dataDir,
      FIELDLINE_ADMIN_TOKEN: ADMIN_TOKEN,
    };
  }
}

/** Starts a hub that answers. */
export async function startHub(options: HubOptions = {}): Promise<HubProcess> {
  const hub = new HubProcess(options);
  await hub.start();
  return hub;
}

/** Nothing of the tester's own configuration may leak into a test. */
export function cleanEnv(): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && !/^(FIELDLINE_|NODE_|VITEST)/.test(name)) kept[name] = value;
  }
  return kept;
}

/** The address in the greeting, which is printed whatever the log level. */
function readyUrl(line: string): string | undefined {
  return /Fieldline is ready at (http\S+)/.exec(line)?.[1];
}
