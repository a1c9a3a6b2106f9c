import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { deadline } from './deadline.js';
import { LineReader } from './line-reader.js';
import { tempDir } from './temp-dir.js';

/** Somebody else may take a port between our looking and the server's binding: others are tried so often. */
const TRIES = 3;

/** A real server as a process of its own, with a directory of its own, on ports that it keeps over restarts. */
export abstract class ServerProcess {
  readonly #name: string;
  readonly #directory: ReturnType<typeof tempDir>;
  #ports: readonly number[] = [];
  #child: ChildProcess | undefined;
  #exit: Promise<unknown> = Promise.resolve();
  #output = new LineReader();

  constructor(name: string) {
    this.#name = name;
    this.#directory = tempDir(name);
  }

  /** Removed at the end. */
  get directory(): string {
    return this.#directory.path;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** What it printed. */
  get output(): LineReader {
    return this.#output;
  }

  /** Starts it, for the first time or again with the same data on the same ports. Resolves when it answers. */
  async start(): Promise<void> {
    for (let tries = 1; ; tries++) {
      const isNew = this.#ports.length === 0;
      if (isNew) this.#ports = [await freePort(), await freePort()];
      this.#launch();
      const isUp = Promise.race([this.isUp(), this.#exit.then(() => false)]);
      if (await deadline(isUp, () => `${this.#name} to answer:\n${this.#output.tail()}`, 60_000)) return;
      if (!isNew || tries === TRIES)
        throw new Error(`${this.#name} ended at its start:\n${this.#output.tail()}`);
      this.#ports = [];
    }
  }

  /** Asks it to stop, also while it is frozen, and waits until it has. */
  async stop(): Promise<void> {
    this.thaw();
    this.#child?.kill('SIGTERM');
    await deadline(this.#exit, () => `${this.#name} to stop:\n${this.#output.tail()}`, 60_000);
  }

  /** Pulls the plug, as far as a process can feel it. */
  async kill9(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#exit;
  }

  /** Stops it and starts it again: same data, same ports. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Lets its connections hang: the kernel accepts them, and nobody answers or resets them until {@link thaw}. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  /** Ends it, whatever state it is in, and removes its data. */
  async dispose(): Promise<void> {
    await this.kill9();
    this.#directory.remove();
  }

  /** One of the ports that are its own. */
  protected portAt(index: 0 | 1): number {
    return this.#ports[index] ?? 0;
  }

  /** What to run. */
  protected abstract command(): { readonly argv: readonly string[]; readonly options?: SpawnOptions };

  /** Resolves to true when it answers; need not end when the process does. */
  protected abstract isUp(): Promise<boolean>;

  #launch(): void {
    const { argv, options = {} } = this.command();
    const [program = '', ...args] = argv;
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const killWithUs = () => child.kill('SIGKILL');
    process.once('exit', killWithUs);
    this.#child = child;
    if (child.stdout && child.stderr) this.#output = new LineReader(child.stdout, child.stderr);
    this.#exit = once(child, 'close').finally(() => process.off('exit', killWithUs));
  }
}

/** Starts a server that answers. The caller disposes of it. */
export async function started<Server extends ServerProcess>(server: Server): Promise<Server> {
  try {
    await server.start();
    return server;
  } catch (error) {
    await server.dispose();
    throw error;
  }
}

/** A port of loopback that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
