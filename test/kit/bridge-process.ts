import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { deadline } from './deadline.js';
import { cleanEnv, type Exit, ROOT } from './hub-process.js';
import { LineReader } from './line-reader.js';

/** The built bridge as a process of its own, as a service manager would run it. */
export class BridgeProcess {
  readonly #args: readonly string[];
  readonly #env: Readonly<Record<string, string>>;
  #child: ChildProcess | undefined;
  #output = new LineReader();
  #exit: Promise<Exit> = Promise.resolve({ code: null, signal: null });

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.#args = args;
    this.#env = env;
  }

  /** What it printed, on both streams. */
  get output(): LineReader {
    return this.#output;
  }

  get exit(): Promise<Exit> {
    return this.#exit;
  }

  /** Resolves when a line of its output fits. */
  async until(pattern: RegExp): Promise<string> {
    return deadline(
      this.#output.find((line) => (pattern.test(line) ? line : undefined)),
      () => `${pattern} of the bridge:\n${this.#output.tail()}`,
    );
  }

  /** Types a line into it. */
  type(line: string): void {
    this.#child?.stdin?.write(`${line}\n`);
  }

  start(): void {
    if (!existsSync(`${ROOT}firmware-bridge/bundle/cli.js`))
      throw new Error('the bridge is not built: npm run build');
    const child = spawn(
      process.execPath,
      [`${ROOT}firmware-bridge/bin/fieldline-bridge.cjs`, ...this.#args],
      {
        env: { ...cleanEnv(), ...this.#env },
        stdio: ['pipe', 'pipe', 'pipe'],
      },
    );
    child.stdin.on('error', () => undefined);
    this.#child = child;
    this.#output = new LineReader(child.stdout, child.stderr);
    this.#exit = once(child, 'close').then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
    }));
  }

  async kill9(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#exit;
  }

  async stop(): Promise<Exit> {
    this.#child?.kill('SIGTERM');
    return deadline(this.#exit, () => `the bridge to stop:\n${this.#output.tail()}`);
  }
}
