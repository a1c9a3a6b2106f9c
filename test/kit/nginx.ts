import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deadline } from './deadline.js';
import { LineReader } from './line-reader.js';
import { tempDir } from './temp-dir.js';

/** Debian's nginx with a configuration of the test's own, as a single process. */
export class Nginx {
  readonly #dir = tempDir('nginx');
  readonly #http: string;
  #child: ChildProcess | undefined;
  #output = new LineReader();
  #exit: Promise<unknown> = Promise.resolve();

  /** @param http what stands in its `http` block */
  constructor(http: string) {
    this.#http = http;
  }

  async start(): Promise<void> {
    const { path } = this.#dir;
    for (const name of TEMPORARY) mkdirSync(join(path, name));
    const file = join(path, 'nginx.conf');
    const places = TEMPORARY.map((name) => `${name}_temp_path ${join(path, name)};`).join('\n');
    writeFileSync(
      file,
      `daemon off;
master_process off;
pid ${join(path, 'nginx.pid')};
error_log stderr notice;
events { worker_connections 256; }
http {
access_log off;
${places}
${this.#http}
}
`,
    );
    const child = spawn('nginx', ['-p', path, '-c', file, '-e', 'stderr'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#output = new LineReader(child.stdout, child.stderr);
    this.#exit = once(child, 'close');
    // It says so when it listens already.
    const running = this.#output.find((line) =>
      /using the "\w+" event method/.test(line) ? true : undefined,
    );
    const ended = this.#exit.then(() => {
      throw new Error(`nginx ended instead of starting:\n${this.#output.tail()}`);
    });
    ended.catch(() => undefined);
    await deadline(Promise.race([running, ended]), () => `nginx to run:\n${this.#output.tail()}`);
  }

  async dispose(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#exit;
    this.#dir.remove();
  }
}

/** Where it keeps what does not fit into memory; Debian's places are root's. */
const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'] as const;
