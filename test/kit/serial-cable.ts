import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, watch } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { LineReader } from './line-reader.js';
import { tempDir } from './temp-dir.js';

type Socat = ChildProcessByStdio<Writable, Readable, null>;

/**
 * A serial cable: a pty that socat makes. The computer opens `port`; the test is the board at the other end. It can be
 * pulled, which ends the pty at once, and plugged in again under the same path.
 */
export class SerialCable {
  readonly #directory = tempDir('cable');
  #socat: Socat | undefined;
  #heard = new LineReader();

  /** Where the computer finds the board. */
  get port(): string {
    return join(this.#directory.path, 'ttyBOARD');
  }

  /** Lines that came to the board since the cable was plugged in. */
  get heard(): LineReader {
    return this.#heard;
  }

  /** The raw bytes to and from the board. */
  get board(): { readonly input: Readable; readonly output: Writable } {
    if (this.#socat === undefined) throw new Error('the cable is not plugged in');
    return { input: this.#socat.stdout, output: this.#socat.stdin };
  }

  async plug(): Promise<void> {
    const watcher = watch(this.#directory.path);
    try {
      const socat = spawn('socat', [`pty,rawer,link=${this.port}`, '-'], {
        stdio: ['pipe', 'pipe', 'ignore'],
      });
      socat.stdin.on('error', () => undefined);
      this.#heard = new LineReader(socat.stdout);
      this.#socat = socat;
      // The link of a cable that was pulled leads nowhere until then.
      while (!existsSync(this.port)) await once(watcher, 'change');
    } finally {
      watcher.close();
    }
  }

  /** The board says something. */
  say(text: string | Uint8Array): void {
    this.board.output.write(text);
  }

  /** The board hangs: nothing is taken from the line, and nothing said, until `thaw`. */
  freeze(): void {
    this.#socat?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#socat?.kill('SIGCONT');
  }

  /** As a hand pulls it: in the middle of whatever is on it. */
  async pull(): Promise<void> {
    const socat = this.#socat;
    this.#socat = undefined;
    if (socat === undefined) return;
    const ended = once(socat, 'exit');
    socat.kill('SIGKILL');
    await ended;
  }

  async dispose(): Promise<void> {
    await this.pull();
    this.#directory.remove();
  }
}
