import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

export interface ServerProcessOptions {
  /** For messages: what it is. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Whether it answers. May throw for "not yet". */
  readonly isUp: () => Promise<boolean>;
}

const UP_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 60_000;
const POLL_MS = 20;
/** So much of what it said last is shown when it fails. */
const SHOWN_CHARACTERS = 2_000;

/** A server of somebody else's, in a process of its own, that can be stopped and started again as it was. */
export class ServerProcess {
  readonly #options: ServerProcessOptions;
  #child: ChildProcess | null = null;
  #said = '';

  constructor(options: ServerProcessOptions) {
    this.#options = options;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Resolves once it answers. */
  async start(): Promise<void> {
    const { name, command, args, env, isUp } = this.#options;
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    });
    this.#child = child;
    this.#said = '';
    const hear = (data: Buffer) => {
      this.#said = `${this.#said}${data}`.slice(-SHOWN_CHARACTERS);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('error', (error) => hear(Buffer.from(`${command}: ${error.message}`)));
    const killWithUs = () => child.kill('SIGKILL');
    process.once('exit', killWithUs);
    child.once('close', () => process.off('exit', killWithUs));
    const deadlineMs = performance.now() + UP_WITHIN_MS;
    while (!(await isUp().catch(() => false))) {
      if (hasEnded(child)) throw new Error(`${name} ended before it answered: ${this.#said}`);
      if (performance.now() > deadlineMs) throw new Error(`${name} does not answer: ${this.#said}`);
      await delay(POLL_MS);
    }
  }

  /** Stops it with SIGTERM, as a service manager would, and waits until it has ended. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child === null || child.pid === undefined || hasEnded(child)) return;
    const closed = once(child, 'close');
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
    await closed;
    clearTimeout(late);
  }

  /** Ends it at once; its data is not needed any more. */
  kill(): void {
    this.#child?.kill('SIGKILL');
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}
